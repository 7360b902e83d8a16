"""Going through very many numbers in a worker: a piece at a time, each in a transaction of its own.

How far it is stands in the job, in the same transaction as what was done: a worker that goes away
is followed by one that goes on behind the last piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.db import transaction

from inventory import selection
from inventory.models import TelephoneNumber
from inventory.selection import Selection
from portal.jobs.run import LeaseLost
from portal.models import Job, JobItem, User
from portal.operations import Operation, Stopped
from portal.providers.dto import ItemOutcome

LARGE: Final = 1000  # more numbers than this are done by a job, and not while a page is waited for
PIECE: Final = 5000
REASONS_KEPT: Final = 20  # different ones in a job's result


def is_large(chosen: Selection) -> bool:
    """Return whether something about these numbers takes a job."""
    return chosen.count > LARGE


class Walk(Operation):
    """An operation of ours on all numbers that were chosen: ``params["numbers"]``, as kept.

    They must be those that were looked at when it begins. `piece` does the work; what it counts is
    added up in ``params["walk"]`` and becomes the job's result.
    """

    is_local, queue = True, "bulk"
    result_template = "inventory/_walk_result.html"

    def piece(self, run: Any, tns: Sequence[str]) -> Mapping[str, int]:
        """Do the work for some numbers, in the caller's transaction; return counts by name.

        A name that begins with a capital is a sentence why numbers stay as they are.
        """
        raise TypeError(f"{type(self).__name__} does nothing with numbers")

    def before(self, run: Any, chosen: Selection) -> None:
        """Do what comes once, in the transaction of the first piece."""

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Go through the numbers, from where the last worker came to."""
        chosen = selection.again(run.job.params["numbers"], run.job.actor)
        if "walk" not in run.job.params and chosen.problem:
            raise Stopped(f"{chosen.problem} Nothing was changed.")
        while tns := _next(run, chosen):
            if run.is_cancel_requested():
                done = run.job.params.get("walk", {}).get("seen", 0)
                raise Stopped(f"Canceled after {done:,} numbers; the others stay as they were.")
            with transaction.atomic():
                if "walk" not in run.job.params:
                    self.before(run, chosen)
                _remember(run, tns, self.piece(run, tns))
            run.job.result = _result(run.job)
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Show what was counted, by this worker and those before it."""
        run.job.result = _result(run.job)


def _next(run: Any, chosen: Selection) -> list[str]:
    after = run.job.params.get("walk", {}).get("after", "")
    behind = chosen.numbers.order_by("tn").filter(tn__gt=after)
    return list(behind.values_list("tn", flat=True)[:PIECE])


def _remember(run: Any, tns: Sequence[str], counts: Mapping[str, int]) -> None:
    """Keep how far it is; raises `LeaseLost` where another worker has the job."""
    walk = dict(run.job.params.get("walk", {"after": "", "seen": 0, "counts": {}}))
    kept = dict(walk["counts"])
    for name, count in counts.items():
        is_told = name in kept or len(kept) < REASONS_KEPT
        name = name if is_told else "Something else stands against it."
        kept[name] = kept.get(name, 0) + count
    walk |= {"after": tns[-1], "seen": walk["seen"] + len(tns), "counts": kept}
    params = run.job.params | {"walk": walk}
    words = f"{walk['seen']:,} of {run.job.params.get('count', walk['seen']):,} numbers"
    row = Job.objects.filter(pk=run.job.pk, lease_token=run.token)
    if not row.update(params=params, reason=words):
        raise LeaseLost(run.job.pk)
    run.job.params = params


def _result(job: Job) -> dict[str, Any]:
    counts = job.params.get("walk", {}).get("counts", {})
    stayed = {name: count for name, count in counts.items() if name[:1].isupper()}
    done = {name: count for name, count in counts.items() if name not in stayed}
    return {"done": done, "stayed": stayed}


def among(tns: Sequence[str], actor: User) -> Any:
    """Return the numbers of a piece, as far as the actor may see them."""
    return TelephoneNumber.objects.visible_to(actor).filter(tn__among=tns).order_by("tn")


def title_of(words: str, params: Mapping[str, Any]) -> str:
    """Return a title that says how many numbers it is about."""
    return f"{words}: {params.get('count', 0):,} numbers"


def facts(chosen: Selection) -> dict[str, Any]:
    """Return the parameters by which a walk finds its numbers."""
    return {"numbers": chosen.kept(), "count": chosen.count}
