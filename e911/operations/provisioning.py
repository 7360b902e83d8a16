"""Putting a checked and accepted address on numbers: set where there is none, changed where there is.

The address is checked once more immediately before and read back after. A change never leaves a
number silently without its old address: if nothing is active afterwards, the alarm is raised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from e911 import addresses, answers, notices
from e911.models import AddressCheck, EmergencyRecord
from e911.models.address import lines_of, wire
from e911.operations import putting
from e911.operations.putting import Wish
from e911.services import alarm, checks, differences, follow, mirror, records
from inventory.models import TelephoneNumber
from portal import jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.capabilities.e911 import EmergencyRecords
from portal.providers.dto import ItemOutcome, Outcome
from portal.tn import TN

State = EmergencyRecord.State
Verdict = AddressCheck.Verdict


@register
class ProvisionAddress(Operation):
    """Put an address on numbers of one account; each row names its check.

    A pending check is answered on the way (`with_check`): an address that the provider would spell
    otherwise is not put on the number, a person accepts it first.
    """

    kind, permission = "e911.provision", "e911.correct_own"
    capability, is_write = "e911_records", True

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which number gets which address."""
        if len(items) == 1:
            return f"E911 of {TN(items[0].target).pretty}: {params.get('shown', '')}"
        return f"E911 of {len(items):,} numbers"

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
        """Return the numbers that cannot get the address, each with its reason."""
        known = {
            number.tn: number
            for number in TelephoneNumber.objects.filter(tn__among=targets).select_related(
                "account"
            )
        }
        asked = _checks_of(params, targets, job)
        found = []
        for target in targets:
            why = _why_no_number(known.get(target), account, actor)
            why = why or why_no_check(
                asked.get(target), account, actor, may_wait=bool(params.get("with_check"))
            )
            if why:
                message = f"{TN(target).pretty}: {why} Nothing was sent."
                found.append(Problem(message=message, target=target))
        return found

    def begin(self, job: Job, items: Sequence[Item]) -> None:
        """Show the numbers as being set or changed, and keep the old address of a change."""
        try:
            for item in items:
                check = AddressCheck.objects.select_for_update().get(pk=item.params["check"])
                if check.verdict == Verdict.VALID and check.accepted_at is None and job.actor:
                    check = checks.accept(check, actor=job.actor)
                number = TelephoneNumber.objects.select_related("account", "customer").get(
                    tn=item.target
                )
                record = records.record_of(number)
                _begin_one(record, number, check, job)
                differences.repairing(record, job=job, actor=job.actor)
        except records.IllegalMove as error:
            raise jobs.NotAccepted([Problem(message=f"{error} Nothing was sent.")]) from error

    def call(self, provider: EmergencyRecords, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Check, look at what is active, send, read back; a number after the other."""
        for item in part.items:
            check = AddressCheck.objects.get(pk=item.params["check"])
            try:
                yield self._carry_out(provider, item, check)
            except ValueError as error:
                yield putting.unsendable(TN(item.target), error)

    def _carry_out(
        self, provider: EmergencyRecords, item: JobItem, check: AddressCheck
    ) -> ItemOutcome:
        if refusal := _check_again(provider, TN(item.target), check):
            return refusal
        wish = _wish(item.target, check)
        before = answers.told_of(provider.e911_record(wish.tn))
        putting.remember(item, before)
        if before is not None and before.is_active and before.key == wish.key:
            return putting.already(wish.tn, before)
        return putting.send(provider, wish, before=before)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Move the records to where the outcomes put them."""
        rows = EmergencyRecord.objects.select_for_update(of=("self",)).select_related("number")
        known = {
            row.tn: row
            for row in rows.filter(account=run.account, tn__among=[item.target for item in items])
        }
        for item in items:
            record = known.get(item.target)
            if item.status == JobItem.Status.PENDING or record is None:
                continue
            if record.state not in {State.PROVISIONING, State.CHANGING}:
                continue
            settle(record, item, run.job, check_id=item.params.get("check"))

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Read each number back: what is active tells what was carried out."""
        asked = AddressCheck.objects.in_bulk([item.params["check"] for item in items])
        wishes = {
            item.target: _wish(item.target, asked[item.params["check"]])
            for item in items
            if item.params["check"] in asked
        }
        return putting.ask_each(provider, items, wishes)


def _checks_of(
    params: Mapping[str, Any], targets: Sequence[str], job: Job | None
) -> dict[str, AddressCheck]:
    """Return the check of each target: the params name them at submit, the rows in the run."""
    named: dict[str, int] = dict(params.get("checks", {}))
    if job is not None:
        rows = job.items.filter(target__in=list(targets)).values_list("target", "params")
        named = {target: values["check"] for target, values in rows}
    elif not named and params.get("check"):
        named = dict.fromkeys(targets, params["check"])
    asked = AddressCheck.objects.in_bulk(set(named.values()))
    return {target: asked[pk] for target, pk in named.items() if pk in asked}


def _why_no_number(
    number: TelephoneNumber | None, account: ProviderAccount | None, actor: User | None
) -> str:
    """Return why a number cannot get any address, as a sentence; "" where it can."""
    if number is None:
        return "It is not in the inventory."
    if actor is not None and not actor.is_staff_role and number.customer_id != actor.customer_id:
        return "It is not in the inventory."
    if account is None or number.account_id != account.pk:
        return f"It is no longer at {account}."
    if number.state in number.GONE or number.state in {"purchasing", "port_in", "releasing"}:
        return f"It is “{number.get_state_display()}”."
    return ""


def why_no_check(
    check: AddressCheck | None,
    account: ProviderAccount | None,
    actor: User | None,
    *,
    may_wait: bool = False,
) -> str:
    """Return why an address cannot be put on a number, as a sentence; "" where it can."""
    if check is None:
        return "Its address was not checked."
    if account is None or check.account_id != account.pk:
        return "Its address was checked at another provider. Check it again."
    if not check.caller_name:
        return "The address has no caller name."
    if actor is not None and not actor.is_staff_role:
        if check.customer_id != actor.customer_id:
            return "Its address was not checked."
        if not check.legal_text:
            return "Confirm the sentence below the address first."
    if check.verdict == Verdict.PENDING and may_wait:
        return ""
    return check.why_not_usable


def _begin_one(
    record: EmergencyRecord, number: TelephoneNumber, check: AddressCheck, job: Job
) -> None:
    was = str(record.accepted)
    is_change = record.state in {State.PROVISIONED, State.VERIFIED}
    if is_change:
        record.last_valid = record.snapshot()
    record.take_parts(check.parts)
    record.caller_name, record.is_multi_unit = check.caller_name, check.is_multi_unit
    record.location = check.location
    _take_accepted(record, check, by=job.actor)
    records.move(
        record,
        State.CHANGING if is_change else State.PROVISIONING,
        actor=job.actor,
        job=job,
        was=was,
        customer=number.customer,
        changed_at=timezone.now(),
        is_kept=number.state not in follow.IN_USE,
    )


def _take_accepted(record: EmergencyRecord, check: AddressCheck, *, by: User | None) -> None:
    record.take_accepted(check.result, check.caller_name)
    record.accepted_by = check.accepted_by or by
    record.accepted_at = check.accepted_at or timezone.now()
    record.legal_text = check.legal_text
    record.validated_at = check.checked_at


def _wish(target: str, check: AddressCheck) -> Wish:
    return Wish(tn=TN(target), lines=check.result, caller_name=check.caller_name)


def _check_again(provider: EmergencyRecords, tn: TN, check: AddressCheck) -> ItemOutcome | None:
    """Ask about the address immediately before it is sent; return the refusal, None to go on."""
    told = provider.validate_address(wire(check.result), caller_name=check.caller_name)
    if check.verdict == Verdict.PENDING:
        with transaction.atomic():
            checks.answered(check, told)
    if not told.is_valid:
        return ItemOutcome(
            tn=tn,
            outcome=Outcome.REFUSED,
            code=told.code,
            message=told.message,
            advice=f"Nothing was sent. {told.advice}".strip(),
        )
    text = lines_of(told.address) if told.address else check.result
    is_theirs = addresses.key(text) == addresses.key(check.result)
    if check.verdict == Verdict.SUGGESTED and check.accepted_at is None:
        is_theirs = False
    if is_theirs:
        return None
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code="suggested",
        message=f"The provider spells the address otherwise: {text}",
        advice="Nothing was sent. Accept its spelling, or edit the address.",
    )


def settle(record: EmergencyRecord, item: JobItem, job: Job, *, check_id: int | None) -> None:
    """Move a locked record that was being set or changed to where a settled row puts it."""
    values = item.after.get("values", {})
    if answers.was_read(values):
        mirror.write(record.account, record.tn, answers.unpack(values))
    if item.status == JobItem.Status.SUCCEEDED:
        _succeeded(record, values, job, check_id)
        return
    differences.not_repaired(record)
    if answers.is_lost(values):
        follow.lose(record, actor=job.actor, job=job, reason=item.message)
    elif record.state == State.CHANGING:
        revert(record, job=job, reason=item.message)
    else:
        _not_set(record, item, job, check_id)


def _succeeded(
    record: EmergencyRecord, values: Mapping[str, str], job: Job, check_id: int | None
) -> None:
    told = answers.unpack(values)
    check = AddressCheck.objects.filter(pk=check_id).first() if check_id else None
    if check is not None:  # one that was answered on the way
        _take_accepted(record, check, by=job.actor)
    record.provisioned_at, record.last_valid = timezone.now(), {}
    record.verified_at, record.verified_by = None, ""
    alarm.clear(record, actor=job.actor, job=job, words="An address was set.")
    if told is not None:
        record.word = told.word
        follow.compare(record, told, actor=job.actor, job=job)
    else:
        records.move(record, State.PROVISIONED, actor=job.actor, job=job, reason=putting.NOT_READ)
        transaction.on_commit(partial(read_soon, record.pk), robust=True)
    notices.was_set(record, job=job)


def read_soon(record_id: int) -> None:
    """Submit a reading of a record that was set and not read back."""
    from e911.operations.reading import read

    record = EmergencyRecord.objects.select_related("account").get(pk=record_id)
    read([record], actor=None, source=Job.Source.SYSTEM)


def revert(record: EmergencyRecord, *, job: Job, reason: str) -> None:
    """Put a record back to its last valid address, which is still active."""
    kept, was = record.last_valid, str(record.accepted)
    restore_text(record)
    to = State.VERIFIED if kept.get("state") == "verified" else State.PROVISIONED
    if record.verified_at is None:
        to = State.PROVISIONED
    record.last_valid = {}
    records.move(record, to, actor=job.actor, job=job, reason=reason, was=was)


def restore_text(record: EmergencyRecord) -> None:
    """Write typed and accepted text of the last valid address into a record."""
    kept = record.last_valid
    for name, text in kept.get("typed", {}).items():
        setattr(record, name, text)
    record.caller_name = kept.get("typed_caller_name", "")
    record.is_multi_unit = kept.get("is_multi_unit", False)
    record.location_id = kept.get("location")
    record.customer_id = kept.get("customer")
    record.take_accepted(record.last_valid_lines, kept.get("caller_name", ""))
    record.accepted_by_id = kept.get("accepted_by")
    told = kept.get("accepted_at", "")
    record.accepted_at = datetime.fromisoformat(told) if told else None
    record.legal_text = kept.get("legal_text", "")


def _not_set(record: EmergencyRecord, item: JobItem, job: Job, check_id: int | None) -> None:
    """File that an address was not put on a number that has none."""
    check = AddressCheck.objects.filter(pk=check_id).first() if check_id else None
    verdict = check.verdict if check else Verdict.FAILED
    was_sent = item.status == JobItem.Status.REFUSED and item.code != "not_sent"
    if verdict == Verdict.INVALID:
        to = State.INVALID
    elif verdict == Verdict.SUGGESTED and check is not None and check.accepted_at is None:
        to = State.SUGGESTED
    elif was_sent:
        to = State.PROVISION_FAILED
    else:
        to = State.VALID if check is not None and check.is_usable else State.DRAFT
    records.move(record, to, actor=job.actor, job=job, reason=item.message)


def provision(
    check: AddressCheck,
    *,
    numbers: Sequence[TelephoneNumber],
    actor: User | None,
    key: str | None = None,
    with_check: bool = False,
    parent: Job | None = None,
) -> Job:
    """Submit one checked address for numbers of its account.

    Raises `jobs.NotAccepted` for a check that is too old or not accepted, and for numbers that are
    not ours, elsewhere, or in another job. `with_check` takes a pending check and answers it first.
    """
    pairs = [(number, check) for number in numbers]
    return provision_many(
        pairs, account=check.account, actor=actor, key=key, with_check=with_check, parent=parent
    )


def provision_many(
    pairs: Sequence[tuple[TelephoneNumber, AddressCheck]],
    *,
    account: ProviderAccount,
    actor: User | None,
    key: str | None = None,
    with_check: bool = False,
    parent: Job | None = None,
) -> Job:
    """Submit an address for each of some numbers of one account, as one job."""
    if not pairs:
        raise jobs.NotAccepted([Problem(message="No number was chosen. Nothing was sent.")])
    customers = {number.customer_id for number, _ in pairs}
    return jobs.submit(
        ProvisionAddress.kind,
        actor=actor,
        account=account,
        params={
            "shown": str(pairs[0][1].result),
            "with_check": with_check,
            "checks": {number.tn: check.pk for number, check in pairs},
        },
        items=[
            Item(target=number.tn, slice=place, params={"check": check.pk})
            for place, (number, check) in enumerate(pairs)
        ],
        key=key,
        customer_id=customers.pop() if len(customers) == 1 else None,
        parent=parent,
    )
