"""Presets of the cart, and until when a customer's new numbers are held."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import CartLine, Order, OrderPreset, Route, TelephoneNumber
from portal.models import AuditEntry
from portal.tasks import run_job
from tests.inventory.shop import market
from tests.portal.pages import text_of

__all__ = ["market"]

TN = "+13125550142"


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def client(client_for, operator, market):
    CartLine.objects.create(user=operator, account=market["shop"], tn=TN)
    return client_for(operator)


# -- presets ----------------------------------------------------------------------------------


def test_how_numbers_are_set_up_is_kept_and_filled_in(client, market, lakeside):
    route = Route.objects.create(
        account=market["shop"], provider_ref="13551", name="Backup SBC", kind="endpoint_group"
    )
    field = f"route_{market['shop'].pk}"
    answers = {field: "13551", "e911": "not_required", "e911_reason": "Fax", "port_out_pin": "4711"}
    given = answers | {"customer": lakeside.pk, "label": "Front desk"}
    kept = client.post("/cart/presets/", given | {"preset-name": "Fax lines"})
    assert kept.status_code == 200
    assert 'value="Front desk"' in text_of(kept)  # the form stays as it was
    preset = OrderPreset.objects.get()
    assert preset.answers == {field: "13551", "e911": "not_required", "e911_reason": "Fax"}
    used = text_of(client.post(f"/cart/presets/{preset.pk}/", {"label": "Reception"}))
    assert f'<option value="13551" selected>{route}</option>' in used
    assert 'value="Reception"' in used
    assert 'value="Fax"' in used
    assert "Nothing is ordered by this." in used
    assert not Order.objects.exists()
    client.post("/cart/presets/", {"e911": "later", "preset-name": "Fax lines"})
    preset.refresh_from_db()
    assert preset.answers == {"e911": "later"}
    client.post(f"/cart/presets/{preset.pk}/forget/")
    assert not OrderPreset.objects.exists()
    verbs = AuditEntry.objects.filter(verb__startswith="inventory.preset").order_by("pk")
    assert [entry.verb.split(".")[-1] for entry in verbs] == ["kept", "kept", "dropped"]
    assert "4711" not in str(list(verbs.values()))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"preset-name": ""}, "A preset needs a name. Nothing was kept."),
        ({"preset-name": "Fax", "e911": "not_required"}, "Say why no E911 record is needed."),
    ],
)
def test_a_wrong_answer_is_not_kept(client, values, words):
    answer = client.post("/cart/presets/", values)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not OrderPreset.objects.exists()


# -- the hold for the customer ----------------------------------------------------------------


def ordered(client, **values) -> TelephoneNumber:
    line = CartLine.objects.get(tn=TN)
    answer = client.post("/orders/new/", {"key": "order-1", "line": line.pk} | values)
    assert answer.status_code == 302
    return TelephoneNumber.objects.get(tn=TN)


def test_a_customers_numbers_are_held_until_a_day(client, lakeside, run_jobs):
    day = timezone.localdate() + timedelta(days=9)
    page = client.post("/cart/preview/", {"customer": lakeside.pk, "held_until": day.isoformat()})
    assert f"held for this customer until {day:%b} {day.day}, {day.year}" in text_of(page)
    ordered(client, customer=lakeside.pk, held_until=day.isoformat())
    run_jobs()
    number = TelephoneNumber.objects.get(tn=TN)
    assert (number.state, number.held_until) == ("held", day)


def test_a_hold_without_a_day_is_the_usual_one(client, lakeside, run_jobs, settings):
    settings.RELEASE_HOLD_DAYS = 12
    ordered(client, customer=lakeside.pk)
    run_jobs()
    usual = timezone.localdate() + timedelta(days=12)
    assert TelephoneNumber.objects.get(tn=TN).held_until == usual


def test_a_hold_ends_after_today(client, lakeside):
    given = {"customer": lakeside.pk, "held_until": timezone.localdate().isoformat()}
    answer = client.post("/cart/preview/", given)
    assert answer.status_code == 422
    assert "Choose a day after today." in text_of(answer)


def test_stock_is_held_for_nobody(client, run_jobs):
    ordered(client, held_until="2020-01-01")
    run_jobs()
    number = TelephoneNumber.objects.get(tn=TN)
    assert (number.state, number.held_until) == ("stock", None)
