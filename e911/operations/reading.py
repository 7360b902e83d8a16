"""Asking a provider what it has on numbers: the active record, earlier tries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils import timezone

from e911 import addresses, answers
from e911.models import EmergencyRecord, ProvisioningTry
from e911.models.address import lines_of
from e911.services import follow, mirror
from portal import jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Item, Operation, Problem, register
from portal.providers.capabilities.e911 import EmergencyHistory, EmergencyRecords
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.e911 import EmergencyRecord as Answered
from portal.tn import TN


@register
class ReadRecord(Operation):
    """Ask for the active record of numbers, write the mirror, and let our records follow.

    A number in use that has no active address any more raises the alarm.
    """

    kind, permission = "e911.read", "e911.refresh_emergencyrecord"
    capability = "e911_records"
    max_attempts = 3

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which record is read."""
        if len(items) == 1:
            return f"Read the E911 record of {TN(items[0].target).pretty}"
        return f"Read {len(items):,} E911 records"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the number: one question about it at a time."""
        return str(params.get("tn", ""))

    def queue_for(self, items: Sequence[Item]) -> str:
        """Return the quick queue for one number: somebody looks on."""
        return "interactive" if len(items) == 1 else "provider"

    def call(self, provider: EmergencyRecords, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Query each number."""
        for tn in part.tns:
            told = answers.told_of(provider.e911_record(tn))
            words = str(told.lines) if told else "The provider has no record."
            yield ItemOutcome(
                tn=tn, outcome=Outcome.SUCCEEDED, message=words[:500], values=answers.pack(told)
            )

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write the mirror and let the records follow."""
        rows = EmergencyRecord.objects.select_for_update(of=("self",)).select_related("number")
        tns = [item.target for item in items]
        known = {row.tn: row for row in rows.filter(account=run.account, tn__among=tns)}
        for item in items:
            values = item.after.get("values", {})
            if item.status != JobItem.Status.SUCCEEDED or not answers.was_read(values):
                continue
            told = answers.unpack(values)
            mirror.write(run.account, item.target, told)
            if record := known.get(item.target):
                follow.follow(record, told, actor=run.job.actor, job=run.job)


def read(
    wanted: Sequence[EmergencyRecord],
    *,
    actor: User | None,
    source: str = Job.Source.PERSON,
    key: str | None = None,
) -> Job:
    """Submit a reading of records of one account; returns the open one about a single number."""
    if not wanted:
        raise jobs.NotAccepted([Problem(message="There is no record to read.")])
    customers = {record.number.customer_id if record.number else None for record in wanted}
    return jobs.submit(
        ReadRecord.kind,
        actor=actor,
        account=wanted[0].account,
        params={"tn": wanted[0].tn} if len(wanted) == 1 else {},
        items=[Item(target=record.tn, slice=place) for place, record in enumerate(wanted)],
        key=key,
        source=source,
        customer_id=customers.pop() if len(customers) == 1 else None,
    )


@register
class ReadHistory(Operation):
    """Ask what was ever put on a number, and keep the answer."""

    kind, permission = "e911.read_history", "e911.refresh_emergencyrecord"
    capability = "e911_history"
    queue = "interactive"
    max_attempts = 3

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return whose history is read."""
        return f"Read the E911 history of {TN(items[0].target).pretty}"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the number: one question about it at a time."""
        return str(params["tn"])

    def call(self, provider: EmergencyHistory, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Ask for the tries of the number."""
        for tn in part.tns:
            tries = provider.e911_history(tn)
            run.scratch["tries"] = tries
            yield ItemOutcome(
                tn=tn, outcome=Outcome.SUCCEEDED, message=f"{len(tries)} entries were read."
            )

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write the tries in the place of those that were read before."""
        tries = run.scratch.get("tries")
        if tries is None:
            return
        tn = str(run.job.params["tn"])
        ProvisioningTry.objects.filter(account=run.account, tn=tn).delete()
        ProvisioningTry.objects.bulk_create(
            ProvisioningTry(account=run.account, position=place, **columns(one))
            for place, one in enumerate(tries)
        )


def columns(told: Answered) -> dict[str, Any]:
    """Return the columns of a row of the mirror's kind for what a provider told."""
    lines = lines_of(told.address)
    return {name: getattr(lines, name) for name in addresses.LINE_NAMES} | {
        "tn": told.tn,
        "caller_name": told.caller_name.strip()[:64],
        "state": told.state.value,
        "word": told.word[:64],
        "message": told.message[:200],
        "provider_ref": told.location_ref[:64],
        "order_ref": told.order_ref[:64],
        "latitude": told.latitude,
        "longitude": told.longitude,
        "added_at": told.added_at,
        "activated_at": told.activated_at,
        "changed_at": told.updated_at,
        "synced_at": timezone.now(),
    }


def read_history(record: EmergencyRecord, *, actor: User | None) -> Job:
    """Submit a reading of a number's history."""
    return jobs.submit(
        ReadHistory.kind,
        actor=actor,
        account=record.account,
        params={"tn": record.tn},
        items=[Item(target=record.tn)],
    )
