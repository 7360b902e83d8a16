"""Customers, and one's own security settings."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessLog
from django.http import HttpResponse
from django.shortcuts import render

from portal import htmx, panels
from portal.access import Request, requires
from portal.filters import CustomerFilter
from portal.listing import Sort, active_filters, capped_count, fitting, paginate
from portal.models import Customer

SORTS = [Sort(name="name", label="Name", column="name")]
SIGN_INS_SHOWN = 10


@requires("portal.view_customer")
def customer_list(request: Request) -> HttpResponse:
    """Return the customers with how many numbers each has."""
    found = CustomerFilter(request.GET, queryset=Customer.objects.visible_to(request.user))
    rows = fitting(found)
    page = paginate(request, rows, SORTS)
    ids = [customer.pk for customer in page.rows]
    counts = {key: n for source in panels.customer_counts for key, n in source(ids).items()}
    for customer in page.rows:
        customer.number_count = counts.get(customer.pk, "0")
    count, is_exact = capped_count(rows)
    context = {
        "filter": found,
        "page": page,
        "count": count,
        "count_is_exact": is_exact,
        "chips": active_filters(request, {"q": "Text"}),
    }
    whole, fragment = "portal/customer_list.html", "portal/_customer_table.html"
    return htmx.render_list(request, whole, fragment, context)


@requires("portal.view_home")
def security(request: Request) -> HttpResponse:
    """Return how one's own account is protected, with the way to each setting."""
    user = request.user
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    sign_ins = AccessLog.objects.filter(username__iexact=user.email)
    context = {
        "has_totp": Authenticator.Type.TOTP in kinds,
        "has_passkey": Authenticator.Type.WEBAUTHN in kinds,
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        "sessions": UserSession.objects.filter(user=user).order_by("-last_seen_at"),
        "sign_ins": sign_ins.order_by("-attempt_time")[:SIGN_INS_SHOWN],
    }
    return render(request, "portal/security.html", context)
