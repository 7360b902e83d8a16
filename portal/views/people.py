"""One's own security settings."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessLog
from django.http import HttpResponse
from django.shortcuts import render

from portal.access import Request, requires

SIGN_INS_SHOWN = 10


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
