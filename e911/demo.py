"""E911 of the demo data set: what the sandbox holds, and a few addresses set as a person would."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from e911 import operations, services
from e911.addresses import Parts
from e911.models import AddressCheck, EmergencyRecord, Location
from e911.services import standings
from inventory.models import TelephoneNumber
from portal import jobs
from portal.models import Customer, ProviderAccount, User

NUMBERS = 3  # of each place, at each provider
# Customer → name of the place, its address, whether others live there too. House number 0 is none.
PLACES: dict[str, tuple[str, Parts, bool]] = {
    "LAKE": (
        "Practice",
        Parts(
            house_number="100",
            street="Example",
            street_suffix="St",
            unit_type="STE",
            unit="4",
            city="Chicago",
            region="IL",
            zip="60601",
        ),
        True,
    ),
    "NORTH": (
        "Depot",
        Parts(
            house_number="2200",
            street="Sample",
            street_suffix="Road",
            city="Chicago",
            region="IL",
            zip="60601",
        ),
        True,
    ),
    "HARBOR": (
        "Studio",
        Parts(
            house_number="0",
            street="Example",
            street_suffix="Ave",
            city="Chicago",
            region="IL",
            zip="60601",
        ),
        False,
    ),
}


def seed(accounts: Sequence[ProviderAccount], *, actor: User) -> int:
    """Read the sandbox's records and set some more, once, by jobs that run right here.

    Returns how many records there are.
    """
    if EmergencyRecord.objects.exists():
        return EmergencyRecord.objects.count()
    for account in accounts:
        jobs.execute(operations.sync_records(account, actor=None).pk)
    customers = Customer.objects.in_bulk(list(PLACES), field_name="code")
    for code, (name, parts, is_multi_unit) in PLACES.items():
        if code not in customers:
            continue
        place = Location(name=name, customer=customers[code], is_multi_unit=is_multi_unit)
        place.take_parts(parts)
        place.caller_name = customers[code].name
        place.save()
        for account in accounts:
            _set(place, account, actor)
    standings.catch_up()
    return EmergencyRecord.objects.count()


def _set(place: Location, account: ProviderAccount, actor: User) -> None:
    """Check the place's address at one account and put it on some numbers of its customer."""
    free = TelephoneNumber.objects.filter(
        account=account, customer=place.customer, state="in_service", e911_state="none"
    )
    numbers = list(free.select_related("account", "customer").order_by("tn")[:NUMBERS])
    if not numbers:
        return
    check = services.new_check(
        account=account,
        parts=place.parts,
        caller_name=place.caller_name,
        is_multi_unit=place.is_multi_unit,
        customer=place.customer,
        location=place,
        numbers=numbers,
        actor=actor,
    )
    jobs.execute(operations.validate(check, actor=actor).pk)
    check.refresh_from_db()
    if check.verdict == AddressCheck.Verdict.INVALID:
        return
    check = services.accept(check, actor=actor)
    jobs.execute(operations.provision(check, numbers=numbers, actor=actor).pk)
    record = EmergencyRecord.objects.filter(account=account, tn=numbers[0].tn).first()
    if record is not None:
        services.log_test(
            record,
            tested_on=timezone.localdate() - timedelta(days=20),
            person="Demo Tester",
            result="correct",
            actor=actor,
        )
