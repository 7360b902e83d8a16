"""Setting the last valid address again, on a number that lost it or whose record was removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from e911 import answers
from e911.models import EmergencyRecord
from e911.operations import putting
from e911.operations.provisioning import restore_text, settle
from e911.operations.putting import Wish
from e911.services import records
from portal import jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.capabilities.e911 import EmergencyRecords
from portal.providers.dto import ItemOutcome, Outcome
from portal.tn import TN

State = EmergencyRecord.State
OTHER = "The provider has another active address. Nothing was sent."


@register
class RestoreAddress(Operation):
    """Put the last valid address on numbers that have none.

    It was valid when it was set, and a bad address changes nothing on a number without one: so it
    is sent at once, without another check that could fail.
    """

    kind, permission = "e911.restore", "e911.change_emergencyrecord"
    capability, is_write = "e911_records", True
    queue = "interactive"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return whose address is set again."""
        if len(items) == 1:
            return f"Restore the 911 address of {TN(items[0].target).pretty}"
        return f"Restore the 911 addresses of {len(items):,} numbers"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return the numbers that have no address to set again."""
        known = _known(account, targets)
        found = []
        for target in targets:
            record = known.get(target)
            why = ""
            if record is None or not record.last_valid_lines:
                why = "No earlier address is kept."
            elif record.number is None or record.number.account_id != record.account_id:
                why = "It is no longer in the inventory, or at another provider."
            elif job is None and record.why_not(State.CHANGING):
                why = record.why_not(State.CHANGING)
            if why:
                message = f"{TN(target).pretty}: {why} Nothing was sent."
                found.append(Problem(message=message, target=target))
        return found

    def begin(self, job: Job, items: Sequence[Item]) -> None:
        """Show the numbers as being changed back."""
        rows = EmergencyRecord.objects.select_for_update(of=("self",)).select_related("number")
        tns = [item.target for item in items]
        try:
            for record in rows.filter(account=job.account, tn__in=tns):
                was = str(record.accepted)
                restore_text(record)
                records.move(record, State.CHANGING, actor=job.actor, job=job, was=was)
        except records.IllegalMove as error:
            raise jobs.NotAccepted([Problem(message=f"{error} Nothing was sent.")]) from error

    def call(self, provider: EmergencyRecords, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Look at what is active, set the old address, read it back."""
        for item in part.items:
            try:
                yield self._carry_out(provider, run, item)
            except ValueError as error:
                yield putting.unsendable(TN(item.target), error)

    def _carry_out(self, provider: EmergencyRecords, run: Any, item: JobItem) -> ItemOutcome:
        wish = _wishes(run.account, [item.target])[item.target]
        before = answers.told_of(provider.e911_record(wish.tn))
        putting.remember(item, before)
        if before is None or not before.is_active:
            return putting.send(provider, wish, before=before)
        if before.key == wish.key:
            return putting.already(wish.tn, before)
        return ItemOutcome(
            tn=wish.tn, outcome=Outcome.REFUSED, message=OTHER, values=answers.pack(before)
        )

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Verify what is back; what is not back keeps its alarm."""
        rows = EmergencyRecord.objects.select_for_update(of=("self",)).select_related("number")
        tns = [item.target for item in items]
        known = {row.tn: row for row in rows.filter(account=run.account, tn__in=tns)}
        for item in items:
            record = known.get(item.target)
            if item.status == JobItem.Status.PENDING or record is None:
                continue
            if record.state != State.CHANGING:
                continue
            told = answers.unpack(item.after.get("values", {}))
            is_active = told is not None and told.is_active
            if item.status == JobItem.Status.SUCCEEDED or is_active:
                item.status = JobItem.Status.SUCCEEDED
                settle(record, item, run.job, check_id=None)
            else:
                reason = item.message
                records.move(
                    record, State.PROVISION_FAILED, actor=run.job.actor, job=run.job, reason=reason
                )

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Read each number back: what is active tells what was carried out."""
        wishes = _wishes(run.account, [item.target for item in items])
        return putting.ask_each(provider, items, wishes)


def _known(account: ProviderAccount | None, tns: Sequence[str]) -> dict[str, EmergencyRecord]:
    rows = EmergencyRecord.objects.filter(account=account, tn__in=list(tns))
    return {row.tn: row for row in rows.select_related("number")}


def _wishes(account: ProviderAccount, tns: Sequence[str]) -> dict[str, Wish]:
    return {
        tn: Wish(
            tn=TN(tn),
            lines=record.last_valid_lines,
            caller_name=record.last_valid.get("caller_name", ""),
        )
        for tn, record in _known(account, tns).items()
    }


def restore(
    wanted: Sequence[EmergencyRecord], *, actor: User | None, key: str | None = None
) -> Job:
    """Submit the last valid addresses of records of one account."""
    if not wanted:
        raise jobs.NotAccepted([Problem(message="No number was chosen. Nothing was sent.")])
    return jobs.submit(
        RestoreAddress.kind,
        actor=actor,
        account=wanted[0].account,
        items=[Item(target=record.tn, slice=place) for place, record in enumerate(wanted)],
        key=key,
    )
