"""What pages show of support tickets: one with its thread, Home, search, a number's page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse

from portal import unsafe_html
from portal.forms_account import LinkForm, ReplyForm, StatusForm
from portal.jobs.submit import new_key
from portal.models import AccountFact, Job, SupportTicket, User
from portal.panels import Hit, Hits, JobLink, Task

NAMED = 3  # on Home; more are one line
HITS = 5
OF_NUMBER = 5
MESSAGES = 200
WRITES = ("portal.reply_ticket", "portal.set_ticket_status", "portal.delete_ticket")


def context(ticket: SupportTicket, user: User, **forms: Any) -> dict[str, Any]:
    """Return what the page of one ticket shows; `forms` stand in for fresh ones."""
    newest = list(ticket.messages.order_by("-written_at", "-pk")[:MESSAGES])
    for message in newest:
        message.shown = unsafe_html.clean(message.body)  # type: ignore[attr-defined]
    kinds = Q(kind__in=WRITES, items__target=f"ticket:{ticket.pk}")
    kinds |= Q(kind="portal.read_ticket", subject=f"ticket:{ticket.pk}")
    rights = AccountFact.objects.filter(account=ticket.account, kind="no_ticket_deletion").first()
    return {
        "ticket": ticket,
        "thread": newest[::-1],
        "job": Job.objects.filter(kinds, account=ticket.account).open().order_by("-pk").first(),
        "can_change": user.has_perm("portal.change_ticket") and ticket.missing_since is None,
        "can_delete": user.has_perm("portal.delete_ticket") and not rights,
        "no_deletion": rights.content.get("words", "") if rights else "",
        "reply_form": ReplyForm(initial={"key": new_key()}),
        "status_form": StatusForm(initial={"key": new_key(), "status": ticket.status}),
        "link_form": LinkForm(initial={"tn": ticket.tn}),
    } | forms


def waiting() -> Any:
    """Return the tickets that the help desk answered and waits with for us, longest first."""
    rows = SupportTicket.objects.filter(status="pending", missing_since=None)
    return rows.select_related("account").order_by("changed_at")


def home_tasks(user: User) -> Iterator[Task]:
    """Yield the tickets whose answer nobody has taken up yet."""
    if not user.has_perm("portal.view_ticket"):
        return
    rows = list(waiting()[: NAMED + 1])
    for ticket in rows[:NAMED]:
        yield Task(
            title=f"{ticket.account} answered: {ticket.subject}",
            note="The help desk waits for us. Answer it, or close it.",
            url=reverse("portal:ticket-detail", args=[ticket.pk]),
            action="Read",
            tone="info",
            weight=35,
        )
    if len(rows) > NAMED:
        url = f"{reverse('portal:ticket-list')}?status=pending"
        yield Task(title="More tickets with an answer", url=url, action="All", weight=36)


def search(user: User, text: str) -> Hits:
    """Return tickets with this text in the subject, or of this number as people see it."""
    if not user.has_perm("portal.view_ticket"):
        return Hits(title="Tickets")
    number = text.lower().removeprefix("ticket").strip(" #")
    found = SupportTicket.objects.visible_to(user).filter(
        Q(subject__icontains=text) | Q(shown_number=number)
    )
    rows = list(found.select_related("account")[: HITS + 1])
    return Hits(
        title="Tickets",
        hits=[
            Hit(
                title=row.subject,
                note=f"{row.account} · {row.get_status_display()}",
                url=reverse("portal:ticket-detail", args=[row.pk]),
            )
            for row in rows[:HITS]
        ],
        more_url=f"{reverse('portal:ticket-list')}?q={text}" if len(rows) > HITS else "",
    )


def of_number(tn: str, user: User) -> list[SupportTicket]:
    """Return the newest tickets about a number."""
    rows = SupportTicket.objects.visible_to(user).filter(tn=tn, missing_since=None)
    return list(rows.select_related("account")[:OF_NUMBER])


def job_links(job: Job, user: User) -> Iterable[JobLink]:
    """Yield the way back from a job about a ticket to the ticket."""
    if not user.has_perm("portal.view_ticket"):
        return
    pk = job.params.get("ticket") if job.kind in {*WRITES, "portal.read_ticket"} else None
    if job.kind == "portal.open_ticket":
        item = job.items.exclude(provider_ref="").first()
        ref = item.provider_ref if item else ""
        found = SupportTicket.objects.filter(account=job.account, ticket_ref=ref)
        pk = found.values_list("pk", flat=True).first()
    if pk and SupportTicket.objects.filter(pk=pk).exists():
        url = reverse("portal:ticket-detail", args=[pk])
        yield JobLink(label="Open the ticket", url=url, icon="ticket")
