"""Taking 911 off numbers. Other domains ask for it by kind when a number leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from e911 import answers
from e911.answers import Told
from e911.models import AlertContact, EmergencyRecord, KeptLocation
from e911.services import alarm, differences, follow, mirror, records
from portal import jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.capabilities.e911 import EmergencyRecords
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderError, ProviderRefused
from portal.tn import TN

State = EmergencyRecord.State
REMOVABLE = ("provisioned", "verified", "orphan", "provision_failed", "not_required")


@register
class RemoveRecord(Operation):
    """Take 911 off numbers, ours or not; one in use only with a reason."""

    kind, permission = "e911.remove", "e911.change_emergencyrecord"
    capability, is_write = "e911_records", True

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return whose record is removed."""
        if len(items) == 1:
            return f"Remove the E911 record of {TN(items[0].target).pretty}"
        return f"Remove {len(items):,} E911 records"

    def queue_for(self, items: Sequence[Item]) -> str:
        """Return the quick queue for one number: somebody looks on."""
        return "interactive" if len(items) == 1 else "provider"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return the numbers that have no record to remove, or are in use and lack a reason."""
        rows = EmergencyRecord.objects.filter(account=account, tn__among=targets)
        known = {row.tn: row for row in rows.select_related("number")}
        found = []
        for target in targets:
            why = _why_not(known.get(target), str(params.get("reason", "")), is_begun=bool(job))
            if why:
                message = f"{TN(target).pretty}: {why} Nothing was sent."
                found.append(Problem(message=message, target=target))
        return found

    def begin(self, job: Job, items: Sequence[Item]) -> None:
        """Show the records as being removed; the address is kept, so that it can be set again."""
        rows = EmergencyRecord.objects.select_for_update(of=("self",)).select_related("number")
        tns = [item.target for item in items]
        reason = str(job.params.get("reason", ""))
        for record in rows.filter(account=job.account, tn__among=tns):
            if record.accepted:
                record.last_valid = record.last_valid or record.snapshot()
            records.move(record, State.REMOVING, actor=job.actor, job=job, reason=reason)

    def call(self, provider: EmergencyRecords, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Remove and read back; a number after the other."""
        for tn in part.tns:
            yield _confirmed(provider, provider.remove_e911(tn))

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """File what is gone; what stayed is what it was."""
        rows = EmergencyRecord.objects.select_for_update(of=("self",)).select_related("number")
        tns = [item.target for item in items]
        known = {row.tn: row for row in rows.filter(account=run.account, tn__among=tns)}
        for item in items:
            record = known.get(item.target)
            if item.status == JobItem.Status.PENDING or record is None:
                continue
            if record.state != State.REMOVING:
                continue
            if item.status == JobItem.Status.SUCCEEDED:
                _gone(record, run.job)
            else:
                back = record.previous_state if record.previous_state in REMOVABLE else "orphan"
                record.last_valid = record.last_valid if record.is_location_lost else {}
                records.move(record, back, actor=run.job.actor, job=run.job, reason=item.message)

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Read each number back: no active address means that it was removed."""
        for item in items:
            tn = TN(item.target)
            try:
                told = answers.told_of(provider.e911_record(tn))
            except ProviderRefused as error:
                yield Answer(item=item, verdict="unclear", words=error.message)
                continue
            if _is_active(told):
                words = "Asked the provider: the address is still active."
                yield Answer(item=item, verdict="not_done", words=words)
                continue
            words = "Asked the provider: no address is active."
            done = ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, message=words)
            yield Answer(item=item, verdict="done", outcome=done)


def _why_not(record: EmergencyRecord | None, reason: str, *, is_begun: bool) -> str:
    if record is None:
        return "It has no E911 record at this provider."
    if is_begun and record.state == State.REMOVING:
        return ""
    if record.state not in REMOVABLE:
        return f"Its E911 record is “{record.get_state_display()}”."
    is_unneeded = record.state == State.NOT_REQUIRED
    if follow.is_wanted(record) and not is_unneeded and not reason.strip():
        return "It is in use. Say why 911 is to be taken off."
    return ""


def _is_active(told: Told | None) -> bool:
    return told is not None and told.is_active


def _confirmed(provider: EmergencyRecords, outcome: ItemOutcome) -> ItemOutcome:
    """Return the outcome of a removal after a look: active still is not removed."""
    try:
        told = answers.told_of(provider.e911_record(outcome.tn))
    except ProviderError:
        return outcome  # raising here would have the row sent once more
    if not _is_active(told):
        return replace(outcome, outcome=Outcome.SUCCEEDED)
    if outcome.outcome is Outcome.SUCCEEDED:
        words = "The provider said that it is done, and shows the address as active."
        return replace(outcome, outcome=Outcome.UNKNOWN, message=words)
    return outcome


def _gone(record: EmergencyRecord, job: Job) -> None:
    mirror.forget(record.account, record.tn)
    AlertContact.objects.filter(record=record).delete()
    KeptLocation.objects.filter(account=record.account, tn=record.tn).delete()
    differences.note(record, {}, job=job)
    alarm.clear(record, actor=job.actor, job=job, words="The record was removed.")
    reason = str(job.params.get("reason", ""))
    is_unneeded = record.previous_state == State.NOT_REQUIRED
    to = State.NOT_REQUIRED if is_unneeded else State.REMOVED
    records.move(record, to, actor=job.actor, job=job, reason=reason, is_kept=False, word="")


def remove(
    wanted: Sequence[EmergencyRecord],
    *,
    actor: User | None,
    reason: str = "",
    key: str | None = None,
    source: str = Job.Source.PERSON,
) -> Job:
    """Submit the removal of records of one account; numbers in use need a reason."""
    if not wanted:
        raise jobs.NotAccepted([Problem(message="No record was chosen. Nothing was sent.")])
    return jobs.submit(
        RemoveRecord.kind,
        actor=actor,
        account=wanted[0].account,
        params={"reason": reason},
        items=[Item(target=record.tn, slice=place) for place, record in enumerate(wanted)],
        key=key,
        source=source,
    )
