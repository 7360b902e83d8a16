"""Taking features off numbers, several in one go: what a new customer shall not take over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inventory import features
from inventory.drift.compare import compare
from inventory.features import Step
from inventory.models import TelephoneNumber
from inventory.operations.features import ALL_CAPABILITIES
from inventory.operations.sync import ON_THE_WAY
from inventory.services import features as services_features
from portal import providers
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderRefused
from portal.tn import TN

STEP_WORDS = {"done": "taken off", "refused": "stays"}


@register
class TakeOffFeatures(Operation):
    """Take features off numbers, one after the other on each.

    One job and not one for each feature, because an open job locks its numbers against others. Each
    item has ``params["off"]`` (pairs of a feature and the value that it is left with, in the order
    of the deed, which an object in JSONB would lose), ``params["route"]`` and ``before["values"]``.
    What became of each feature stands in ``before["steps"]`` as soon as it is known, so that
    nothing is sent again that was done.
    """

    kind, permission = "inventory.take_off_features", "inventory.configure_telephonenumber"
    is_write = True
    also_uses = (*ALL_CAPABILITIES, "number_query")

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return what is taken off which number, or how many."""
        what = params.get("shown", "features")
        if len(items) == 1:
            return f"Take off {what}: {TN(items[0].target).pretty}"
        return f"Take off {what}: {len(items):,} numbers"

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
        """Return the numbers that moved on meanwhile: to another account, or away."""
        known = {row.tn: row for row in TelephoneNumber.objects.filter(tn__among=targets)}
        problems = []
        for target in targets:
            if why := _why_not(known.get(target), account):
                message = f"{TN(target).pretty}: {why} Nothing was sent."
                problems.append(Problem(message=message, target=target))
        return problems

    def begin(self, job: Job, items: Sequence[Item]) -> None:
        """Mark the numbers as being changed."""
        services_features.mark_pending([item.target for item in items])

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Take the features off the numbers of one part, remembering each step."""
        for item in part.items:
            yield _take_off(provider, item, reference=part.key)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write wanted values, mirror and audit for what is known."""
        rows = TelephoneNumber.objects.select_for_update(of=("self",)).select_related("account")
        known = {row.tn: row for row in rows.filter(tn__among=[item.target for item in items])}
        for item in items:
            number = known.get(item.target)
            if item.status == JobItem.Status.PENDING or number is None:
                continue
            if number.account_id != run.account.pk:  # it moved while the job was queued
                services_features.forget_pending(number)
                continue
            _file(number, item, run.job)
        compare(run.account, job=run.job, tns=list(known))

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Read back what was not known to be done; the rest is sent again, what was done is not."""
        for item in items:
            yield _ask(provider, item, run.account.slug)


def _why_not(number: TelephoneNumber | None, account: ProviderAccount | None) -> str:
    if number is None:
        return "It is not in the inventory."
    if account is None or number.account_id != account.pk:
        return f"It is no longer at {account}."
    if number.state in ON_THE_WAY or number.state in TelephoneNumber.GONE:
        return f"It is “{number.get_state_display()}”."
    return ""


def _take_off(provider: Any, item: JobItem, *, reference: str) -> ItemOutcome:
    """Take off what was not tried yet; raises what leaves it unknown, or must be tried again."""
    tn, route = TN(item.target), item.params.get("route", "")
    for name, value in item.params["off"]:
        if name in _steps(item):
            continue
        step = Step(tn=tn, value=value, route_ref=route, reference=reference)
        try:
            (outcome,) = features.get(name).carry_out(provider, [step])
        except ProviderRefused as error:
            _remember(item, name, "refused", error.message)
            continue
        if outcome.outcome is Outcome.UNKNOWN:
            return outcome
        # What was accepted and takes its time counts as done: the next list tells otherwise.
        word = "refused" if outcome.outcome is Outcome.REFUSED else "done"
        _remember(item, name, word, outcome.message)
    return _outcome(item)


def _steps(item: JobItem) -> dict[str, list[str]]:
    steps: dict[str, list[str]] = item.before.get("steps", {})
    return steps


def _remember(item: JobItem, name: str, word: str, message: str) -> None:
    """Store at once what became of one feature: a later failure must not have it sent again."""
    item.before = {**item.before, "steps": {**_steps(item), name: [word, message[:300]]}}
    JobItem.objects.filter(pk=item.pk).update(before=item.before)


def _outcome(item: JobItem) -> ItemOutcome:
    """Return the outcome of a number whose features were all tried: refused where one stays."""
    lines = [
        f"{features.named(name)} {STEP_WORDS[word]}{f': {message}' if word == 'refused' else ''}"
        for name, (word, message) in _steps(item).items()
    ]
    is_refused = any(word == "refused" for word, _ in _steps(item).values())
    return ItemOutcome(
        tn=TN(item.target),
        outcome=Outcome.REFUSED if is_refused else Outcome.SUCCEEDED,
        message="; ".join(line.rstrip(".") for line in lines) + ".",
    )


def _file(number: TelephoneNumber, item: JobItem, job: Job) -> None:
    steps = _steps(item)
    sync_state = item.before.get("sync_state", TelephoneNumber.Sync.STALE)
    for name, value in item.params["off"]:
        feature = features.get(name)
        word, message = steps.get(name, ["", ""])
        if word == "done":
            services_features.feature_changed(
                number,
                feature,
                wanted=value,
                told=value,
                before=item.before.get("values", {}).get(name),
                sync_state=sync_state,
                job=job,
                reason=job.params.get("reason", ""),
            )
    left = [name for name, _ in item.params["off"] if steps.get(name, [""])[0] != "done"]
    for name in left:  # last, so that the number says what stays
        word, message = steps.get(name, ["", item.message])
        services_features.feature_refused(
            number,
            features.get(name),
            message=message,
            sync_state=sync_state,
            is_refused=word == "refused",
            job=job,
        )


def _ask(provider: Any, item: JobItem, slug: str) -> Answer:
    tn = TN(item.target)
    status = None
    for name, value in item.params["off"]:
        if name in _steps(item):
            continue
        feature = features.get(name)
        try:
            if not feature.has_question(slug) and providers.offers(slug, "number_query"):
                status = status or provider.query_tn(tn)
            told = feature.read(provider, tn, status)
        except ProviderRefused as error:
            return Answer(item=item, verdict="unclear", words=error.message)
        if told is None:
            words = f"The provider does not tell: {feature.label}. Look there whether it holds."
            is_answered = status is None or status.owned is not None
            return Answer(item=item, verdict="untold" if is_answered else "unclear", words=words)
        if told != value:
            words = f"Asked the provider: {feature.label} is still set."
            return Answer(item=item, verdict="not_done", words=words)
        _remember(item, name, "done", "")
    return Answer(item=item, verdict="done", outcome=_outcome(item))
