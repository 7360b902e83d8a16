"""Who may do what: roles and their permissions, the view decorator, the one way to fetch a row.

What a user sees is decided by `visible_to` of each queryset; what he may do by one permission.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from portal.models import User

M = TypeVar("M", bound=models.Model)

CUSTOMER_READS = {
    "portal.view_home",
    "portal.view_job",
    "portal.use_search",
    "inventory.view_telephonenumber",
    "inventory.export_telephonenumber",
    "inventory.keep_view",
    "e911.view_emergencyrecord",
    "porting.view_portorder",
}
# What a customer's manager may do beside: correct where help is sent for his own numbers, and ask
# for numbers of his to be ported in.
MANAGES = CUSTOMER_READS | {
    "e911.correct_own",
    "e911.check_address",
    "porting.request_own",
    "porting.answer_portorder",
}
VIEWS = CUSTOMER_READS | {
    "portal.view_customer",
    "portal.view_provideraccount",
    "portal.view_exchange",
    "portal.view_auditentry",
    "inventory.view_order",
    "inventory.view_finding",
    "inventory.view_lookup",
    "portal.view_statement",
    "portal.view_ticket",
    "e911.view_standing",
    "e911.view_difference",
    "portal.view_approval",
    "porting.view_providerword",
    "porting.view_portout",
}
OPERATES = VIEWS | {
    "portal.change_job",
    "portal.test_provideraccount",
    "inventory.search_stock",
    "inventory.reserve_telephonenumber",
    "inventory.order_telephonenumber",
    "inventory.release_telephonenumber",
    "inventory.refresh_telephonenumber",
    "inventory.change_telephonenumber",
    "inventory.sync_account",
    "inventory.assign_telephonenumber",
    "inventory.report_disconnects",
    "inventory.configure_telephonenumber",
    "inventory.configure_route",
    "inventory.repair_finding",
    "inventory.lookup_telephonenumber",
    "portal.refresh_statement",
    "portal.change_ticket",
    "portal.change_customer",
    "e911.change_emergencyrecord",
    "e911.check_address",
    "e911.correct_own",
    "e911.change_location",
    "e911.sync_records",
    "e911.refresh_emergencyrecord",
    "e911.repair_difference",
    "portal.decide_approval",
    "porting.change_portorder",
    "porting.answer_portorder",
    "porting.check_portability",
    "porting.submit_portorder",
    "porting.change_portout",
    "portal.view_upload",
}
ADMINISTERS = OPERATES | {
    "portal.change_provideraccount",
    "portal.review_job",
    "portal.manage_subaccount",
    "portal.delete_ticket",
    "inventory.change_threshold",
    "inventory.set_legal_hold",
    "porting.change_providerword",
}
ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "viewer": frozenset(VIEWS),
    "operator": frozenset(OPERATES),
    "administrator": frozenset(ADMINISTERS),
    "member": frozenset(CUSTOMER_READS),
    "manager": frozenset(MANAGES),
}
# Django's admin asks for these by itself; the back office is read-only.
_BACK_OFFICE_PREFIX = ".view_"


def role_allows(role: str, permission: str) -> bool:
    """Return whether a role has a permission."""
    if role == "administrator" and _BACK_OFFICE_PREFIX in permission:
        return True
    return permission in ROLE_PERMISSIONS.get(role, frozenset())


class RoleBackend:
    """Answers `user.has_perm` from the role; signs nobody in."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Return nobody: signing in is allauth's work."""

    def has_perm(self, user: Any, perm: str, obj: object = None) -> bool:
        """Return whether the user's role allows `perm`."""
        return bool(user.is_active) and role_allows(user.role, perm)


class Request(HttpRequest):
    """A request behind the sign-in: its user is one of ours. For annotations only."""

    user: User  # type: ignore[assignment]


View = Callable[..., HttpResponseBase]


def requires(permission: str) -> Callable[[View], View]:
    """Guard a view by one permission; without it the answer is 403 and nothing is done.

    The name stays readable on the view as `required_permission`, for the access matrix test.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(permission):  # type: ignore[union-attr]
                raise PermissionDenied("Your role does not allow this.")
            return view(request, *args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def get_visible_or_404(source: type[M] | models.QuerySet[M], user: Any, **lookup: Any) -> M:
    """Return the one row that `user` may see, else raise Http404: absent and forbidden look alike."""
    queryset: Any = source._default_manager.all() if isinstance(source, type) else source
    try:
        return queryset.visible_to(user).get(**lookup)
    except (queryset.model.DoesNotExist, ValueError, OverflowError) as error:
        raise Http404("There is no such thing here, or it is not yours to see.") from error
