"""Pulling the records of billed calls: a day at a time, what is newest first, each call once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from portal import account_facts, call_windows
from portal.account_operations.base import AccountRead
from portal.call_windows import Window
from portal.models import CallRecord, Job, JobItem, ProviderAccount
from portal.operations import Item, register
from portal.providers.capabilities.account import CallRecords
from portal.providers.dto import ItemOutcome
from portal.providers.dto.account import CallRecord as ToldCall

PIECE = 1000
MAX_SECONDS = 2**31 - 1


@register
class PullCalls(AccountRead):
    """Fetch one window of calls that are not known yet; asking is limited to a few times an hour."""

    kind, capability = "portal.pull_calls", "call_records"
    words = "Calls of"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return whose calls are fetched."""
        return f"Call records of {params.get('account', '')}".strip()

    def call(self, provider: CallRecords, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Fetch and keep the calls as they come; a piece that is kept twice stands there once."""
        now = timezone.now()
        window = _window(run, now)
        piece: list[ToldCall] = []
        told = new = 0
        for record in provider.call_records(since=window.since, until=window.until):
            piece.append(record)
            told += 1
            if len(piece) >= PIECE:
                new += keep_calls(run.account, piece)
                piece = []
        new += keep_calls(run.account, piece)
        run.scratch |= {"window": window, "at": now, "told": told, "new": new}
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Note which time is known now; nothing is noted where the list broke off."""
        window = run.scratch.get("window")
        if window is None:
            return
        account_facts.cover(run.account, window, at=run.scratch["at"])
        run.job.result = {
            "from": window.since.isoformat(timespec="seconds"),
            "to": window.until.isoformat(timespec="seconds"),
            "calls": run.scratch["told"],
            "new": run.scratch["new"],
        }


def _window(run: Any, now: datetime) -> Window:
    """Return what is fetched: a person wants the newest calls, the schedule fills what is missing."""
    is_person = run.job.source == Job.Source.PERSON
    known = account_facts.covered(run.account)
    patience = timedelta(0) if is_person else account_facts.CALLS_PATIENCE
    return call_windows.next_window(known, now, patience=patience) or call_windows.newest(now)


def keep_calls(account: ProviderAccount, records: Sequence[ToldCall]) -> int:
    """Write the calls that are not known yet; return how many those were."""
    refs = [record.ref[:64] for record in records]
    known = set(
        CallRecord.objects.filter(account=account, call_ref__in=refs).values_list(
            "call_ref", flat=True
        )
    )
    fresh = {record.ref[:64]: record for record in records if record.ref[:64] not in known}
    CallRecord.objects.bulk_create(
        [_row(account, record) for record in fresh.values()], ignore_conflicts=True
    )
    return len(fresh)


def _row(account: ProviderAccount, record: ToldCall) -> CallRecord:
    return CallRecord(
        account=account,
        call_ref=record.ref[:64],
        started_at=record.at,
        seconds=min(max(record.seconds or 0, 0), MAX_SECONDS),
        caller=_printable(record.caller, 32),
        caller_name=_printable(record.caller_name, 80),
        callee=_printable(record.called, 32),
        address=_printable(record.address, 64),
        rate=record.rate_per_minute,
        amount=record.charged,
    )


def _printable(text: str, length: int) -> str:
    return text.replace("\x00", "")[:length]
