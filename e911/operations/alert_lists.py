"""Giving numbers exactly the contacts of a list, as a file says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from e911.models import EmergencyRecord
from e911.operations.alerts import not_live
from e911.services import alerts
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.capabilities.e911 import EmergencyAlerts
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderRefused
from portal.tn import TN


@register
class SetAlerts(Operation):
    """Have exactly those mailed of 911 calls from a number that its row names.

    Who is mailed is read first and after; what holds already is not sent. Doing it again changes
    nothing, so that a row whose answer was lost is simply looked at and finished.
    """

    kind, permission = "e911.set_alerts", "e911.change_emergencyrecord"
    capability, is_write = "e911_alerts", True

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return of how many numbers it is."""
        return (
            f"Who is told of 911 calls from {len(items):,} number{'s' if len(items) != 1 else ''}"
        )

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return the numbers without a record that is set."""
        return not_live(account, targets)

    def call(self, provider: EmergencyAlerts, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Read, add, remove and read once more, a number after the other."""
        for item in part.items:
            tn = TN(item.target)
            try:
                yield _bring(provider, tn, _wanted(item))
            except ValueError as error:
                words = f"It cannot be sent: {error}. Nothing more was changed."
                yield ItemOutcome(tn=tn, outcome=Outcome.REFUSED, code="not_sent", message=words)
            except ProviderRefused as error:
                yield ItemOutcome(
                    tn=tn, outcome=Outcome.REFUSED, code=error.code, message=error.message
                )

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Let the contacts follow what was read last, and tell each record's timeline."""
        rows = EmergencyRecord.objects.filter(
            account=run.account, tn__among=[item.target for item in items]
        )
        known = {row.tn: row for row in rows.select_related("number", "number__customer")}
        for item in items:
            record, told = known.get(item.target), item.after.get("values", {})
            if record is not None and "emails" in told:
                _file(record, told["emails"].split(), run.job)

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Ask who is mailed now."""
        for item in items:
            tn = TN(item.target)
            try:
                found = _lower(provider.e911_alerts(tn))
            except ProviderRefused as error:
                yield Answer(item=item, verdict="unclear", words=error.message)
                continue
            if set(found) == _wanted(item):
                words = "Asked the provider: exactly these are mailed."
                values = {"emails": " ".join(found)}
                done = ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, message=words, values=values)
                yield Answer(item=item, verdict="done", outcome=done)
            else:
                words = "Asked the provider: the list is not complete yet."
                yield Answer(item=item, verdict="not_done", words=words)


def _wanted(item: JobItem) -> set[str]:
    return set(str(item.params["emails"]).split())


def _lower(emails: Sequence[str]) -> list[str]:
    return [email.strip().lower() for email in emails]


def _bring(provider: EmergencyAlerts, tn: TN, wanted: set[str]) -> ItemOutcome:
    """Bring one number's contacts to what is wanted; return how far that went."""
    found = _lower(provider.e911_alerts(tn))
    refusals = []
    # Room is made first: a number has at most ten contacts (voip-innovations.md 2.9).
    for email in sorted(set(found) - wanted):
        refusals.append(provider.remove_e911_alert(tn, email=email))
    for email in sorted(wanted - set(found)):
        refusals.append(provider.add_e911_alert(tn, email=email))
    now = _lower(provider.e911_alerts(tn)) if refusals else found
    values = {"emails": " ".join(now)}
    if set(now) == wanted:
        words = ", ".join(now) or "Nobody is mailed."
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, message=words[:500], values=values)
    said = next((one for one in refusals if one.outcome is Outcome.REFUSED), None)
    words = f"Not all was done: {', '.join(now) or 'nobody'} is mailed now."
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=said.code if said else "",
        message=f"{words} {said.message if said else ''}".strip()[:500],
        advice=said.advice if said else "",
        values=values,
    )


def _file(record: EmergencyRecord, emails: Sequence[str], job: Job) -> None:
    """Write the contacts that a provider told, and what changed by it."""
    known = {contact.email.lower() for contact in record.alerts.all()}
    for email in sorted(set(emails) - known):
        alerts.added(alerts.adding(record, email, actor=job.actor), job=job)
    for email in sorted(known - set(emails)):
        if contact := alerts.find(record, email):
            alerts.removed(contact, job=job)
