"""Support tickets: read with their threads, opened, answered, closed, deleted.

Help desks know no idempotency key: after a lost answer the ticket is read, and nothing is written
twice on a guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from portal import account_facts, audit, tickets
from portal.account_operations.base import AccountRead, done, unsendable
from portal.models import Job, JobItem, ProviderAccount, SupportTicket, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.capabilities.support import SupportTickets
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.support import Ticket, TicketStatus
from portal.providers.errors import ProviderError, ProviderRefused
from portal.templatetags.status_words import find
from portal.tn import TN
from portal.unsafe_html import plain

THREADS_READ: Final = 20  # in one run; the rest comes with the next
CLOCKS_APART: Final = timedelta(minutes=2)


@register
class SyncTickets(AccountRead):
    """Bring the tickets of an account here, and the threads of those that changed."""

    kind, permission = "portal.sync_tickets", "portal.change_ticket"
    capability = "support_tickets"
    words = "Support tickets of"

    def call(self, provider: SupportTickets, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """List the tickets and read changed threads; one that cannot be read is left for later."""
        listed = provider.list_tickets()
        run.scratch["tickets"] = listed
        threads = run.scratch.setdefault("threads", [])
        changed = [ticket for ticket in listed if tickets.is_thread_old(run.account, ticket)]
        for ticket in changed[:THREADS_READ]:
            try:
                threads.append(read_thread(provider, ticket.ref))
            except ProviderError:
                break
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write tickets and threads."""
        if "tickets" not in run.scratch:
            return
        run.job.result = tickets.keep_all(run.account, run.scratch["tickets"])
        for ticket in run.scratch["threads"]:
            tickets.keep(run.account, ticket)


