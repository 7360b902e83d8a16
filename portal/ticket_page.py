"""What pages show of support tickets: one with its thread, Home, search, a number's page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from portal import panels, unsafe_html
from portal.forms_account import LinkForm, ReplyForm, StatusForm
from portal.jobs.submit import new_key
from portal.models import AccountFact, Job, SupportTicket, User
from portal.panels import Hit, Hits, JobLink, Task
from portal.templatetags.status_words import find
from portal.tn import TN, InvalidTN

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
    job = _last_job(ticket)
    rights = AccountFact.objects.filter(account=ticket.account, kind="no_ticket_deletion").first()
    return {
        "ticket": ticket,
        "thread": newest[::-1],
        "here": panels.numbers_here(user, [ticket.tn]),
        "job": job if job and job.is_open else None,
        "failed": job if job and job.status == "failed" else None,
        "can_change": user.has_perm("portal.change_ticket") and ticket.missing_since is None,
        "can_delete": user.has_perm("portal.delete_ticket") and not rights,
        "no_deletion": rights.content.get("words", "") if rights else "",
        "reply_form": ReplyForm(initial={"key": new_key()}),
        "status_form": StatusForm(initial={"key": new_key(), "status": ticket.status}),
        "link_form": LinkForm(initial={"tn": ticket.tn}),
    } | forms


def _last_job(ticket: SupportTicket) -> Job | None:
    """Return what was asked or written last and is not over, or failed; a later look hides a read."""
    name = f"ticket:{ticket.pk}"
    jobs = Job.objects.filter(account=ticket.account).defer("params", "result").order_by("-pk")
    write = jobs.filter(kind__in=WRITES, items__target=name).first()
    told = Q(status__in=Job.OPEN) | Q(status="failed", finished_at__gt=ticket.synced_at)
    read = jobs.filter(told, kind="portal.read_ticket", subject=name).first()
    return max(filter(None, (write, read)), key=lambda job: job.pk, default=None)


def waiting() -> Any:
    """Return the tickets that the help desk answered and waits with for us, longest first."""
    rows = SupportTicket.objects.listed().filter(status="pending")
    return rows.with_account().order_by("changed_at")


def home_tasks(user: User) -> Iterator[Task]:
    """Yield the tickets whose answer nobody has taken up yet."""
    if not user.has_perm("portal.view_ticket"):
        return
    rows = list(waiting()[: NAMED + 1])
    for ticket in rows[:NAMED]:
        yield Task(
            title=f"{ticket.account} answered: {ticket.subject}",
            note="The help desk waits for us. Answer it, or close it.",
            url=_page_of(ticket),
            action="Read",
            tone="info",
            weight=35,
        )
    if len(rows) > NAMED:
        url = f"{reverse('portal:ticket-list')}?status=pending"
        yield Task(title="More tickets with an answer", url=url, action="All", weight=36)


def search(user: User, text: str) -> Hits:
    """Return tickets by words of the subject, by the telephone number that they are about, or by
    the number that people know them by; “ticket 97” leads there at once.
    """
    if not user.has_perm("portal.view_ticket"):
        return Hits(title="Tickets")
    shown_number = text.lower().removeprefix("ticket").strip(" #")
    about = _number(text)
    found = Q(subject__icontains=text) | Q(shown_number=shown_number or "-")
    if about:
        found |= Q(tn=about)
    tickets = SupportTicket.objects.visible_to(user).listed().filter(found)
    rows = list(tickets.with_account()[: HITS + 1])
    exact = [row for row in rows if row.shown_number == shown_number]
    is_named = text.lower().startswith("ticket") and len(exact) == 1
    query = urlencode({"number": about} if about else {"q": text})
    return Hits(
        title="Tickets",
        hits=[
            Hit(
                title=row.subject,
                note=" · ".join(
                    (row.shown_number, str(row.account), find(row.status, "ticket").label)
                ),
                url=_page_of(row),
            )
            for row in rows[:HITS]
        ],
        more_url=f"{reverse('portal:ticket-list')}?{query}" if len(rows) > HITS else "",
        exact_url=_page_of(exact[0]) if is_named else "",
    )


def _number(text: str) -> str:
    try:
        return TN.parse(text)
    except InvalidTN:
        return ""


def _page_of(ticket: SupportTicket) -> str:
    return reverse("portal:ticket-detail", args=[ticket.pk])


def of_number(tn: str, user: User) -> list[SupportTicket]:
    """Return the newest tickets about a number."""
    rows = SupportTicket.objects.visible_to(user).listed().filter(tn=tn)
    return list(rows.with_account()[:OF_NUMBER])


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
