"""Asking providers whether numbers can be ported in: for a list, and again for an order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal import jobs, providers
from portal.jobs.submit import Child
from portal.models import Customer, Job, JobItem, ProviderAccount, User
from portal.operations import Item, Operation, Problem, register
from portal.providers.capabilities.porting import PortabilityCheck
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.porting import Portability
from portal.providers.errors import (
    ProviderProtocolError,
    ProviderRefused,
    ProviderUnavailable,
)
from portal.tn import TN
from porting import preflight as rules
from porting.models import PortOrder, Preflight
from porting.operations.base import refused
from porting.services import preflights

PART: Final = 20  # numbers between two times at which answers are filed
KEEPS: Final = timedelta(days=1)  # how long an answer is shown as good where nothing hangs on it


@register
class CheckPortability(Operation):
    """Ask one provider about numbers, one after the other; free, so it is simply repeated.

    ``params`` name the list (`preflight`) or the order whose numbers they are. A number that the
    provider will not answer about stops no other one.
    """

    kind, permission = "porting.check_portability", "porting.check_portability"
    capability = "portability_check"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return what is checked."""
        what = TN(items[0].target).pretty if len(items) == 1 else f"{len(items):,} numbers"
        return f"Can {what} be ported in"

    def queue_for(self, items: Sequence[Item]) -> str:
        """Return the fast lane for what somebody waits for."""
        return "interactive" if len(items) <= PART else "provider"

    def call(self, provider: PortabilityCheck, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Ask about the numbers of one part."""
        for tn in part.tns:
            try:
                told = provider.check_portability(tn)
            except (ProviderRefused, ProviderProtocolError) as error:
                yield refused(tn, error.message, code=error.code)
            except ProviderUnavailable as error:
                # The service itself failed at this number. The second time it is passed over, so
                # that the others are asked; where all fail, the breaker stops the job.
                if not error.code.startswith("5") or run.job.attempts < 2:
                    raise
                yield refused(tn, error.message, code=error.code)
            else:
                yield ItemOutcome(
                    tn=tn,
                    outcome=Outcome.SUCCEEDED,
                    message=summary(told),
                    values=answer(told, until=valid_until(run.account.slug)),
                )

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """File the answers with the list or the order."""
        told = {item.target: item.after.get("values", {}) for item in items}
        words = {item.target: item.message for item in items if not told[item.target]}
        if (pk := run.job.params.get("preflight")) is not None:
            preflights.keep_answers(pk, run.account, told, words)
        if (pk := run.job.params.get("order")) is not None:
            preflights.keep_order_answers(pk, told)


def answer(told: Portability, *, until: datetime) -> dict[str, str]:
    """Return an answer as it is kept."""
    found = {
        "is_portable": "true" if told.is_portable else "false",
        "carrier": told.losing_carrier[:120],
        "lrn": str(told.routing_number or ""),
        "tier": told.tier,
        "reason": told.reason[:300],
        "checked_at": timezone.now().isoformat(),
        "valid_until": until.isoformat(),
    }
    return {name: text for name, text in found.items() if text}


def summary(told: Portability) -> str:
    """Return an answer in a few words."""
    words = "Can be ported in" if told.is_portable else "Cannot be ported in"
    detail = told.losing_carrier if told.is_portable else told.reason
    return f"{words}: {detail}."[:300] if detail else f"{words}."


def valid_until(slug: str) -> datetime:
    """Return until when a “can be ported” of now holds at a provider."""
    cls = providers.provider_class(slug)
    return timezone.now() + (getattr(cls, "portability_lifetime", None) or KEEPS)


def start_preflight(
    text: str,
    *,
    actor: User,
    key: str,
    customer: Customer | None = None,
    file_name: str = "",
) -> Preflight:
    """Keep a pasted or uploaded list, and ask every provider that can tell about its numbers.

    The same key returns the same list. Bad entries are set aside with their reason and stop no
    other one. Raises `portal.jobs.NotAccepted` where there is nothing to check, too much, or
    nobody to ask; nothing is kept then.
    """
    if known := Preflight.objects.filter(key=key, actor=actor).first():
        return known
    entries = rules.read_entries(text)
    if problem := _why_not(entries):
        raise jobs.NotAccepted([Problem(message=problem)])
    accounts = list(ProviderAccount.objects.usable().offering("portability_check"))
    if not accounts:
        words = "No provider that can take numbers in is switched on. Nothing was checked."
        raise jobs.NotAccepted([Problem(message=words)])
    with transaction.atomic():
        preflight = preflights.create(
            entries, actor=actor, customer=customer, key=key, file_name=file_name
        )
        open_lines = preflight.lines.filter(verdict="waiting").order_by("position")
        tns = list(open_lines.values_list("tn", flat=True))
        if tns:
            preflight.job = _ask_all(tns, accounts, preflight, actor=actor)
        else:
            preflight.state = Preflight.State.CHECKED
        preflight.save(update_fields=["job", "state"])
    return preflight


def _why_not(entries: Sequence[rules.Entry]) -> str:
    if not entries:
        return "No number was given. Nothing was checked."
    if len(entries) > settings.PORT_CHECK_LIMIT:
        return (
            f"{len(entries):,} numbers are more than one list may have "
            f"({settings.PORT_CHECK_LIMIT:,}). Nothing was checked."
        )
    return ""


def _ask_all(
    tns: Sequence[str], accounts: Sequence[ProviderAccount], preflight: Preflight, *, actor: User
) -> Job:
    items = [Item(target=tn, slice=place // PART) for place, tn in enumerate(tns)]
    params = {"preflight": preflight.pk}
    children = [
        Child(kind=CheckPortability.kind, account=account, params=params, items=items)
        for account in accounts
    ]
    count = f"{len(tns):,} number{'s' if len(tns) != 1 else ''}"
    return jobs.submit_group(
        f"Can {count} be ported in",
        kind="porting.preflight",
        actor=actor,
        children=children,
        params=params,
    )


def check_again(order: PortOrder, *, actor: User | None) -> Job:
    """Ask the provider of an order about its numbers once more; returns the job."""
    lines = order.lines.active().order_by("tn")
    return jobs.submit(
        CheckPortability.kind,
        actor=actor,
        account=order.account,
        params={"order": order.pk},
        items=[Item(target=line.tn, slice=place // PART) for place, line in enumerate(lines)],
    )
