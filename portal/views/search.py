"""Global search: one box for numbers, labels, customers, orders and jobs."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portal import htmx, panels
from portal.access import Request, requires
from portal.models import Customer, Job, User
from portal.panels import Hit, Hits

MAX_LENGTH = 100
HITS_SHOWN = 8


@requires("portal.use_search")
def search(request: Request) -> HttpResponse:
    """Return what the text means; one exact find on Enter leads straight to its page."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:MAX_LENGTH]
    groups = [source(request.user, text) for source in panels.searches] if text else []
    if text:
        groups += [_customers(request.user, text), _jobs(request.user, text)]
    if not htmx.wants_fragment(request):
        for group in groups:
            if group.exact_url:
                return redirect(group.exact_url)
    found = [group for group in groups if group.hits]
    context = {"search_text": text, "groups": found}
    return htmx.render(request, "portal/search.html", "portal/_search_hits.html", context)


def _customers(user: User, text: str) -> Hits:
    if not user.has_perm("portal.view_customer"):
        return Hits(title="Customers")
    found = Customer.objects.visible_to(user).filter(Q(name__icontains=text) | Q(code__iexact=text))
    return Hits(
        title="Customers",
        hits=[
            Hit(
                title=customer.name,
                note=customer.code,
                url=f"{reverse('inventory:tn-list')}?customer={customer.pk}",
            )
            for customer in found[:HITS_SHOWN]
        ],
    )


def _jobs(user: User, text: str) -> Hits:
    digits = text.lower().removeprefix("job").strip(" #")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 12:
        return Hits(title="Jobs")
    found = Job.objects.visible_to(user).filter(pk=int(digits))
    return Hits(
        title="Jobs",
        hits=[
            Hit(
                title=f"Job {job.pk}",
                note=job.title,
                url=reverse("portal:job-detail", args=[job.pk]),
            )
            for job in found
        ],
    )