@register
class ReadTicket(AccountRead):
    """Read one ticket with its thread."""

    kind, permission = "portal.read_ticket", "portal.change_ticket"
    capability, queue = "support_tickets", "interactive"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which ticket is read."""
        return f"Read ticket {params['number']}"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the ticket."""
        return f"ticket:{params['ticket']}"

    def call(self, provider: SupportTickets, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Read it."""
        run.scratch["ticket"] = read_thread(provider, run.job.params["ref"])
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write ticket and thread."""
        if "ticket" in run.scratch:
            tickets.keep(run.account, run.scratch["ticket"])


class TicketWrite(Operation):
    """A write to one ticket; its row's target is "ticket:" and our id."""

    permission, capability, is_write = "portal.change_ticket", "support_tickets", True
    queue = "interactive"
    verb = ""  # of the audit entry
    words = ""

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return what is done to which ticket."""
        return f"{self.words} ticket {params.get('number', '')}".strip()

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Refuse where the ticket is gone."""
        if SupportTicket.objects.filter(pk=params["ticket"]).exists():
            return []
        return [Problem(message="The ticket is not here any more. Nothing was sent.")]

    def send(self, provider: SupportTickets, run: Any) -> None:
        """Write to the help desk."""
        raise TypeError(f"{type(self).__name__} writes nothing")

    def call(self, provider: SupportTickets, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Write, then read the thread, so that the page shows what the help desk has."""
        target = part.items[0].target
        try:
            self.send(provider, run)
        except ValueError as error:
            yield from unsendable(target, error)
            return
        yield done(target)
        self.read_after(provider, run)

    def read_after(self, provider: SupportTickets, run: Any) -> None:
        """Read the thread; where that fails the next sync brings it."""
        try:
            run.scratch["ticket"] = read_thread(provider, run.job.params["ref"])
        except ProviderError:
            run.scratch.pop("ticket", None)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write what the help desk has, and audit what was done."""
        row = SupportTicket.objects.filter(pk=run.job.params["ticket"]).first()
        if row is None:
            return
        if "ticket" in run.scratch:
            tickets.keep(run.account, run.scratch["ticket"])
        if any(item.status == JobItem.Status.SUCCEEDED for item in items):
            self.applied(run, row)

    def applied(self, run: Any, row: SupportTicket) -> None:
        """Audit it."""
        audit.record(run.job.actor, self.verb, row, job=run.job)


@register
class ReplyToTicket(TicketWrite):
    """Add a message to a ticket."""

    kind, verb, words = "portal.reply_ticket", "portal.ticket.answered", "Answer"

    def send(self, provider: SupportTickets, run: Any) -> None:
        """Send the message."""
        provider.reply_to_ticket(run.job.params["ref"], message=run.job.params["message"])

    def ask(self, provider: SupportTickets, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Look for the message in the thread: only what was not there before the job counts."""
        told = run.scratch["ticket"] = read_thread(provider, run.job.params["ref"])
        since = (run.job.started_at or run.job.created_at) - CLOCKS_APART
        known = set(run.job.params.get("known", ()))
        fresh = [message for message in told.messages if message.ref not in known]
        later = [m for m in fresh if m.created_at is None or m.created_at >= since]
        ours = [plain(message.unsafe_html) for message in later if message.kind == "customer"]
        if plain_text(run.job.params["message"]) in ours:
            verdict = _found(items[0], "It stands in the ticket.")
        elif ours:
            words = "The ticket has a new message of ours that reads otherwise."
            verdict = Answer(item=items[0], verdict="unclear", words=words)
        else:
            words = "Asked the help desk: the message is not in the ticket."
            verdict = Answer(item=items[0], verdict="not_done", words=words)
        yield verdict


@register
class SetTicketStatus(TicketWrite):
    """Close a ticket, open it again, let it wait, or call it spam."""

    kind, verb, words = "portal.set_ticket_status", "portal.ticket.status_changed", "Status of"

    def send(self, provider: SupportTickets, run: Any) -> None:
        """Change the status."""
        status = TicketStatus(run.job.params["status"])
        provider.set_ticket_status(run.job.params["ref"], status)

    def applied(self, run: Any, row: SupportTicket) -> None:
        """Show the new status at once, even where it could not be read back; audit both."""
        before = {"status": run.job.params.get("before", "")}
        after = {"status": run.job.params["status"]}
        SupportTicket.objects.filter(pk=row.pk).update(status=after["status"])
        audit.record(run.job.actor, self.verb, row, before=before, after=after, job=run.job)

    def ask(self, provider: SupportTickets, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Read the status."""
        told = run.scratch["ticket"] = provider.ticket(run.job.params["ref"])
        if told.status == run.job.params["status"]:
            yield _found(items[0], "The help desk has this status.")
        else:
            words = (
                f"Asked the help desk: the status is still “{find(told.status, 'ticket').label}”."
            )
            yield Answer(item=items[0], verdict="not_done", words=words)


@register
class DeleteTicket(TicketWrite):
    """Delete a ticket for good; help desks allow it to their own administrators."""

    kind, words, permission = "portal.delete_ticket", "Delete", "portal.delete_ticket"

    def send(self, provider: SupportTickets, run: Any) -> None:
        """Delete it."""
        provider.delete_ticket(run.job.params["ref"])

    def read_after(self, provider: SupportTickets, run: Any) -> None:
        """Read nothing: it is gone."""

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Delete it here too; remember where this sign-in may not delete."""
        for item in items:
            if item.status == JobItem.Status.REFUSED and item.code == "403":
                account_facts.keep(run.account, "no_ticket_deletion", {"words": item.message})
        super().apply(run, items)

    def applied(self, run: Any, row: SupportTicket) -> None:
        """Delete the row."""
        tickets.forget(row, job=run.job)

    def ask(self, provider: SupportTickets, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Look whether it is still there."""
        try:
            provider.ticket(run.job.params["ref"])
        except ProviderRefused as error:
            if error.code != "404":
                raise
            yield _found(items[0], "The help desk has it no more.")
        else:
            yield Answer(item=items[0], verdict="not_done", words="It is still there.")


@register
class OpenTicket(TicketWrite):
    """Write a new ticket."""

    kind, words = "portal.open_ticket", "New support ticket:"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return what it is about."""
        return f"{self.words} {params.get('subject', '')}"

    def check(self, **facts: Any) -> list[Problem]:
        """Nothing stands against a new ticket."""
        return []

    def call(self, provider: SupportTickets, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Open it."""
        target, params = part.items[0].target, run.job.params
        try:
            told = provider.open_ticket(subject=params["subject"], message=params["message"])
        except ValueError as error:
            yield from unsendable(target, error)
            return
        run.scratch["ticket"] = told
        yield done(target, provider_ref=told.ref)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """File it with the number that it is about."""
        told = run.scratch.get("ticket")
        if told is None or not any(i.status == JobItem.Status.SUCCEEDED for i in items):
            return
        row = tickets.keep(run.account, told, tn=run.job.params.get("tn", ""))
        run.job.result = {"ticket": told.number}
        facts = {"number": row.tn, "ticket": told.number}
        audit.record(run.job.actor, "portal.ticket.opened", row, after=facts, job=run.job)

    def ask(self, provider: SupportTickets, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Look for a ticket with this subject that came after the job."""
        since = (run.job.started_at or run.job.created_at) - CLOCKS_APART
        subject = plain_text(run.job.params["subject"])
        for told in provider.list_tickets():
            is_new = told.created_at is not None and told.created_at >= since
            if is_new and plain_text(told.subject) == subject:
                run.scratch["ticket"] = told
                yield _found(items[0], "The help desk has it.", ref=told.ref)
                return
        words = "Asked the help desk: it lists no such ticket."
        yield Answer(item=items[0], verdict="not_done", words=words)


def read_thread(provider: SupportTickets, ref: str) -> Ticket:
    """Return a ticket with its messages, by a second question where the first tells none."""
    told = provider.ticket(ref)
    if told.messages:
        return told
    return replace(told, messages=tuple(provider.ticket_messages(ref)))


def plain_text(text: str) -> str:
    """Return a text with single spaces: how it compares with what a help desk shows."""
    return " ".join(text.split())


def _found(item: JobItem, words: str, *, ref: str = "") -> Answer:
    outcome = ItemOutcome(
        tn=TN(item.target), outcome=Outcome.SUCCEEDED, message=words, provider_ref=ref
    )
    return Answer(item=item, verdict="done", outcome=outcome)
