"""Having people mailed when somebody dials 911 from a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from e911.models import AlertContact, EmergencyRecord
from e911.services import alerts
from portal import jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.capabilities.e911 import EmergencyAlerts
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderError, ProviderRefused
from portal.tn import TN

NOT_LIVE = "It has no E911 record that is set: nobody can be told of its 911 calls."


def _records(account: ProviderAccount | None, tns: Sequence[str]) -> dict[str, EmergencyRecord]:
    rows = EmergencyRecord.objects.filter(account=account, tn__among=tns)
    return {row.tn: row for row in rows.select_related("number", "number__customer")}


def not_live(account: ProviderAccount | None, targets: Sequence[str]) -> list[Problem]:
    """Return a problem for each number without a record that is set."""
    known = _records(account, targets)
    found = []
    for target in targets:
        record = known.get(target)
        if record is None or record.state not in record.LIVE:
            message = f"{TN(target).pretty}: {NOT_LIVE} Nothing was sent."
            found.append(Problem(message=message, target=target))
    return found


class _Change(Operation):
    """What adding and removing a contact have in common: one address, some numbers."""

    permission = "e911.change_emergencyrecord"
    capability, is_write = "e911_alerts", True
    is_there: bool  # whether the address is among the contacts afterwards

    def queue_for(self, items: Sequence[Item]) -> str:
        """Return the quick queue for one number: somebody looks on."""
        return "interactive" if len(items) == 1 else "provider"

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
        """Send it for each number; what was refused may hold already."""
        email = str(run.job.params["email"])
        for tn in part.tns:
            try:
                outcome = self._send(provider, tn, email)
            except ValueError as error:
                words = f"It cannot be sent: {error}. Nothing was changed."
                yield ItemOutcome(tn=tn, outcome=Outcome.REFUSED, code="not_sent", message=words)
                continue
            if outcome.outcome is Outcome.REFUSED and self._holds(provider, tn, email):
                words = "It was so already."
                outcome = ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, message=words)
            yield outcome

    def _send(self, provider: EmergencyAlerts, tn: TN, email: str) -> ItemOutcome:
        raise TypeError(f"{type(self).__name__} cannot be carried out")

    def _holds(self, provider: EmergencyAlerts, tn: TN, email: str) -> bool:
        """Return whether the contacts are what they should be; a failure to ask says no."""
        try:
            found = provider.e911_alerts(tn)
        except ProviderError:
            return False
        return (email.lower() in [one.lower() for one in found]) == self.is_there

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Ask who is mailed."""
        email = str(run.job.params["email"]).lower()
        for item in items:
            tn = TN(item.target)
            try:
                found = [one.lower() for one in provider.e911_alerts(tn)]
            except ProviderRefused as error:
                yield Answer(item=item, verdict="unclear", words=error.message)
                continue
            if (email in found) == self.is_there:
                words = "Asked the provider: it was carried out."
                done = ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, message=words)
                yield Answer(item=item, verdict="done", outcome=done)
            else:
                words = "Asked the provider: it was not carried out."
                yield Answer(item=item, verdict="not_done", words=words)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Let the rows follow the outcomes."""
        known = _records(run.account, [item.target for item in items])
        for item in items:
            record = known.get(item.target)
            if item.status == JobItem.Status.PENDING or record is None:
                continue
            contact = alerts.find(record, str(run.job.params["email"]))
            if contact is not None:
                self._file(contact, item, run.job)

    def _file(self, contact: AlertContact, item: JobItem, job: Job) -> None:
        raise TypeError(f"{type(self).__name__} cannot be filed")


@register
class AddAlert(_Change):
    """Have one address mailed of 911 calls from numbers."""

    kind, is_there = "e911.add_alert", True

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return who is to be told of which calls."""
        return f"Tell {params['email']} of 911 calls from {_whose(items)}"

    def begin(self, job: Job, items: Sequence[Item]) -> None:
        """Show the contact as being added."""
        for record in _records(job.account, [item.target for item in items]).values():
            alerts.adding(record, str(job.params["email"]), actor=job.actor)

    def _send(self, provider: EmergencyAlerts, tn: TN, email: str) -> ItemOutcome:
        return provider.add_e911_alert(tn, email=email)

    def _file(self, contact: AlertContact, item: JobItem, job: Job) -> None:
        if item.status == JobItem.Status.SUCCEEDED:
            alerts.added(contact, job=job)
        else:
            alerts.not_added(contact, reason=item.message)


