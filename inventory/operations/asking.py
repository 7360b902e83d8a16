"""Asking about single numbers: how a lost answer of any write is settled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from portal.models import JobItem
from portal.operations import Answer
from portal.providers.capabilities.inventory import NumberQuery
from portal.providers.dto import NumberStatus
from portal.tn import TN

Judge = Callable[[JobItem, NumberStatus], Answer]


def ask_each(provider: NumberQuery, items: Sequence[JobItem], judge: Judge) -> Iterator[Answer]:
    """Query every number once and yield what the answer means, by `judge`."""
    for item in items:
        yield judge(item, provider.query_tn(TN(item.target)))
