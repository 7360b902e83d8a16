"""What other domains keep on a number for its lists."""

from __future__ import annotations

import pytest

from inventory.models import TelephoneNumber
from inventory.services import summaries
from portal import panels
from portal.panels import Panel
from tests import factories

pytestmark = pytest.mark.django_db


def test_each_number_gets_its_word_and_the_same_word_again_changes_nothing():
    one = factories.make_tn("+13125550142")
    other = factories.make_tn("+13125550143")
    words = {one.tn: "verified", other.tn: "invalid", "+13125550199": "verified"}
    assert summaries.note("e911_state", words) == 2
    assert summaries.note("e911_state", words) == 0
    assert dict(TelephoneNumber.objects.values_list("tn", "e911_state")) == {
        one.tn: "verified",
        other.tn: "invalid",
    }


def test_a_domain_shows_a_panel_on_the_numbers_page_or_none(client_for, viewer, monkeypatch):
    number = factories.make_tn("+13125550142")
    empty = Panel(
        template="portal/_empty.html",
        context={},
    )
    monkeypatch.setattr(panels, "number_panels", [lambda number, user: None])
    without = client_for(viewer).get(number.get_absolute_url()).content
    monkeypatch.setattr(panels, "number_panels", [lambda number, user: empty])
    assert client_for(viewer).get(number.get_absolute_url()).content != without
