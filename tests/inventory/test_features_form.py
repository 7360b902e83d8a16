"""The form of a feature, in the dialog of the number's page and as a page of its own."""

from __future__ import annotations

from tests.inventory.desk import desks
from tests.inventory.test_features_views import FORWARD, broker_without_worker, number, staff
from tests.portal.pages import HTMX, text_of

__all__ = ["broker_without_worker", "desks", "number", "staff"]


def test_its_own_page_posts_as_forms_do(staff, number):
    """There is no part of the number's page there that an answer could be put into."""
    page = text_of(staff.get(FORWARD))
    assert f'action="{FORWARD}"' in page.replace("%2B", "+")
    assert "hx-post" not in page.split('id="feature-form"')[1].split("</form>")[0]


def test_in_the_dialog_the_answer_goes_to_the_page_behind(staff, number):
    form = text_of(staff.get(FORWARD, headers=HTMX))
    assert 'hx-target="#tn-live"' in form
