"""What is done to very many numbers by a job: lifecycle verbs, edits, and preparing changes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from inventory import feature_changes, features, refreshes, taking_over, walks
from inventory.lifecycle import VERBS, Choice, done_by
from inventory.models import TelephoneNumber
from inventory.selection import Selection
from inventory.services import IllegalMove
from inventory.services.edit import Edit, edit_many
from inventory.services.lifecycle import preview
from inventory.walks import Walk
from portal import jobs
from portal.models import Approval, Job, ProviderAccount, User
from portal.operations import Item, Problem, Stopped, register
from portal.sealed import unseal


@register
class MoveMany(Walk):
    """Do a verb of the lifecycle to very many numbers; those that something stands against stay."""

    kind, permission = "inventory.move_many", "inventory.assign_telephonenumber"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return the verb and how many numbers."""
        return walks.title_of(VERBS[params["verb"]].title, params)

    def piece(self, run: Any, tns: Sequence[str]) -> Mapping[str, int]:
        """Do the verb to some."""
        verb, choice = VERBS[run.job.params["verb"]], Choice.again(run.job.params["choice"])
        numbers = walks.among(tns, run.job.actor)
        seen = preview(verb, numbers, choice)
        try:
            count, job = taking_over.carry_out(
                verb, numbers, choice, actor=run.job.actor, approval=_approval(run.job)
            )
        except (IllegalMove, jobs.NotAccepted) as error:
            raise Stopped(f"{error} What was done before stands.") from error
        done = done_by(verb, choice)
        counts = Counter({f"now {done}": count})
        if job:
            counts[f"with features being taken off at the provider, by job {job.pk}"] = (
                job.total_count
            )
        for refusal in seen.refusals:
            counts[f"It is {refusal.words}. {refusal.advice}".strip()] += refusal.count
        return counts


def _approval(job: Job) -> Approval | None:
    """Return what a second person approved, where this job came of it."""
    return Approval.objects.filter(pk=job.params.get("approval", 0)).first()


@register
class EditMany(Walk):
    """Change what is ours alone on very many numbers."""

    kind, permission = "inventory.edit_many", "inventory.change_telephonenumber"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return how many numbers."""
        return walks.title_of("Edit", params)

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return that a legal hold is an administrator's."""
        is_hold = "legal_hold" in params["edit"]["values"]
        if is_hold and actor and not actor.has_perm("inventory.set_legal_hold"):
            return [
                Problem(message="Only an administrator sets a legal hold. Nothing was changed.")
            ]
        return []

    def piece(self, run: Any, tns: Sequence[str]) -> Mapping[str, int]:
        """Edit some."""
        edit = Edit(**run.job.params["edit"])
        changed = edit_many(walks.among(tns, run.job.actor), edit, actor=run.job.actor)
        return {"changed": changed, "as wanted already": len(tns) - changed}


@register
class PlanChange(Walk):
    """Prepare the change of a feature of very many numbers: jobs of a few thousand each.

    ``params["values"]`` holds the value by the account's id (sealed, for a secret). The jobs become
    parts of the group that this one belongs to.
    """

    kind, permission = "inventory.plan_change", "inventory.configure_telephonenumber"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which feature of how many numbers."""
        label = features.get(params["feature"]).label
        return walks.title_of(f"Prepare the change of {label[0].lower()}{label[1:]}", params)

    def piece(self, run: Any, tns: Sequence[str]) -> Mapping[str, int]:
        """Plan some and submit the changes of each account."""
        params = run.job.params
        feature = features.get(params["feature"])
        wanted = {
            int(pk): unseal(value) if feature.is_secret and value else value
            for pk, value in params["values"].items()
        }
        owned = walks.among(tns, run.job.actor).values_list("tn", "account_id")
        values = {tn: wanted[pk] for tn, pk in owned if pk in wanted}
        counts = Counter({"left as they are: nothing was chosen": len(tns) - len(values)})
        for entry in feature_changes.plan(feature, values):
            counts["as wanted already"] += entry.same_count
            for blocked in entry.blocked:
                counts[blocked.reason] += 1
            if entry.changes:
                counts += _submit(run.job, feature, entry, params.get("reason", ""))
        return +counts


def _submit(job: Job, feature: Any, entry: Any, reason: str) -> Counter[str]:
    """Submit the changes at one account as a part of the group; return what became of them."""
    child = feature_changes.child_of(feature, entry, reason)
    try:
        submit_part(job, child.kind, entry.account, child.params, child.items)
    except jobs.NotAccepted as refusal:
        return Counter({refusal.problems[0].message: len(child.items)})
    return Counter({"being changed": len(child.items)})


def submit_part(
    job: Job,
    kind: str,
    account: ProviderAccount,
    params: Mapping[str, Any],
    items: Sequence[Item],
) -> Job:
    """Submit a job beside `job`, in its group; the group counts its rows."""
    part = jobs.submit(
        kind,
        actor=job.actor,
        account=account,
        params=params,
        items=items,
        source=job.source,
        parent=job.parent,
    )
    if job.parent_id:
        group = Job.objects.select_for_update().get(pk=job.parent_id)
        group.total_count += len(items)
        group.save(update_fields=["total_count"])
    return part


@register
class PlanRefresh(Walk):
    """Ask providers about many numbers: lists where these are fewer calls, then number by number."""

    kind, permission = "inventory.plan_refresh", "inventory.refresh_telephonenumber"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return how many numbers."""
        return walks.title_of("Refresh from provider", params)

    def before(self, run: Any, chosen: Selection) -> None:
        """Have the lists read that save questions."""
        entries = refreshes.plan(chosen.numbers)
        run.job.params = run.job.params | {"ways": refreshes.kept_ways(entries)}
        for entry in entries:
            for kind in entry.list_kinds:
                params = {"account": entry.account.name, "force": False, "alone": True}
                open_job = Job.objects.open().filter(kind=kind, account=entry.account)
                if not open_job.exists():
                    submit_part(run.job, kind, entry.account, params, [])

    def piece(self, run: Any, tns: Sequence[str]) -> Mapping[str, int]:
        """Submit the questions about some numbers, one job for each account."""
        counts: Counter[str] = Counter()
        by_account: dict[int, list[TelephoneNumber]] = defaultdict(list)
        for number in walks.among(tns, run.job.actor):
            by_account[number.account_id].append(number)
        accounts = ProviderAccount.objects.in_bulk(list(by_account))
        for pk, members in by_account.items():
            ways = refreshes.Ways(**run.job.params["ways"].get(str(pk), {}))
            counts += refreshes.ask_about(run.job, accounts[pk], members, ways, submit_part)
        return counts
