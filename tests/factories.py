"""Plain functions that make rows for tests; every argument has a sensible default."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone

from e911.models import AddressCheck, EmergencyRecord, Location
from inventory import selection
from inventory.models import NumberSearch, SearchOffer, TelephoneNumber
from portal.models import Approval, Customer, Job, ProviderAccount, Upload, User
from portal.tn import TN
from porting.models import PortLine, PortOrder

_counter = itertools.count(1)
PASSWORD = "correct-horse-battery"

CREDENTIALS: dict[str, dict[str, str]] = {
    "voip_innovations": {"login": "sandbox", "secret": "sandbox-secret"},
    "voicetel": {"username": "2125550100", "password": "Sandbox1"},
    "intelepeer": {"username": "sandbox@example.net", "password": "sandbox-secret"},
    "custom_toll_free": {"key": "SANDBOXKEY0001"},
}
SETTINGS: dict[str, dict[str, str]] = {
    "voip_innovations": {"endpoint_group": "13550"},
    "voicetel": {"route": "4"},
    "intelepeer": {"package_id": "30001", "service_area": "4"},
    "custom_toll_free": {
        "resporg": "SBX01",
        "template": "*SBDEFAULT",
        "contact_name": "Example Desk",
        "contact_phone": "2125550142",
    },
}


def make_customer(name: str = "", **fields: Any) -> Customer:
    """Return a saved customer."""
    number = next(_counter)
    return Customer.objects.create(
        code=fields.pop("code", f"C-{number:04}"), name=name or f"Customer {number}", **fields
    )


def make_user(role: str = "operator", **fields: Any) -> User:
    """Return a saved user who signs in with `PASSWORD`."""
    number = next(_counter)
    fields.setdefault("name", f"User {number}")
    email = fields.pop("email", f"user{number}@example.net")
    return User.objects.create_user(email, PASSWORD, role=role, **fields)


def make_account(slug: str = "voip_innovations", **fields: Any) -> ProviderAccount:
    """Return a saved provider account with the sandbox's credentials."""
    number = next(_counter)
    fields.setdefault("name", f"{slug} {number}")
    fields.setdefault("base_url", "http://127.0.0.1:9")
    fields.setdefault("credentials", CREDENTIALS.get(slug, {}))
    fields.setdefault("settings", SETTINGS.get(slug, {}))
    fields.setdefault("is_sandbox", True)
    fields.setdefault("calls_per_minute", 10_000)
    return ProviderAccount.objects.create(slug=slug, **fields)


def make_tn(tn: str = "", *, npa: str = "312", **fields: Any) -> TelephoneNumber:
    """Return a saved number; without `tn` one of the 555-01xx range (more after the hundredth)."""
    number = next(_counter)
    value = TN(tn or f"+1{npa}555{number % 10_000:04}")
    fields.setdefault("account", None)
    if fields["account"] is None:
        fields["account"] = ProviderAccount.objects.first() or make_account()
    fields.setdefault("state", "in_service" if fields.get("customer") else "stock")
    fields.setdefault("state_since", timezone.now())
    return TelephoneNumber.objects.create(tn=value, npa=value.npa, nxx=value.nxx, **fields)


def make_job(actor: User | None = None, **fields: Any) -> Job:
    """Return a saved job; queued, of a kind that only tests use, unless told otherwise."""
    fields.setdefault("kind", "inventory.order_tns")
    fields.setdefault("title", "A job")
    fields.setdefault("queue", "default")
    return Job.objects.create(actor=actor, **fields)


def make_approval(asked_by: User, *numbers: TelephoneNumber, **fields: Any) -> Approval:
    """Return a saved question to a second person: to give these numbers back."""
    tns = [number.tn for number in numbers]
    kept = selection.again({"tns": tns, "mark": ""}, asked_by).kept()
    fields.setdefault("kind", "inventory.release")
    fields.setdefault("title", f"Give back {len(tns)} chosen numbers")
    fields.setdefault("intent", {"numbers": kept, "reason": "Not needed any more"})
    fields.setdefault("expires_at", timezone.now() + timedelta(days=3))
    return Approval.objects.create(
        asked_by=asked_by, count=len(tns), key=f"approval-{next(_counter)}", **fields
    )


