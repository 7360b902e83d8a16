"""Reading a provider's full list of emergency records, and pushing what we want where it differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from django.db import transaction

from e911 import services, sync
from e911.addresses import CALLER_NAME_LENGTH, parts_of
from e911.models import EmergencyRecord
from e911.operations.provisioning import provision_many
from e911.operations.reading import read
from e911.services import listed
from portal import brake, jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Item, Operation, Problem, register
from portal.providers.capabilities.e911 import EmergencyList
from portal.providers.dto import ItemOutcome

# Numbers that a list lacks are asked about one by one; so many after one list.
ASKED: Final = 500


@register
class SyncRecords(Operation):
    """Compare a provider's full list of emergency records with ours and apply the difference.

    It holds numbers that are not, or no longer, ours: these become orphans. Numbers in use that it
    lacks are asked about at once: only the answer about the number raises the alarm.
    """

    kind, permission = "e911.sync", "e911.sync_records"
    capability = "e911_list"
    result_template = "e911/_sync_result.html"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return whose list is read."""
        return f"Read the E911 records of {params.get('account', 'an account')}"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the account: one list of it at a time."""
        return f"account:{account.pk}" if account else ""

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return why the brake may not be overruled, also by trying a forced reading again."""
        return brake.why_not_forced(actor, params)

    def call(self, provider: EmergencyList, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Stage the list; show how far it is."""
        for count in sync.stage(provider.list_e911()):
            Job.objects.filter(pk=run.job.pk).update(reason=f"{count:,} records read")
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Apply the staged list in one step, or let the brake stop it."""
        account = ProviderAccount.objects.select_for_update().get(pk=run.account.pk)
        run.job.result = sync.apply(account, run.job, force=bool(run.job.params.get("force")))
        transaction.on_commit(partial(_ask_in_doubt, account), robust=True)


def _ask_in_doubt(account: ProviderAccount) -> None:
    if doubtful := listed.in_doubt(account, ASKED):
        read(doubtful, actor=None, source=Job.Source.SYSTEM)


def sync_records(
    account: ProviderAccount,
    *,
    actor: User | None,
    source: str = Job.Source.PERSON,
    force: bool = False,
) -> Job:
    """Submit a reading of an account's list; returns the open one if there is one already."""
    return jobs.submit(
        SyncRecords.kind,
        actor=actor,
        account=account,
        params={"account": account.name, "force": force},
        source=source,
    )


def push(wanted: Sequence[EmergencyRecord], *, actor: User, key: str | None = None) -> Job:
    """Submit the accepted addresses of records of one account again, where the provider differs.

    Each is checked on the way; one that the provider would spell otherwise now is not sent.
    Raises `jobs.NotAccepted` for records without an accepted address.
    """
    pairs = []
    for record in wanted:
        if record.number is None or not record.accepted:
            message = f"{record}: there is no accepted address to send. Nothing was sent."
            raise jobs.NotAccepted([Problem(message=message, target=record.tn)])
        check = services.new_check(
            account=record.account,
            parts=parts_of(record.accepted),
            caller_name=record.accepted_caller_name[:CALLER_NAME_LENGTH],
            is_multi_unit=record.is_multi_unit,
            customer=record.number.customer,
            location=record.location,
            numbers=[],
            actor=actor,
        )
        pairs.append((record.number, check))
    if not pairs:
        raise jobs.NotAccepted([Problem(message="No record was chosen. Nothing was sent.")])
    return provision_many(pairs, account=wanted[0].account, actor=actor, key=key, with_check=True)
