"""Changing what a number does at its provider, and reading what it does there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from inventory import features, services
from inventory.drift.compare import compare
from inventory.features import Feature, Step
from inventory.features.holding import LeavingFeature, TransferFeature, is_gone
from inventory.models import TelephoneNumber
from inventory.operations.release import against
from inventory.operations.sync import ON_THE_WAY
from inventory.services import features as services_features
from inventory.wishes import finish_later
from portal import approvals, providers
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.dto import ItemOutcome, NumberStatus, Outcome, Ownership
from portal.providers.errors import ProviderRefused
from portal.sealed import unseal
from portal.tn import TN

ALL_CAPABILITIES = tuple(
    dict.fromkeys(
        name
        for feature in features.FEATURES.values()
        for name in (feature.capability, feature.clear_capability, feature.read_capability)
        if name
    )
)


@register
class ChangeFeature(Operation):
    """Set one feature of numbers, each to its own value, or take it off.

    ``params["feature"]`` names it; each item has ``params["value"]`` (sealed, for a secret),
    ``params["route"]`` and ``before["value"]``, null where it is not known: then it is read first.
    """

    kind, permission = "inventory.change_feature", "inventory.configure_telephonenumber"
    is_write = True
    also_uses = (*ALL_CAPABILITIES, "number_query")

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which feature of which number, and what it becomes."""
        feature = features.get(params["feature"])
        words = f": {params['shown']}" if params.get("shown") else ""
        if len(items) == 1:
            return f"{feature.label} of {TN(items[0].target).pretty}{words}"
        return f"{feature.label} of {len(items):,} numbers{words}"

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
        """Return the numbers that cannot be changed like this, each with its reason."""
        feature = features.FEATURES.get(params.get("feature", ""))
        if feature is None or account is None:
            return [Problem(message="There is no such feature. Nothing was sent.")]
        is_asked = actor is not None and job is None and not params.get("approval")
        if is_asked and needs_approval(feature, len(targets)):
            words = f"Another person must approve it for {len(targets):,} numbers."
            return [Problem(message=f"{words} Nothing was sent.")]
        known = {n.tn: n for n in TelephoneNumber.objects.filter(tn__among=targets)}
        found = []
        for target in targets:
            if why := why_not(feature, known.get(target), account=account, is_begun=bool(job)):
                message = f"{TN(target).pretty}: {why} Nothing was sent."
                found.append(Problem(message=message, target=target))
        return found

    def begin(self, job: Job, items: Sequence[Item]) -> None:
        """Mark the numbers as being changed, or as leaving."""
        feature = features.get(job.params["feature"])
        tns = [item.target for item in items]
        if not _leaves(feature):
            services_features.mark_pending(tns)
            return
        rows = TelephoneNumber.objects.filter(tn__among=tns).order_by("pk")
        services.start_release(list(rows.select_for_update()), job=job, reason=feature.label)

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Send one part; a number that has the value already is left alone."""
        feature = features.get(run.job.params["feature"])
        steps = []
        for item in part.items:
            before = item.before.get("value")
            if before is None and feature.has_question(run.account.slug):
                before = feature.read(provider, TN(item.target), None)
                item.before = {**item.before, "value": before}
                JobItem.objects.filter(pk=item.pk).update(before=item.before)
            step = _step(feature, item, part.key)
            if before is not None and before == step.value and not feature.is_secret:
                yield _so_already(step.tn)
            else:
                steps.append(step)
        for outcome in feature.carry_out(provider, steps):
            yield replace(outcome, values={}) if feature.is_secret else outcome

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write wanted value, mirror and audit for what is known."""
        feature = features.get(run.job.params["feature"])
        rows = TelephoneNumber.objects.select_for_update(of=("self",)).select_related("account")
        known = {row.tn: row for row in rows.filter(tn__among=[item.target for item in items])}
        for item in items:
            number = known.get(item.target)
            if item.status == JobItem.Status.PENDING or number is None:
                continue
            if _leaves(feature):
                _apply_leaving(number, item, run.job)
            elif isinstance(feature, TransferFeature):
                _apply_transfer(number, item, feature, run.job)
            elif number.account_id == run.account.pk:
                _apply_change(number, item, feature, run.job)
            else:  # it moved while the job was queued, and nothing was sent
                services_features.forget_pending(number)
        compare(run.account, job=run.job, tns=list(known))
        finish_later(run.job)

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Read each number back: what holds now tells whether it was carried out."""
        feature = features.get(run.job.params["feature"])
        for item in items:
            yield _ask(provider, feature, item, run.account.slug)


def why_not(
    feature: Feature,
    number: TelephoneNumber | None,
    *,
    account: ProviderAccount,
    is_begun: bool = False,
) -> str:
    """Return why a number cannot have this feature changed now, as a sentence; "" where it can."""
    if number is None:
        return "It is not in the inventory."
    if number.account_id != account.pk:
        return f"It is no longer at {account}."
    if why := feature.why_not(account.slug, number.tn) or feature.why_not_at(account):
        return why
    if _leaves(feature):
        return " ".join(("It", *found)) if (found := against(number, is_running=is_begun)) else ""
    if number.state in ON_THE_WAY or number.state in TelephoneNumber.GONE:
        return f"It is “{number.get_state_display()}”."
    return _why_not_move(number) if isinstance(feature, TransferFeature) else ""


def _why_not_move(number: TelephoneNumber) -> str:
    """Return why a number may not move to another account of ours; "" where it may."""
    if number.state == TelephoneNumber.State.PORT_OUT:
        return f"It is “{number.get_state_display()}”."
    if number.deletion_lock or number.legal_hold:
        return f"It has a {'deletion lock' if number.deletion_lock else 'legal hold'}."
    return ""


def needs_approval(feature: Feature, count: int) -> bool:
    """Return whether a second person must approve it: so many numbers would leave for good."""
    return _leaves(feature) and approvals.is_needed(count, always=True)


def _leaves(feature: Feature) -> bool:
    """Return whether the number is no longer ours afterwards."""
    return isinstance(feature, LeavingFeature) and not isinstance(feature, TransferFeature)


def _step(feature: Feature, item: JobItem, reference: str = "") -> Step:
    value = item.params.get("value", "")
    return Step(
        tn=TN(item.target),
        value=unseal(value) if feature.is_secret and value else value,
        route_ref=item.params.get("route", ""),
        reference=reference,
    )


def _so_already(tn: TN) -> ItemOutcome:
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.SUCCEEDED,
        message="The provider has this value already. Nothing was sent.",
    )


def _apply_change(number: TelephoneNumber, item: JobItem, feature: Feature, job: Job) -> None:
    value = item.params.get("value", "")
    step = Step(tn=TN(item.target), value="x" if feature.is_secret and value else value)
    told = feature.confirmed(step, item.after.get("values", {}))
    before_state = item.before.get("sync_state", TelephoneNumber.Sync.STALE)
    if item.status == JobItem.Status.SUCCEEDED:
        services_features.feature_changed(
            number,
            feature,
            wanted=feature.stored(step.value),
            told=told,
            before=item.before.get("value"),
            sync_state=before_state,
            job=job,
            reason=job.params.get("reason", ""),
        )
        return
    is_refused = item.status == JobItem.Status.REFUSED
    services_features.feature_refused(
        number,
        feature,
        message=item.message,
        sync_state=before_state,
        is_refused=is_refused,
        job=job,
        stored=told if is_refused and feature.name in item.after.get("values", {}) else None,
    )


def _apply_leaving(number: TelephoneNumber, item: JobItem, job: Job) -> None:
    if number.state != TelephoneNumber.State.RELEASING:
        return
    if item.status == JobItem.Status.SUCCEEDED:
        services.release_done(number, job=job)
    else:
        services.release_refused(number, job=job, reason=item.message)


def _apply_transfer(
    number: TelephoneNumber, item: JobItem, feature: TransferFeature, job: Job
) -> None:
    before_state = item.before.get("sync_state", TelephoneNumber.Sync.STALE)
    pk, _, route_ref = item.params["value"].split(":", 2)
    if item.status == JobItem.Status.SUCCEEDED:
        other = ProviderAccount.objects.get(pk=int(pk))
        reason = job.params.get("reason", "")
        services_features.moved_to_account(
            number, other, route_ref=route_ref, job=job, reason=reason
        )
        return
    services_features.feature_refused(
        number,
        feature,
        message=item.message,
        sync_state=before_state,
        is_refused=item.status == JobItem.Status.REFUSED,
        job=job,
    )


def _ask(provider: Any, feature: Feature, item: JobItem, slug: str) -> Answer:
    tn = TN(item.target)
    status = None
    try:
        if not feature.has_question(slug) and providers.offers(slug, "number_query"):
            status = provider.query_tn(tn)
        if isinstance(feature, LeavingFeature):
            return _judge_leaving(item, status)
        told = feature.read(provider, tn, status)
    except ProviderRefused as error:
        return Answer(item=item, verdict="unclear", words=error.message)
    value = item.params.get("value", "")
    if told is None or not feature.can_tell(value, item.before.get("value")):
        is_answered = status is None or status.owned is not None
        return Answer(
            item=item,
            verdict="untold" if is_answered else "unclear",
            words=f"The provider does not tell: {feature.label}. Look there whether it holds.",
        )
    if told == feature.stored(value):
        done = ItemOutcome(
            tn=tn, outcome=Outcome.SUCCEEDED, message="Asked the provider: it holds the new value."
        )
        return Answer(item=item, verdict="done", outcome=done)
    if item.status == JobItem.Status.PENDING:
        return Answer(item=item, verdict="pending", words="The provider works on it.")
    words = "Asked the provider: it does not hold the new value."
    return Answer(item=item, verdict="not_done", words=words)


def _judge_leaving(item: JobItem, status: NumberStatus | None) -> Answer:
    if status is not None and is_gone(status):
        done = ItemOutcome(
            tn=TN(item.target),
            outcome=Outcome.SUCCEEDED,
            message="Asked the provider: the number is no longer on the account.",
        )
        return Answer(item=item, verdict="done", outcome=done)
    if status is not None and status.ownership is Ownership.OURS:
        return Answer(item=item, verdict="not_done", words="Asked the provider: it is still ours.")
    return Answer(item=item, verdict="unclear", words=status.word if status else "")
