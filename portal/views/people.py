"""Customers, and one's own security settings."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessLog
from django.http import HttpResponse
from django.shortcuts import render

from portal import panels
from portal.access import Request, requires
from portal.models import Customer


@requires("portal.view_customer")
def customer_list(request: Request) -> HttpResponse:
    """Return the customers with how many numbers each has."""
    counts = {key: n for source in panels.customer_counts for key, n in source().items()}
    customers: list[Any] = list(Customer.objects.visible_to(request.user))
    for customer in customers:
        customer.number_count = counts.get(customer.pk, 0)
    return render(request, "portal/customer_list.html", {"customers": customers})


@requires("portal.view_home")
def security(request: Request) -> HttpResponse:
    """Return how one's own account is protected, with the way to each setting."""
    kinds = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    context = {
        "has_totp": Authenticator.Type.TOTP in kinds,
        "has_passkey": Authenticator.Type.WEBAUTHN in kinds,
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        "sessions": UserSession.objects.filter(user=request.user).order_by("-last_seen_at"),
        "sign_ins": AccessLog.objects.filter(username__iexact=request.user.email)[:10],
    }
    return render(request, "portal/security.html", context)
