"""Who gets what answer at the addresses of E911; see `test_access_matrix`."""

from __future__ import annotations

from typing import Any

from e911.models import AlertContact, KeptLocation
from inventory.models import TelephoneNumber
from portal.models import Customer
from tests import factories
from tests.access import (
    EVERYBODY,
    OPERATORS,
    OPERATORS_POST,
    OWNERS_AND_STAFF,
    STAFF,
    TN,
    Line,
    get,
    post,
)

THINGS = ("check", "place", "alert", "kept")

TABLE: dict[str, Line] = {
    # Customers have a list of their own numbers, staff the gap report.
    "e911:record-list": get("302 200 200 200 302 302 302"),
    "e911:own-list": get("302 302 302 302 200 200 200"),
    "e911:record-export": get(EVERYBODY),
    "e911:record-sync": post(OPERATORS_POST),
    # Charlie's number it is not: nothing is chosen, and he is sent back.
    "e911:record-set": get("302 403 200 200 403 200 302", tn=TN["tn"]),
    "e911:record-remove": get(OPERATORS, tn=TN["tn"]),
    "e911:check-list": get("302 403 200 200 403 200 404", id="check"),
    "e911:check-accept": post("302 403 302 302 403 302 404", id="check"),
    # The check has no answer yet; a customer does not confirm the sentence.
    "e911:check-provision": post("302 403 409 409 403 422 404", id="check"),
    "e911:gap-report": get(STAFF),
    "e911:gap-export": get(STAFF),
    # None is chosen: they are sent back to the report, and to the list.
    "e911:gap-do": get(OPERATORS_POST, {"name": "read"}),
    "e911:difference-repair": get(OPERATORS_POST, {"name": "adopt"}),
    "e911:difference-list": get(STAFF),
    "e911:difference-export": get(STAFF),
    "e911:orphan-list": get(STAFF),
    "e911:location-list": get(EVERYBODY),
    "e911:location-new": get(OPERATORS),
    "e911:location-detail": get(OWNERS_AND_STAFF, {"pk": "place"}),
    "e911:location-edit": get(OPERATORS, {"pk": "place"}),
    "e911:location-archive": post(OPERATORS_POST, {"pk": "place"}),
    "e911:location-move": get(OPERATORS, {"pk": "place"}),
    "e911:record-detail": get(OWNERS_AND_STAFF, TN),
    "e911:record-live": get(OWNERS_AND_STAFF, TN),
    "e911:record-refresh": post(OPERATORS_POST, TN),
    "e911:record-restore": post(OPERATORS_POST, TN),
    "e911:record-waive": get(OPERATORS, TN),
    "e911:record-require": post(OPERATORS_POST, TN),
    "e911:record-keep": get(OPERATORS, TN),
    "e911:history-read": post(OPERATORS_POST, TN),
    "e911:test-log": get(OPERATORS, TN),
    "e911:alert-add": get(OPERATORS, TN),
    "e911:alert-read": post(OPERATORS_POST, TN),
    "e911:alert-remove": get(OPERATORS, TN | {"pk": "alert"}),
    "e911:kept-list": get(OPERATORS, TN),
    "e911:kept-add": post(OPERATORS_POST, TN),
    # The form names no step.
    "e911:kept-change": post("302 403 404 404 403 403 403", TN | {"pk": "kept"}),
}


def things(number: TelephoneNumber, customer: Customer) -> dict[str, Any]:
    """Return one of everything that these addresses are about."""
    record = factories.make_record(number)
    held = {"account": number.account, "tn": number.tn}
    return {
        "check": factories.make_check(number, "pending"),
        "place": factories.make_place(customer=customer),
        "alert": AlertContact.objects.create(record=record, email="desk@example.net"),
        "kept": KeptLocation.objects.create(provider_ref="7", **held),
    }
