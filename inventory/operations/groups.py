"""Groups of numbers at a provider: which there are, who is in them, and a new one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import connection
from django.utils import timezone

from inventory import targets
from inventory.features.holding import GroupFeature
from inventory.models import NumberGroup
from inventory.services import routes as services_routes
from portal import audit
from portal.account_operations.base import AccountRead
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.capabilities.holdings import NumberGroups
from portal.providers.dto import ItemOutcome
from portal.providers.dto.features import NumberGroup as GroupRecord

BATCH = 5000
FIELD = GroupFeature.name


def file_group(account: ProviderAccount, record: GroupRecord) -> NumberGroup:
    """Write a group into the cache and return the row."""
    group, _ = NumberGroup.objects.update_or_create(
        account=account,
        provider_ref=record.ref[:64],
        defaults={"name": record.name[:120], "synced_at": timezone.now(), "missing_since": None},
    )
    return group


@register
class SyncGroups(AccountRead):
    """Bring an account's groups into the cache, and who is in each."""

    kind, permission = "inventory.sync_groups", "inventory.sync_account"
    capability = "number_groups"
    words = "Groups of"

    def call(self, provider: NumberGroups, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """List the groups, then the members of each."""
        groups = provider.list_groups()
        run.scratch["members"] = {
            group.ref: [owned.tn for owned in provider.group_members(group.ref)] for group in groups
        }
        run.scratch["groups"] = groups
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write them; what is no longer listed is marked, never deleted."""
        if "groups" not in run.scratch:
            return
        refs = [file_group(run.account, record).provider_ref for record in run.scratch["groups"]]
        gone = NumberGroup.objects.filter(account=run.account, missing_since=None)
        missing = gone.exclude(provider_ref__in=refs).update(missing_since=timezone.now())
        for ref, tns in run.scratch["members"].items():
            _note_members(run.account, ref, tns)
        run.job.result = {"groups": len(refs), "missing": missing}


@register
class ReadGroup(AccountRead):
    """Ask who is in a group, and bring the mirror of its members up to date."""

    kind, permission = "inventory.read_group", "inventory.sync_account"
    capability = "number_groups"
    queue = "interactive"
    max_attempts = 2
    words = "Members of a group of"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the group: one question about it at a time."""
        return f"group:{account.pk}:{params['ref']}"[:64] if account else ""

    def call(self, provider: NumberGroups, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """List the members."""
        run.scratch["tns"] = [owned.tn for owned in provider.group_members(run.job.params["ref"])]
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Note the group with its members, and nothing with those that have left it."""
        if "tns" not in run.scratch:
            return
        ref, tns = run.job.params["ref"], run.scratch["tns"]
        joined, left = _note_members(run.account, ref, tns)
        now = timezone.now()
        NumberGroup.objects.filter(account=run.account, provider_ref=ref).update(synced_at=now)
        run.job.result = {"members": len(tns), "known_here": joined, "left": left}


def _note_members(account: ProviderAccount, ref: str, tns: Sequence[str]) -> tuple[int, int]:
    """Note who is in a group and who has left it; return how many of each we know."""
    left = set(services_routes.members_of(account, ref)) - set(tns)
    return _note(account, tns, ref), _note(account, left, "")


def _note(account: ProviderAccount, tns: Iterable[str], ref: str) -> int:
    """Set the group of mirrored numbers; return how many there are of them."""
    count, rest = 0, iter(tns)
    while part := list(islice(rest, BATCH)):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE inventory_carriernumber "
                "SET values = jsonb_set(values, ARRAY[%s], to_jsonb(%s::text)) "
                "WHERE account_id = %s AND tn = ANY(%s)",
                [FIELD, ref, account.pk, part],
            )
            count += cursor.rowcount
    return count


@register
class CreateGroup(Operation):
    """Make a group. Not idempotent: after a lost answer one of that name is looked for."""

    kind, permission = "inventory.create_group", "inventory.configure_route"
    capability, is_write = "number_groups", True
    queue = "interactive"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return the name of the group."""
        return f"Add group {params['name']}"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return that there is a group of that name, before another is asked for."""
        listed = NumberGroup.objects.filter(account=account, missing_since=None)
        if job is None and listed.filter(name__iexact=params["name"]).exists():
            words = f"There is a group “{params['name']}” at {account} already. Nothing was sent."
            return [Problem(message=words, advice="Choose another name, or move numbers into it.")]
        return []

    def call(self, provider: NumberGroups, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Note which groups there are, then make the new one."""
        for item in part.items:
            item.before = {"refs": [group.ref for group in provider.list_groups()]}
            JobItem.objects.filter(pk=item.pk).update(before=item.before)
            try:
                made = provider.create_group(run.job.params["name"])
            except ValueError as error:
                yield targets.unsendable(item.target, error)
            else:
                yield targets.done(item.target, provider_ref=made.ref)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """File the group; one whose reference nobody told comes with the next list."""
        for item in items:
            if item.status == JobItem.Status.SUCCEEDED and item.provider_ref:
                made = GroupRecord(ref=item.provider_ref, name=run.job.params["name"])
                group = file_group(run.account, made)
                facts: dict[str, Any] = {"after": {"name": group.name, "ref": made.ref}}
                audit.record(run.job.actor, "inventory.group.created", group, job=run.job, **facts)

    def ask(self, provider: NumberGroups, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Look for a group of that name that was not there before."""
        listed = provider.list_groups()
        for item in items:
            known = set(item.before.get("refs", ()))
            made = [g for g in listed if g.ref not in known and _is_called(g, run.job.params)]
            if made:
                words = "Asked the provider: the group is there."
                outcome = targets.done(item.target, words, provider_ref=made[0].ref)
                yield Answer(item=item, verdict="done", outcome=outcome)
            else:
                words = "Asked the provider: there is no such group."
                yield Answer(item=item, verdict="not_done", words=words)


def _is_called(group: GroupRecord, params: Mapping[str, Any]) -> bool:
    """Return whether a group has the wanted name; how a provider spells it does not matter."""
    return group.name.strip().casefold() == params["name"].strip().casefold()
