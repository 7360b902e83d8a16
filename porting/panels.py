"""What porting shows on the platform's pages: see `register`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from portal import panels
from portal.models import Customer, Job, User
from portal.panels import Hit, Hits, JobLink, Panel, Share, ShareCount
from portal.templatetags.status_words import find
from porting import follow, home
from porting.models import PortLine, PortOrder, PortOut, Preflight

HITS = 6
OF_NUMBER = 5


def search_ports(user: User, text: str) -> Hits:
    """Return orders by number, our or the provider's id, ticket or name; a PON leads there at once."""
    if not user.has_perm("porting.view_portorder") or len(text.strip()) < 2:
        return Hits(title="Ports")
    visible = PortOrder.objects.visible_to(user)
    found = list(visible.matching(text).for_list().order_by("-id")[: HITS + 1])
    is_named = text.strip().lower().startswith(("port ", "nd0"))
    url = f"{reverse('porting:port-list')}?{urlencode({'q': text})}"
    return Hits(
        title="Ports",
        hits=[
            Hit(title=_title(one, user), note=_note(one), url=one.get_absolute_url())
            for one in found[:HITS]
        ],
        more_url=url if len(found) > HITS else "",
        exact_url=found[0].get_absolute_url() if is_named and len(found) == 1 else "",
    )


def _title(order: PortOrder, user: User) -> str:
    ref = order.provider_ref if user.is_staff_role else ""
    return " · ".join(filter(None, (str(order), order.label, ref)))


def _note(order: PortOrder) -> str:
    count = f"{order.number_count:,} number{'' if order.number_count == 1 else 's'}"
    return " · ".join(filter(None, (str(order.get_state_display()), count, order.losing_carrier)))


def number_panel(number: Any, user: User) -> Panel | None:
    """Return what porting knows of a number: its orders, and whether it leaves; None for nothing."""
    lines = PortLine.objects.visible_to(user).filter(tn=number.tn).select_related("order__account")
    found = list(lines.order_by("-order_id")[:OF_NUMBER])
    outs = PortOut.objects.visible_to(user).filter(tn=number.tn)[:OF_NUMBER]
    cases = list(outs) if user.has_perm("porting.view_portout") else []
    can_report = user.has_perm("porting.change_portout") and number.state not in number.GONE
    if not found and not cases and not can_report:
        return None
    context = {
        "lines": [(line, follow.way(line.order)) for line in found],
        "cases": cases,
        "number": number,
        "can_report": can_report and not any(case.state in case.OPEN for case in cases),
        "is_staff": user.is_staff_role,
    }
    return Panel(template="porting/_number_panel.html", context=context)


def customer_share(customer: Customer, user: User) -> Share:
    """Return how many ports of a customer are in each state; those that ended are one line."""
    orders = PortOrder.objects.visible_to(user).filter(customer=customer)
    found = orders.counts()
    address = f"{reverse('porting:port-list')}?customer={customer.pk}"
    counts = [
        ShareCount(
            label=look.label, tone=look.tone, value=f"{count:,}", url=f"{address}&state={state}"
        )
        for state in PortOrder.State.values
        if (count := found.get(state, 0))
        and state not in PortOrder.OVER
        and (look := find(state, "port"))
    ]
    if over := sum(found.get(state, 0) for state in PortOrder.OVER):
        counts.append(ShareCount(label="Ended", value=f"{over:,}", url=f"{address}&state=over"))
    return Share(title="Ports", url=address, counts=tuple(counts), empty="It has ported nothing.")


def job_links(job: Job, user: User) -> Iterator[JobLink]:
    """Yield the way from a job about ports to its order or its list."""
    if not user.has_perm("porting.view_portorder"):
        return
    pk = job.params.get("order") if job.kind.startswith("porting.") else None
    if pk and PortOrder.objects.visible_to(user).filter(pk=pk).exists():
        url = reverse("porting:port-detail", args=[pk])
        yield JobLink(label=f"Port {pk}", url=url, icon="phone-incoming")
    checked = job.params.get("preflight") if job.kind.startswith("porting.") else None
    can_check = user.has_perm("porting.check_portability")
    if checked and can_check and Preflight.objects.filter(pk=checked).exists():
        url = reverse("porting:preflight-detail", args=[checked])
        yield JobLink(label=f"Pre-flight {checked}", url=url, icon="list-check")


def register() -> None:
    """Make porting's parts known to the platform's pages."""
    panels.tasks.append(home.tasks)
    panels.tiles.append(home.tiles)
    panels.plots.append(home.plots)
    panels.searches.append(search_ports)
    panels.customer_shares.append(customer_share)
    panels.job_links.append(job_links)
    panels.number_panels.append(number_panel)
