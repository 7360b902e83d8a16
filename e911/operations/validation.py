"""Asking a provider whether 911 can be set with an address. Nothing is set by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from e911.models import AddressCheck, EmergencyRecord
from e911.models.address import wire
from e911.services import checks, records
from portal import jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Item, Operation, Problem, register
from portal.providers.capabilities.e911 import EmergencyRecords
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderProtocolError, ProviderRefused
from portal.tn import TN

State = EmergencyRecord.State


def target(check: AddressCheck) -> str:
    """Return what a row of the job is about: the check, for it may be meant for many numbers."""
    return f"check:{check.pk}"


@register
class ValidateAddress(Operation):
    """Ask whether addresses can be used; write the verdicts into their checks."""

    kind, permission = "e911.validate", "e911.check_address"
    capability = "e911_records"
    max_attempts = 3

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which address is checked."""
        if len(items) == 1:
            return f"Check the address {params.get('shown', '')}".strip()
        return f"Check {len(items):,} addresses"

    def queue_for(self, items: Sequence[Item]) -> str:
        """Return the quick queue for one address: somebody looks on."""
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
        """Return the checks that are not this account's, or not this customer's."""
        ids = {one: int(one.partition(":")[2]) for one in targets}
        rows = AddressCheck.objects.filter(pk__in=ids.values(), account=account)
        if actor is not None:
            rows = rows.visible_to(actor)
        found = set(rows.values_list("pk", flat=True))
        words = "There is no such address to check. Nothing was sent."
        return [Problem(message=words, target=one) for one, pk in ids.items() if pk not in found]

    def begin(self, job: Job, items: Sequence[Item]) -> None:
        """Show the numbers that wait for the verdict as being checked."""
        ids = [int(item.target.partition(":")[2]) for item in items]
        AddressCheck.objects.filter(pk__in=ids).update(job=job)
        for check in AddressCheck.objects.filter(pk__in=ids):
            for record in _waiting(check, *records.EDITABLE):
                if record.state != State.VALIDATING and not record.why_not(State.VALIDATING):
                    records.move(record, State.VALIDATING, actor=job.actor, job=job)

    def call(self, provider: EmergencyRecords, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Ask about each address of this part."""
        for item in part.items:
            check = AddressCheck.objects.get(pk=int(item.target.partition(":")[2]))
            yield self._ask(provider, item, check)

    def _ask(self, provider: EmergencyRecords, item: JobItem, check: AddressCheck) -> ItemOutcome:
        about = TN(item.target)
        try:
            told = provider.validate_address(wire(check.lines), caller_name=check.caller_name)
        except (ProviderRefused, ProviderProtocolError) as error:
            return ItemOutcome(
                tn=about, outcome=Outcome.REFUSED, code=error.code, message=error.message
            )
        except ValueError as error:
            words = f"It cannot be sent: {error}. Nothing was changed."
            return ItemOutcome(tn=about, outcome=Outcome.REFUSED, code="not_sent", message=words)
        with transaction.atomic():
            checks.answered(AddressCheck.objects.select_for_update().get(pk=check.pk), told)
        return ItemOutcome(
            tn=about,
            outcome=Outcome.SUCCEEDED,
            code=told.code,
            message=told.message or ("Valid." if told.is_valid else "Not valid."),
        )

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Let the numbers that wait follow the verdicts."""
        for item in items:
            check = AddressCheck.objects.select_for_update().get(
                pk=int(item.target.partition(":")[2])
            )
            if check.verdict == AddressCheck.Verdict.PENDING:
                checks.failed(check, code=item.code, message=item.message)
            to = _STATES[check.verdict]
            for record in _waiting(check, State.VALIDATING):
                reason = check.message if to in {State.INVALID, State.DRAFT} else ""
                records.move(
                    record,
                    to,
                    actor=run.job.actor,
                    job=run.job,
                    reason=reason,
                    validated_at=check.checked_at if to != State.DRAFT else record.validated_at,
                )


_STATES: dict[str, State] = {
    AddressCheck.Verdict.VALID: State.VALID,
    AddressCheck.Verdict.SUGGESTED: State.SUGGESTED,
    AddressCheck.Verdict.INVALID: State.INVALID,
    AddressCheck.Verdict.FAILED: State.DRAFT,
}


def _waiting(check: AddressCheck, *states: str) -> list[EmergencyRecord]:
    """Return the records of a check's numbers in some states that still have its text, locked."""
    rows = EmergencyRecord.objects.select_for_update(of=("self",)).select_related("number")
    found = rows.filter(account=check.account, tn__in=check.tns, state__in=states).order_by("pk")
    return [record for record in found if record.typed_key == check.typed_key]


def validate(check: AddressCheck, *, actor: User | None, key: str | None = None) -> Job:
    """Submit the question of a check; poll `job`, then show `check` afresh.

    Raises `jobs.NotAccepted` where the provider does no 911, `PermissionDenied` without the right.
    """
    return validate_many([check], account=check.account, actor=actor, key=key)


def validate_many(
    asked: Sequence[AddressCheck],
    *,
    account: ProviderAccount,
    actor: User | None,
    key: str | None = None,
    parent: Job | None = None,
) -> Job:
    """Submit the questions of many checks at one account as one job."""
    if not asked:
        raise jobs.NotAccepted([Problem(message="There is no address to check.")])
    customers = {check.customer_id for check in asked}
    return jobs.submit(
        ValidateAddress.kind,
        actor=actor,
        account=account,
        params={"shown": str(asked[0].lines), "check": asked[0].pk},
        items=[Item(target=target(check), slice=place) for place, check in enumerate(asked)],
        key=key,
        customer_id=customers.pop() if len(customers) == 1 else None,
        parent=parent,
    )
