"""Operations: every question and every order that reaches a provider, and their registry.

A domain declares its operations in `operations.py`; a page submits them with `portal.jobs.submit`
and never calls a provider itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from portal.models import Job, JobItem, ProviderAccount, User
from portal.providers.dto import ItemOutcome, Outcome

if TYPE_CHECKING:
    from portal.jobs.run import Part, Run


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Why something cannot be done: a sentence, the number it concerns, what to do."""

    message: str
    target: str = ""
    advice: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One number or line that a job is about, as it is submitted."""

    target: str
    slice: int = 0
    before: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What asking told of an item whose outcome was unknown or pending.

    `verdict` is "done" (with `outcome`), "not_done" (nothing was carried out), "pending" (the
    provider still works on it), "unclear", or "untold": it never tells, and asking again is no use.
    """

    item: JobItem
    verdict: Literal["done", "refused", "not_done", "pending", "unclear", "untold"]
    outcome: ItemOutcome | None = None
    words: str = ""


class Stopped(Exception):
    """Raised by `apply` when what came back must not be applied; `str(error)` is a sentence.

    Nothing is applied then, and the job fails with the sentence as its reason and `code`; `result`
    is shown with it.
    """

    code = "stopped"

    def __init__(self, words: str, *, result: Mapping[str, Any] | None = None) -> None:
        super().__init__(words)
        self.result = dict(result or {})


class Operation:
    """Base of all operations; stateless, one instance serves all runs.

    `is_write` operations lock their targets and may end as unknown; reads are simply repeated.
    `check` is the rule book of the dry run and of the real run. `call` runs with no transaction
    open and yields outcomes as they become known. `apply` writes models and audit in one
    transaction, for items not applied before. `ask` settles items whose answer was lost.

    An `is_local` operation reaches no provider: its job has no account, `call` gets None for the
    provider, and what it began is begun again after a worker went away. It is no write.
    """

    kind: ClassVar[str]
    permission: ClassVar[str]
    capability: ClassVar[str] = ""
    also_uses: ClassVar[tuple[str, ...]] = ()  # further capabilities, for the table of operations
    is_write: ClassVar[bool] = False
    is_local: ClassVar[bool] = False
    queue: ClassVar[Literal["interactive", "provider", "bulk"]] = "provider"
    max_attempts: ClassVar[int] = 6
    result_template: ClassVar[str] = ""

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return what the job list shows."""
        raise TypeError(f"{type(self).__name__} has no title")  # every operation gives its own

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return what only one open job of this kind may be about; empty: no such limit."""
        return ""

    def queue_for(self, items: Sequence[Item]) -> str:
        """Return "interactive", "provider" or "bulk" for a job about these."""
        return self.queue

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return what stands against it; empty when it may go. Called at submit and before the run.

        A problem with a target concerns that item only; one without stops the whole job.
        """
        return []

    def begin(self, job: Job, items: Sequence[Item]) -> None:
        """Write what the intent changes here at once, in the transaction that records the job.

        `apply` takes it back for items that end without success.
        """

    def call(self, provider: Any, run: Run, part: Part) -> Iterator[ItemOutcome]:
        """Carry out one part at the provider; yield an outcome per number."""
        raise TypeError(f"{type(self).__name__} cannot be carried out")

    def apply(self, run: Run, items: Sequence[JobItem]) -> None:
        """Write what is known now into the models; `items` have outcomes and were not applied yet."""

    def finished(self, job: Job) -> None:
        """Follow a job of this kind that was settled a moment ago, in the same transaction."""

    def part_finished(self, group: Job) -> None:
        """Follow a settled part of a group of this kind; the group, still open, is locked.

        What is submitted here as a part of the group keeps it open.
        """

    def ask(self, provider: Any, run: Run, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Ask the provider what became of items; only for writes."""
        for item in items:
            yield Answer(item=item, verdict="unclear")


_registry: dict[str, Operation] = {}


def register(cls: type[Operation]) -> type[Operation]:
    """Class decorator: make an operation known by its kind."""
    if cls.kind in _registry and type(_registry[cls.kind]) is not cls:
        raise ValueError(f"two operations are called {cls.kind}")
    _registry[cls.kind] = cls()
    return cls


def get(kind: str) -> Operation:
    """Return the operation of a kind; raises KeyError for one that is not known."""
    return _registry[kind]


def kinds() -> dict[str, Operation]:
    """Return all operations by kind."""
    return dict(_registry)


SETTLED_BY_OUTCOME: dict[Outcome, str] = {
    Outcome.SUCCEEDED: JobItem.Status.SUCCEEDED,
    Outcome.PENDING: JobItem.Status.PENDING,
    Outcome.REFUSED: JobItem.Status.REFUSED,
    Outcome.UNKNOWN: JobItem.Status.UNKNOWN,
}