def make_search(actor: User, *tns: str, account: ProviderAccount | None = None) -> NumberSearch:
    """Return a saved search with an offer for each number."""
    account = account or ProviderAccount.objects.first() or make_account()
    search = NumberSearch.objects.create(actor=actor, criteria={"npa": "312"})
    for tn in tns:
        SearchOffer.objects.create(
            search=search,
            account=account,
            tn=tn,
            rate_center="CHICAGO",
            region="IL",
            lata="358",
            tier="0",
            seen_at=timezone.now(),
        )
    return search


BILL: dict[str, Any] = {
    "name": "Lakeside Dental, Inc.",
    "account_number": "1234567890",
    "pin": "4321",
    "authorized_person": "Dana Lake",
    "street_number": "100",
    "street": "Example",
    "street_type": "St",
    "city": "Chicago",
    "region": "IL",
    "zip": "60601",
    "losing_carrier": "Example Bell",
}


def make_port(*tns: str, **fields: Any) -> PortOrder:
    """Return a saved port order with everything that a request needs, and these numbers.

    Fields of the bill stand for themselves; `state` is set as told, without the moves before it.
    """
    numbers = tns or (f"+1312555{next(_counter) % 10_000:04}",)
    fields.setdefault("account", ProviderAccount.objects.filter(slug="voicetel").first())
    if fields["account"] is None:
        fields["account"] = make_account("voicetel")
    facts = BILL | {"billing_tn": numbers[0], "loa_signed_on": timezone.localdate()} | fields
    facts.setdefault("number_count", len(numbers))
    order = PortOrder.objects.create(**facts)
    is_open = order.state in ("ready", *PortOrder.AT_PROVIDER)
    PortLine.objects.bulk_create(
        PortLine(order=order, tn=TN(tn), is_open=is_open) for tn in numbers
    )
    return order


ADDRESS: dict[str, str] = {
    "house_number": "12",
    "street": "Main",
    "street_suffix": "St",
    "city": "Chicago",
    "region": "IL",
    "zip": "60601",
    "caller_name": "Example LLC",
}


def make_place(name: str = "", **fields: Any) -> Location:
    """Return a saved place in Chicago."""
    return Location.objects.create(name=name or f"Place {next(_counter)}", **(ADDRESS | fields))


def make_record(number: TelephoneNumber, state: str = "verified", **fields: Any) -> EmergencyRecord:
    """Return the emergency record of a number; verified by its provider unless told otherwise."""
    now = timezone.now()
    record = EmergencyRecord(
        account=number.account,
        tn=number.tn,
        number=number,
        customer=number.customer,
        state=state,
        state_since=now,
        verified_at=now if state == "verified" else None,
        **(ADDRESS | fields),
    )
    if state in {*EmergencyRecord.LIVE, "orphan", "provisioning"}:
        record.take_accepted(record.lines, record.caller_name)
        record.accepted_at = now
    record.save()
    return record


def make_check(number: TelephoneNumber, verdict: str = "valid", **fields: Any) -> AddressCheck:
    """Return a check of an address for a number."""
    answered = timezone.now() if verdict not in {"pending", "failed"} else None
    typed = ADDRESS | {"typed_address1": "12 Main St", "checked_at": answered} | fields
    return AddressCheck.objects.create(
        account=number.account,
        customer=number.customer,
        tns=[number.tn],
        verdict=verdict,
        **typed,
    )


def make_upload(actor: User, **fields: Any) -> Upload:
    """Return a saved upload of numbers that is ready, with nothing in it."""
    fields.setdefault("kind", "numbers")
    fields.setdefault("name", "numbers.csv")
    fields.setdefault("state", "ready")
    fields.setdefault("head", ["number", "label"])
    fields.setdefault("mapping", list(fields["head"]))
    return Upload.objects.create(actor=actor, customer_id=actor.customer_id, **fields)