@register
class RemoveAlert(_Change):
    """Have one address mailed of 911 calls from numbers no more."""

    kind, is_there = "e911.remove_alert", False

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return who is to be told no more."""
        return f"Tell {params['email']} no more of 911 calls from {_whose(items)}"

    def begin(self, job: Job, items: Sequence[Item]) -> None:
        """Show the contact as being removed."""
        for record in _records(job.account, [item.target for item in items]).values():
            if contact := alerts.find(record, str(job.params["email"])):
                alerts.removing(contact)

    def _send(self, provider: EmergencyAlerts, tn: TN, email: str) -> ItemOutcome:
        return provider.remove_e911_alert(tn, email=email)

    def _file(self, contact: AlertContact, item: JobItem, job: Job) -> None:
        if item.status == JobItem.Status.SUCCEEDED:
            alerts.removed(contact, job=job)
        else:
            alerts.not_removed(contact, reason=item.message)


@register
class RemoveAlerts(Operation):
    """Have nobody mailed of 911 calls from numbers any more."""

    kind, permission = "e911.remove_alerts", "e911.change_emergencyrecord"
    capability, is_write = "e911_alerts", True
    queue = "interactive"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return from whose calls nobody is told any more."""
        return f"Tell nobody of 911 calls from {_whose(items)}"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return the numbers without a record."""
        known = _records(account, targets)
        return [
            Problem(message=f"{TN(one).pretty}: {NOT_LIVE} Nothing was sent.", target=one)
            for one in targets
            if one not in known
        ]

    def call(self, provider: EmergencyAlerts, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Remove them all, a number after the other."""
        for tn in part.tns:
            yield provider.remove_e911_alerts(tn)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Forget the contacts of the numbers where it was done."""
        known = _records(run.account, [item.target for item in items])
        for item in items:
            record = known.get(item.target)
            if item.status == JobItem.Status.SUCCEEDED and record is not None:
                for contact in AlertContact.objects.filter(record=record):
                    alerts.removed(contact, job=run.job)

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Ask who is mailed."""
        for item in items:
            try:
                found = provider.e911_alerts(TN(item.target))
            except ProviderRefused as error:
                yield Answer(item=item, verdict="unclear", words=error.message)
                continue
            if found:
                words = "Asked the provider: it was not carried out."
                yield Answer(item=item, verdict="not_done", words=words)
                continue
            words = "Asked the provider: nobody is mailed."
            done = ItemOutcome(tn=TN(item.target), outcome=Outcome.SUCCEEDED, message=words)
            yield Answer(item=item, verdict="done", outcome=done)


@register
class ReadAlerts(Operation):
    """Ask who is mailed of 911 calls from numbers, and let our rows follow."""

    kind, permission = "e911.read_alerts", "e911.refresh_emergencyrecord"
    capability = "e911_alerts"
    max_attempts = 3

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return whose contacts are read."""
        return f"Read who is told of 911 calls from {_whose(items)}"

    def queue_for(self, items: Sequence[Item]) -> str:
        """Return the quick queue for one number: somebody looks on."""
        return "interactive" if len(items) == 1 else "provider"

    def call(self, provider: EmergencyAlerts, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Ask for the contacts of each number."""
        for tn in part.tns:
            emails = provider.e911_alerts(tn)
            yield ItemOutcome(
                tn=tn,
                outcome=Outcome.SUCCEEDED,
                message=", ".join(emails)[:500] or "Nobody is mailed.",
                values={"emails": " ".join(emails)},
            )

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write the contacts."""
        known = _records(run.account, [item.target for item in items])
        for item in items:
            record = known.get(item.target)
            if item.status == JobItem.Status.SUCCEEDED and record is not None:
                alerts.told(record, item.after.get("values", {}).get("emails", "").split())


def _whose(items: Sequence[Item]) -> str:
    return TN(items[0].target).pretty if len(items) == 1 else f"{len(items):,} numbers"


def add_alert(
    record: EmergencyRecord, *, email: str, actor: User | None, key: str | None = None
) -> Job:
    """Submit one more contact of a record; a telephone is its carrier's gateway address."""
    return add_alerts([record], email=email, actor=actor, key=key)


def add_alerts(
    wanted: Sequence[EmergencyRecord], *, email: str, actor: User | None, key: str | None = None
) -> Job:
    """Submit one contact for records of one account."""
    return _submit(AddAlert.kind, wanted, {"email": email.strip()}, actor, key)


def remove_alert(contact: AlertContact, *, actor: User | None, key: str | None = None) -> Job:
    """Submit that a contact is told no more."""
    return _submit(RemoveAlert.kind, [contact.record], {"email": contact.email}, actor, key)


def remove_alerts(record: EmergencyRecord, *, actor: User | None, key: str | None = None) -> Job:
    """Submit that nobody is told any more."""
    return _submit(RemoveAlerts.kind, [record], {}, actor, key)


def read_alerts(wanted: Sequence[EmergencyRecord] | EmergencyRecord, *, actor: User | None) -> Job:
    """Submit the question who is told, for records of one account."""
    rows = [wanted] if isinstance(wanted, EmergencyRecord) else wanted
    return _submit(ReadAlerts.kind, rows, {}, actor, None)


def _submit(
    kind: str,
    wanted: Sequence[EmergencyRecord],
    params: Mapping[str, Any],
    actor: User | None,
    key: str | None,
) -> Job:
    if not wanted:
        raise jobs.NotAccepted([Problem(message="No number was chosen. Nothing was sent.")])
    return jobs.submit(
        kind,
        actor=actor,
        account=wanted[0].account,
        params=params,
        items=[Item(target=record.tn, slice=place) for place, record in enumerate(wanted)],
        key=key,
    )
