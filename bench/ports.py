"""What following ten thousand open ports takes: questions a minute, beside the budget of them.

An hour is simulated minute by minute: the clock of the site is set, the schedule asks what is due,
its jobs are carried out at once against a provider that answers from memory. The hour begins as
after a long outage: every order is due. One account's list tells how far each port is, the other's
tells dates only, so that ports are read one by one.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from statistics import median
from typing import Any, ClassVar
from unittest import mock

from django.conf import settings
from django.utils import timezone

from bench.report import Row
from portal import jobs
from portal.models import Job, ProviderAccount
from portal.providers.base import Field, Provider, WireCall, WireReply
from portal.providers.capabilities import CAPABILITIES
from portal.providers.dto.porting import PortNumber, PortRecord, PortState
from portal.tn import TN
from porting.models import PortLine, PortOrder
from porting.operations import poll_due
from porting.operations.polling import mark_of

PART = "ports"
MINUTES = 60
TICK = 10  # seconds between two looks at the ledger
STATES = (
    *("submitted",) * 3,
    *("pending_documents",) * 3,
    *("with_losing_carrier",) * 6,
    *("exception",) * 2,
    *("foc_set",) * 6,
)
_START = 10_000_000
_WORDS = {state: PortState(state) for state in set(STATES)}


class InstantPorts(Provider):
    """Lists and reads ports from memory; every question is guarded and recorded as on a wire."""

    slug: ClassVar[str] = "bench_ports"
    name: ClassVar[str] = "Instant ports"
    credential_fields: ClassVar[tuple[Field, ...]] = ()
    default_base_url: ClassVar[str] = "http://127.0.0.1:9"
    not_offered: ClassVar[Mapping[str, str]] = {
        name: "It exists for the benchmark only."
        for name in CAPABILITIES
        if name not in {"port_list", "port_read"}
    }
    asked: ClassVar[Counter[tuple[str, datetime]]] = Counter()
    states: ClassVar[dict[str, tuple[str, Any]]] = {}  # reference → state, FOC date

    def list_ports(self) -> Iterator[PortRecord]:
        """Yield every port of the account; its word only where the account's list tells it."""
        self._ask("list")
        has_words = bool(self.account.settings.get("list_tells"))
        mark = self.account.settings["mark"]
        for ref in self.states:
            if ref.startswith(mark):
                yield _listed(ref, has_words=has_words)

    def port(self, ref: str) -> PortRecord | None:
        """Return one port."""
        self._ask("read")
        state, foc = self.states[ref]
        number = PortNumber(tn=TN("+13125550142"))
        return PortRecord(ref=ref, word=state, state=_WORDS[state], foc_date=foc, numbers=(number,))

    def _ask(self, operation: str) -> None:
        self.runtime.guard()
        minute = timezone.now().replace(second=0, microsecond=0)
        self.asked[self.account.name, minute] += 1
        call = WireCall(
            operation=operation,
            is_write=False,
            method="GET",
            url=self.account.base_url,
            headers={},
            body="",
        )
        handle = self.runtime.before_send(call)
        self.runtime.after_reply(handle, WireReply(outcome="answered", status=200))


def _listed(ref: str, *, has_words: bool) -> PortRecord:
    state, foc = InstantPorts.states[ref]
    if not has_words:
        return PortRecord(ref=ref, foc_date=foc)
    return PortRecord(ref=ref, foc_date=foc, word=state, state=_WORDS[state])


def measure(*, orders: int) -> list[Row]:
    """Return a row for each of the two accounts."""
    rng = random.Random(7)  # noqa: S311
    start = timezone.now().replace(second=0, microsecond=0)
    told = _fill("tells", orders, start, rng, list_tells=True)
    silent = _fill("silent", orders, start, rng, list_tells=False)
    minutes = [_minute(start + timedelta(minutes=n), rng) for n in range(MINUTES)]
    return [_row(account, orders, minutes, start) for account in (told, silent)]


def _fill(
    name: str, count: int, now: datetime, rng: random.Random, *, list_tells: bool
) -> ProviderAccount:
    """Return an account with open orders, all due."""
    account, _ = ProviderAccount.objects.update_or_create(
        name=f"Ports, list {name}",
        defaults={
            "slug": InstantPorts.slug,
            "base_url": InstantPorts.default_base_url,
            "calls_per_minute": 1_000_000,
            "settings": {"mark": name[0], "list_tells": list_tells},
        },
    )
    PortOrder.objects.filter(account=account).delete()
    today = timezone.localdate(now)
    orders = []
    for place in range(count):
        state = rng.choice(STATES)
        foc = today + timedelta(days=rng.randrange(1, 12)) if state == "foc_set" else None
        order = PortOrder(account=account, state=state, foc_date=foc, next_poll_at=now)
        order.provider_ref, order.number_count = f"{name[0]}{place:06}", 1
        InstantPorts.states[order.provider_ref] = (state, foc)
        order.provider_word = state
        order.list_mark = mark_of(_listed(order.provider_ref, has_words=list_tells))
        orders.append(order)
    made = PortOrder.objects.bulk_create(orders, batch_size=2000)
    base = _START if list_tells else 2 * _START
    lines = [
        PortLine(order=order, tn=f"+1312{base + place}", status="submitted", is_open=True)
        for place, order in enumerate(made)
    ]
    PortLine.objects.bulk_create(lines, batch_size=2000)
    return account


def _minute(now: datetime, rng: random.Random) -> float:
    """Let a minute pass; return how many seconds of work it took. One port in 6,000 moves on."""
    for ref in rng.sample(sorted(InstantPorts.states), max(1, len(InstantPorts.states) // 6000)):
        if InstantPorts.states[ref][0] == "with_losing_carrier":
            InstantPorts.states[ref] = ("foc_set", timezone.localdate(now) + timedelta(days=6))
    began = time.perf_counter()
    for second in range(0, 60, TICK):
        with mock.patch(
            "django.utils.timezone.now", return_value=now + timedelta(seconds=second)
        ) as clock:
            if not second:
                poll_due(now)
            due = Job.objects.filter(
                status__in=["queued", "waiting"], run_after__lte=clock.return_value
            )
            for pk in list(due.order_by("pk").values_list("pk", flat=True)):
                jobs.execute(pk)
    return time.perf_counter() - began


def _row(account: ProviderAccount, orders: int, minutes: list[float], start: datetime) -> Row:
    asked = [InstantPorts.asked[account.name, start + timedelta(minutes=n)] for n in range(MINUTES)]
    left = PortOrder.objects.due_for_poll(start + timedelta(minutes=MINUTES - 1))
    waiting = left.filter(account=account).count()
    budget = settings.PORT_CALLS_PER_MINUTE
    what = "list tells states" if account.settings["list_tells"] else "list tells dates only"
    return Row(
        part=PART,
        name=f"an hour of open ports, {what}",
        rows=orders,
        ms=median(minutes) * 1000,
        ratio=max(asked) / budget,
        at_most=1,
        note=f"at most {max(asked)} questions a minute of {budget}, {sum(asked):,} in the hour, "
        f"{waiting:,} orders still due",
        more={"most_a_minute": max(asked), "in_all": sum(asked), "still_due": waiting},
    )
