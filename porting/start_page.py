"""What the pages of a pre-flight show: how far it is, the groups, what is set aside."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from django.conf import settings

from portal.models import Job, User
from porting import preflight as rules
from porting.models import PortOrder, Preflight, PreflightLine

ASIDE_SHOWN: Final = 200
NUMBERS_SHOWN: Final = 12


@dataclass(frozen=True, kw_only=True)
class Aside:
    """Entries that are set aside for one reason."""

    trouble: rules.Trouble
    lines: list[PreflightLine]


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A group that can be made into an order, as the page shows it."""

    group: rules.Group
    count: int
    shown: list[str]
    cost: Decimal | None  # in US dollars; None where the order is entered by hand

    @classmethod
    def of(cls, group: rules.Group) -> Ready:
        """Return a group with its first numbers and its price."""
        count = len(group.lines)
        return cls(
            group=group,
            count=count,
            shown=[line.tn for line in group.lines[:NUMBERS_SHOWN]],
            cost=settings.PORT_PRICE_PER_NUMBER * count if group.is_submitted_here else None,
        )


def context(preflight: Preflight, user: User) -> dict[str, Any]:
    """Return what the page of a pre-flight shows at this moment."""
    aside = rules.aside(preflight)
    progress = rules.progress(preflight)
    orders = PortOrder.objects.filter(pk__in=preflight.lines.values("order")).for_list()
    jobs = _jobs(preflight)
    return {
        "preflight": preflight,
        "progress": progress,
        "waiting": progress.total - progress.checked,
        "groups": [Ready.of(group) for group in rules.groups(preflight)],
        "aside": _grouped(aside[:ASIDE_SHOWN]),
        "aside_count": len(aside),
        "aside_shown": min(len(aside), ASIDE_SHOWN),
        "orders": list(orders.order_by("pk")),
        "jobs": jobs,
        "is_polled": any(job.is_polled for job in jobs) and not progress.is_over,
        "can_change": user.has_perm("porting.change_portorder"),
        "can_make": user.has_perm("porting.change_portorder")
        and progress.is_over
        and preflight.state != Preflight.State.DISCARDED,
        "version": f"{preflight.state}{progress.checked}",
    }


def _jobs(preflight: Preflight) -> list[Job]:
    """Return the questions to each provider that are not settled, or went wrong."""
    if preflight.job_id is None:
        return []
    rows = Job.objects.filter(parent=preflight.job_id).exclude(status=Job.Status.SUCCEEDED)
    return list(rows.select_related("account").order_by("pk"))


def _grouped(lines: list[PreflightLine]) -> list[Aside]:
    ordered = sorted(lines, key=lambda line: (line.problem, line.position))
    return [
        Aside(trouble=rules.PROBLEMS[name], lines=list(found))
        for name, found in groupby(ordered, key=lambda line: line.problem)
        if name in rules.PROBLEMS
    ]
