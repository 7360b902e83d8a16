"""Bringing what a provider holds for us into the inventory, whole accounts and single numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from inventory import feature_lists, features, services, sync
from inventory.drift.compare import compare
from inventory.models import CarrierNumber, TelephoneNumber
from inventory.services import routes as services_routes
from portal import brake, jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Item, Operation, Problem, register
from portal.providers.capabilities.inventory import InventoryList, NumberQuery
from portal.providers.dto import ItemOutcome, NumberStatus, Outcome, Ownership
from portal.providers.errors import ProviderRefused
from portal.tn import TN

# Bought, ported in or given back at this moment: not listed yet, or no longer, means nothing.
ON_THE_WAY = ("purchasing", "port_in", "releasing")


@register
class SyncAccount(Operation):
    """Compare a provider's full list of our numbers with the mirror and apply the difference."""

    kind, permission = "inventory.sync_account", "inventory.sync_account"
    capability = "inventory_list"
    result_template = "inventory/_sync_result.html"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which account is synced."""
        return f"Sync {params.get('account', 'account')}"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the account: one sync of it at a time."""
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
        """Return why the brake may not be overruled, also by trying a forced sync again."""
        return brake.why_not_forced(actor, params)

    def call(self, provider: InventoryList, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Stage the list; show how far it is."""
        last = run.account.last_sync_count
        of = f" of about {last:,}" if last else ""
        for count in sync.stage(run.account, provider.list_owned()):
            Job.objects.filter(pk=run.job.pk).update(reason=f"{count:,}{of} numbers read")
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Apply the staged list in one step, or let the brake stop it."""
        account = ProviderAccount.objects.select_for_update().get(pk=run.account.pk)
        counts = sync.apply(account, run.job, force=bool(run.job.params.get("force")))
        now = timezone.now()
        account.last_sync_at = now
        account.last_sync_count = counts["listed"]
        account.next_sync_at = now + timedelta(minutes=account.sync_interval_minutes)
        account.save(update_fields=["last_sync_at", "last_sync_count", "next_sync_at"])
        run.job.result = counts
        _lists_follow(account, run.job)


def _lists_follow(account: ProviderAccount, job: Job) -> None:
    """Have the lists of features read after the list of numbers: for a person, or when due.

    A job that says ``alone`` in its parameters is followed by none.
    """
    if job.params.get("alone"):
        return
    is_asked = job.source == Job.Source.PERSON and bool(feature_lists.offered(account.slug))
    if is_asked or feature_lists.is_due(account):
        sync_features(
            account,
            actor=job.actor,
            source=job.source,
            force=bool(job.params.get("force")),
        )


@register
class SyncFeatures(Operation):
    """Bring the lists of an account that tell a feature of all its numbers into the mirror."""

    kind, permission = "inventory.sync_features", "inventory.sync_account"
    also_uses = tuple(
        dict.fromkeys(f.list_capability for f in features.FEATURES.values() if f.list_capability)
    )
    result_template = "inventory/_feature_lists_result.html"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return whose lists are read."""
        return f"Feature lists of {params.get('account', 'account')}"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the account: its lists are read once at a time."""
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

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Stage each list; one that the provider refuses tells nothing, the others stand."""
        feature_lists.begin()
        run.scratch["read"], run.scratch["untold"] = [], {}
        for feature in feature_lists.offered(run.account.slug):
            try:
                for count in feature_lists.stage(feature, feature.listed(provider)):
                    words = f"{feature.label}: {count:,} read"
                    Job.objects.filter(pk=run.job.pk).update(reason=words)
            except ProviderRefused as error:
                feature_lists.forget(feature)
                run.scratch["untold"][feature.label] = error.message
                continue
            run.scratch["read"].append(feature)
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Bring what was read into the mirror and compare, or let the brake stop it."""
        account = ProviderAccount.objects.select_for_update().get(pk=run.account.pk)
        force = bool(run.job.params.get("force"))
        counts = feature_lists.apply(account, run.job, run.scratch["read"], force=force)
        counts["untold"] = run.scratch["untold"]
        services_routes.keep_fact(account, feature_lists.FACT, {"lists": list(counts["lists"])})
        run.job.result = counts


@register
class RefreshTN(Operation):
    """Ask a provider about one number and bring its mirror up to date."""

    kind, permission = "inventory.refresh_tn", "inventory.refresh_telephonenumber"
    capability = "number_query"
    queue = "interactive"
    max_attempts = 2

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which number is refreshed."""
        return f"Refresh {TN(items[0].target).pretty}"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the number: one question about it at a time."""
        return str(params["tn"])

    def call(self, provider: NumberQuery, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Query the number."""
        for tn in part.tns:
            status = provider.query_tn(tn)
            run.scratch["status"] = status
            yield ItemOutcome(
                tn=tn, outcome=Outcome.SUCCEEDED, code=status.code, message=status.word
            )

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write mirror and sync state."""
        status = run.scratch.get("status")
        number = TelephoneNumber.objects.select_for_update().filter(tn=run.job.params["tn"]).first()
        if status is None or number is None or number.account_id != run.account.pk:
            return
        file_status(run.account, number, status)
        compare(run.account, job=run.job, tns=[number.tn])


def file_status(account: ProviderAccount, number: TelephoneNumber, status: NumberStatus) -> None:
    """Write what a provider told of one number: mirror, sync state, and the note that says why."""
    if status.ownership == Ownership.OURS:
        if status.owned is not None:
            services.upsert_mirror(account, status.owned)
        services.mark_checked(number, sync_state=TelephoneNumber.Sync.IN_SYNC)
    elif number.state in ON_THE_WAY or status.ownership in {
        Ownership.UNKNOWN,
        Ownership.RESERVED_BY_US,
    }:
        services.mark_checked(
            number,
            sync_state=number.sync_state,
            note=f"The provider’s answer does not tell whether it is ours: {status.word}",
        )
    elif number.state not in TelephoneNumber.GONE:
        services.mark_checked(
            number,
            sync_state=TelephoneNumber.Sync.MISSING,
            note=f"The provider says that it is not ours: {status.word}",
        )


def sync_account(
    account: ProviderAccount,
    *,
    actor: User | None,
    source: str = Job.Source.PERSON,
    force: bool = False,
) -> Job:
    """Submit a sync of an account; returns the open one if there is one already."""
    return jobs.submit(
        SyncAccount.kind,
        actor=actor,
        account=account,
        params={"account": account.name, "force": force},
        source=source,
    )


def sync_features(
    account: ProviderAccount,
    *,
    actor: User | None,
    source: str = Job.Source.PERSON,
    force: bool = False,
) -> Job:
    """Submit reading an account's lists of features; returns the open one if there is one."""
    return jobs.submit(
        SyncFeatures.kind,
        actor=actor,
        account=account,
        params={"account": account.name, "force": force},
        source=source,
    )


def refresh_tn(number: TelephoneNumber, *, actor: User) -> Job:
    """Submit a refresh of one number; returns the open one if there is one already."""
    mirror = CarrierNumber.objects.filter(account=number.account, tn=number.tn).first()
    return jobs.submit(
        RefreshTN.kind,
        actor=actor,
        account=number.account,
        params={"tn": number.tn},
        items=[
            Item(target=number.tn, before={"word": mirror.state_word} if mirror else {}),
        ],
        customer_id=number.customer_id,
    )
