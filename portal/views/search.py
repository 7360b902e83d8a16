"""Global search: one box for numbers, labels, customers, provider accounts, orders and jobs.

The domains add their own, see `portal.panels.searches`.
"""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portal import htmx, panels
from portal.access import Request, requires
from portal.models import Customer, Job, JobItem, ProviderAccount, User
from portal.panels import Hit, Hits
from portal.tn import TN, InvalidTN

MAX_LENGTH = 100
HITS_SHOWN = 8
JOBS_ABOUT = 4


@requires("portal.use_search")
def search(request: Request) -> HttpResponse:
    """Return what the text means; one exact find on Enter leads straight to its page."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:MAX_LENGTH]
    groups = [source(request.user, text) for source in panels.searches] if text else []
    if text:
        groups += [make(request.user, text) for make in (_customers, _accounts, _jobs)]
    if not htmx.wants_fragment(request):
        for group in groups:
            if group.exact_url:
                return redirect(group.exact_url)
    found = [group for group in groups if group.hits]
    context = {
        "search_text": text,
        "groups": found,
        "found_count": sum(len(group.hits) for group in found),
    }
    return htmx.render(request, "portal/search.html", "portal/_search_hits.html", context)


def _customers(user: User, text: str) -> Hits:
    """Return customers by a part of their name or by their code; a code alone is exact."""
    if not user.has_perm("portal.view_customer"):
        return Hits(title="Customers")
    visible = Customer.objects.visible_to(user)
    found = list(visible.filter(Q(name__icontains=text) | Q(code__iexact=text))[:HITS_SHOWN])
    exact = [one for one in found if text.lower() in {one.code.lower(), one.name.lower()}]
    return Hits(
        title="Customers",
        hits=[Hit(title=one.name, note=one.code, url=_customer_page(one)) for one in found],
        exact_url=_customer_page(exact[0]) if len(exact) == 1 else "",
    )


def _customer_page(customer: Customer) -> str:
    return reverse("portal:customer-detail", args=[customer.pk])


def _accounts(user: User, text: str) -> Hits:
    """Return provider accounts by a part of their name or of their provider's."""
    if not user.has_perm("portal.view_provideraccount"):
        return Hits(title="Providers")
    word = text.lower()
    found = [
        account
        for account in ProviderAccount.objects.visible_to(user).only("slug", "name")
        if word in account.name.lower() or word in account.provider_name.lower()
    ][:HITS_SHOWN]
    exact = [account for account in found if account.name.lower() == word]
    return Hits(
        title="Providers",
        hits=[
            Hit(title=str(account), note=account.provider_name, url=_page_of(account))
            for account in found
        ],
        exact_url=_page_of(exact[0]) if exact else "",
    )


def _page_of(account: ProviderAccount) -> str:
    return reverse("portal:provider-detail", args=[account.pk])


def _jobs(user: User, text: str) -> Hits:
    """Return the job of this id and the newest jobs about this number; “job 12” is exact."""
    word = text.lower().removeprefix("job")
    digits = word.strip(" #")
    visible = Job.objects.visible_to(user)
    found = []
    if digits.isascii() and digits.isdigit() and len(digits) <= 12:
        found = list(visible.filter(pk=int(digits)))
    exact = found[0] if found and word != text.lower() else None
    try:
        about = JobItem.objects.filter(target=TN.parse(text)).values("job")
        found += visible.filter(pk__in=about).order_by("-id")[:JOBS_ABOUT]
    except InvalidTN:
        pass
    return Hits(
        title="Jobs",
        hits=[Hit(title=f"Job {job.pk}", note=job.title, url=_job_page(job)) for job in found],
        exact_url=_job_page(exact) if exact else "",
    )


def _job_page(job: Job) -> str:
    return reverse("portal:job-detail", args=[job.pk])
