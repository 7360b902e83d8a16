"""What the portal lends an adapter: exchanges, budgets, breaker and tokens, all in the database."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from portal.jobs.run import AccountPaused, LeaseLost, Run
from portal.models import BudgetSpend, Exchange, Job, JobItem, ProviderAccount, ProviderToken
from portal.providers.base import WireCall, WireReply
from portal.providers.errors import ProviderUnavailable

log = structlog.get_logger(__name__)

_BUDGET_LOCK = 0x4E45
_TOKEN_LOCK = 0x4E46
_RECORD_PATIENCE = 60.0  # seconds to wait for a database that is away, before a reply is given up
_PROBE_SECONDS = 60


class JobRuntime:
    """The `Runtime` of one run. Every method uses short transactions of its own."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._account_id = run.account.pk
        self.last_was_write = False  # of the last exchange: may something have been carried out?
        self.sent_anything = False

    def guard(self) -> None:
        """Raise `ProviderUnavailable` while the account is off, paused, broken or over its budget."""
        account = ProviderAccount.objects.get(pk=self._account_id)
        if account.why_closed:
            closed = AccountPaused if account.paused_at else ProviderUnavailable
            raise closed(account.why_closed)
        self._pass_breaker(account)
        self.spend("calls", limit=account.calls_per_minute, seconds=60)

    def _pass_breaker(self, account: ProviderAccount) -> None:
        if account.breaker == ProviderAccount.Breaker.CLOSED:
            return
        now = timezone.now()
        probe = ProviderAccount.objects.filter(
            pk=account.pk, breaker=account.breaker, breaker_until__lte=now
        ).update(
            breaker=ProviderAccount.Breaker.HALF_OPEN,
            breaker_until=now + timedelta(seconds=_PROBE_SECONDS),
        )
        if not probe:
            raise ProviderUnavailable(
                f"Calls to {account} are paused after repeated failures.",
                retry_at=account.breaker_until,
            )

    def spend(self, bucket: str, *, limit: int, seconds: int, per_source: bool = False) -> None:
        """Take one call from a budget; raises `ProviderUnavailable` with the time when it refills."""
        scope = f"source:{self._run.account.slug}" if per_source else f"account:{self._account_id}"
        now = timezone.now()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
                    [_BUDGET_LOCK, f"{scope} {bucket}"],
                )
            window = BudgetSpend.objects.filter(scope=scope, bucket=bucket)
            window.filter(spent_at__lte=now - timedelta(seconds=seconds)).delete()
            if window.count() >= limit:
                oldest = window.order_by("spent_at").values_list("spent_at", flat=True).first()
                raise ProviderUnavailable(
                    f"The budget of {limit} calls per {_words(seconds)} is used up.",
                    retry_at=(oldest or now) + timedelta(seconds=seconds),
                )
            BudgetSpend.objects.create(
                scope=scope,
                bucket=bucket,
                allowed=limit,
                spent_at=now,
                expires_at=now + timedelta(seconds=seconds),
            )

    def token(self, name: str, *, lifetime: timedelta, fetch: Callable[[], str]) -> str:
        """Return the cached token, or let one worker fetch it while the others wait."""
        if token := self._valid_token(name):
            return token
        lock = [_TOKEN_LOCK, self._account_id]
        self._wait_for_lock(lock)
        try:
            if token := self._valid_token(name):
                return token
            token = fetch()
            ProviderToken.objects.update_or_create(
                account_id=self._account_id,
                name=name,
                defaults={"token": token, "expires_at": timezone.now() + lifetime},
            )
            return token
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", lock)

    def drop_token(self, name: str, token: str) -> None:
        """Forget the token if it is still the one that was refused."""
        known = ProviderToken.objects.filter(account_id=self._account_id, name=name).first()
        if known and known.token == token:
            known.delete()

    def before_send(self, call: WireCall) -> int:
        """Record the exchange, committed, before the bytes leave.

        In the same transaction the lease is checked and the numbers of the current part are marked
        as sent: from here on a lost answer means unknown. Raises `LeaseLost`.
        """
        now = timezone.now()
        with transaction.atomic():
            held = Job.objects.select_for_update().filter(
                pk=self._run.job.pk, lease_token=self._run.token, lease_until__gt=now
            )
            if not held.exists():
                raise LeaseLost(self._run.job.pk)
            part = self._run.current
            if call.is_write and part is not None:
                JobItem.objects.filter(
                    pk__in=[item.pk for item in part.items], status=JobItem.Status.QUEUED
                ).update(status=JobItem.Status.SENT, updated_at=now)
            exchange = Exchange.objects.create(
                job=self._run.job,
                account_id=self._account_id,
                slice=part.number if part else None,
                operation=call.operation,
                is_write=call.is_write,
                method=call.method,
                url=call.url,
                request_headers=dict(call.headers),
                request_body=_printable(call.body[: Exchange.BODY_LIMIT]),
            )
        self.last_was_write = call.is_write
        self.sent_anything = True
        return exchange.pk

    def after_reply(self, handle: int, reply: WireReply) -> None:
        """Complete the exchange and feed the breaker; waits for a database that is restarting."""
        body = reply.body
        changes = {
            "outcome": reply.outcome,
            "reply_status": reply.status,
            "reply_body": _printable(body[: Exchange.BODY_LIMIT]),
            "reply_size": reply.size,
            "reply_rest_hash": hashlib.sha256(body[Exchange.BODY_LIMIT :].encode()).hexdigest()
            if len(body) > Exchange.BODY_LIMIT
            else "",
            "note": _printable(reply.note[:500]),
            "seconds": reply.seconds,
        }

        def write() -> None:
            Exchange.objects.filter(pk=handle).update(**changes)
            self._feed_breaker(reply)

        patiently(write)

    def _feed_breaker(self, reply: WireReply) -> None:
        now = timezone.now()
        row = ProviderAccount.objects.filter(pk=self._account_id)
        if reply.outcome == "auth":
            row.filter(paused_at=None).update(
                paused_at=now,
                pause_reason=ProviderAccount.REFUSED_CREDENTIALS,
                last_failure_at=now,
                last_failure=reply.note[:300],
            )
            return
        if reply.outcome in {"answered", "refused"} or reply.status == 429:
            row.update(
                breaker=ProviderAccount.Breaker.CLOSED,
                failure_count=0,
                opened_count=0,
                breaker_until=None,
                last_ok_at=now,
            )
            return
        account = row.get()
        failures = account.failure_count + 1
        changes = {
            "failure_count": F("failure_count") + 1,
            "last_failure_at": now,
            "last_failure": reply.note[:300],
        }
        half_open = account.breaker == ProviderAccount.Breaker.HALF_OPEN
        if half_open or failures >= ProviderAccount.BREAKER_THRESHOLD:
            changes |= {
                "breaker": ProviderAccount.Breaker.OPEN,
                "breaker_until": now + account.breaker_pause(),
                "opened_count": F("opened_count") + 1,
            }
        row.update(**changes)

    def _valid_token(self, name: str) -> str:
        row = ProviderToken.objects.filter(
            account_id=self._account_id, name=name, expires_at__gt=timezone.now()
        ).first()
        return row.token if row else ""

    def _wait_for_lock(self, lock: list[int]) -> None:
        deadline = time.monotonic() + 60
        while True:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", lock)
                if cursor.fetchone()[0]:
                    return
            if time.monotonic() > deadline:
                raise ProviderUnavailable("Another worker is signing in and does not finish.")
            time.sleep(0.1)


def patiently(write: Callable[[], object], *, needs_session: bool = False) -> None:
    """Run a small idempotent write, trying again for a minute while the database is away.

    With `needs_session` it reads what stands in temporary tables: these go with the connection, and
    the error is raised where that is lost. After a mere conflict with another writer it is tried on.
    """
    deadline = time.monotonic() + _RECORD_PATIENCE
    pause = 0.1
    session = connection.connection
    while True:
        try:
            write()
            return
        except (OperationalError, InterfaceError) as error:
            if time.monotonic() > deadline or connection.in_atomic_block:
                raise
            # Leaving a transaction on a dead connection may have made a new one already.
            is_lost = connection.connection is not session or not connection.is_usable()
            if is_lost and needs_session:
                raise
            log.warning("database_away" if is_lost else "database_conflict", error=str(error))
            if is_lost:
                connection.close()
                session = None
            time.sleep(pause)
            pause = min(pause * 2, 2.0)


def _printable(text: str) -> str:
    return text.replace("\x00", "\ufffd")


def _words(seconds: int) -> str:
    return {60: "minute", 3600: "hour", 86_400: "day"}.get(seconds, f"{seconds} seconds")
