"""Reading numbers and what they do at their provider: one somebody looks at, or very many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inventory import features
from inventory.drift.compare import compare
from inventory.models import TelephoneNumber
from inventory.operations.sync import RefreshTN, file_status
from inventory.services import features as services_features
from portal import jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Item, register
from portal.providers.dto import ItemOutcome, NumberStatus, Outcome, Ownership
from portal.providers.errors import ProviderRefused
from portal.tn import TN


@register
class ReadFeatures(RefreshTN):
    """Ask a provider about numbers and about every feature of theirs that it can tell of.

    For many, ``params["by_list"]`` says that the list of all numbers tells whether they are ours,
    and ``params["told"]`` which features lists tell; neither is asked of each number then.
    """

    kind = "inventory.read_features"
    max_attempts = 6
    also_uses = tuple(
        dict.fromkeys(f.read_capability for f in features.FEATURES.values() if f.read_capability)
    )

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which number is read, or how many."""
        if len(items) == 1:
            return f"Read {TN(items[0].target).pretty} at the provider"
        return f"Read {len(items):,} numbers at {params.get('account', 'the provider')}"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the number, which is read once at a time; nothing for many."""
        return str(params.get("tn", ""))

    def queue_for(self, items: Sequence[Item]) -> str:
        """Return the quick queue for one number: somebody looks on."""
        return "interactive" if len(items) == 1 else "provider"

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Query each number; where it is ours, ask for its features.

        A feature that the provider will not tell of keeps the value from before.
        """
        params = run.job.params
        for tn in part.tns:
            status = None
            if not params.get("by_list"):
                status = provider.query_tn(tn)
            told: dict[str, str] = {}
            untold: list[str] = []
            if status is None or status.ownership is Ownership.OURS:
                told, untold = _read_all(provider, run, tn, status, params.get("told", ()))
            answers = run.scratch.setdefault("answers", {})
            answers[tn] = _Answers(status=status, told=told, untold=untold)
            yield ItemOutcome(
                tn=tn,
                outcome=Outcome.SUCCEEDED,
                code=status.code if status else "",
                message=status.word if status else "",
                values=told,
            )

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write mirror and sync state, then the features."""
        answers: dict[str, _Answers] = run.scratch.get("answers", {})
        rows = TelephoneNumber.objects.select_for_update(of=("self",)).select_related("account")
        known = {n.tn: n for n in rows.filter(tn__among=[item.target for item in items])}
        written = []
        for item in items:
            number, answer = known.get(item.target), answers.pop(item.target, None)
            if number is None or number.account_id != run.account.pk:
                continue
            if answer is None:  # its worker went away after it was recorded
                answer = _Answers(status=None, told=item.after.get("values", {}), untold=[])
            if answer.status is not None:
                file_status(run.account, number, answer.status)
            if answer.told:
                services_features.mirror_told(run.account, number.tn, answer.told)
            written.append(number.tn)
            run.job.result = {
                "features": len(answer.told),
                "not_told": ", ".join(answer.untold),
            }
        if written:
            compare(run.account, job=run.job, tns=written)
        if run.job.total_count > 1:
            run.job.result = {}


@dataclass(frozen=True, kw_only=True)
class _Answers:
    """What a provider told of one number: None for the status where nobody asked."""

    status: NumberStatus | None
    told: dict[str, str]
    untold: list[str]


def _read_all(
    provider: Any, run: Any, tn: TN, status: NumberStatus | None, skip: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """Ask for each feature but those of `skip`; return the values and what is not told."""
    told: dict[str, str] = {}
    untold = []
    for name, feature in features.FEATURES.items():
        slug = run.account.slug
        if name in skip or feature.why_not(slug, tn) or not feature.has_question(slug):
            continue
        try:
            value = feature.read(provider, tn, status)
        except ProviderRefused:
            untold.append(feature.label)
            continue
        if value is not None:
            told[name] = value
    return told, untold


def read_features(number: TelephoneNumber, *, actor: User) -> Job:
    """Submit a full look at one number; returns the open one if there is one already."""
    return jobs.submit(
        ReadFeatures.kind,
        actor=actor,
        account=number.account,
        params={"tn": number.tn},
        items=[Item(target=number.tn)],
        customer_id=number.customer_id,
    )
