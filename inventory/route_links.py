"""Where the page of a job about routes, groups or an account's network leads on."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from inventory.models import NumberGroup, Route
from inventory.operations.groups import CreateGroup, ReadGroup, SyncGroups
from inventory.operations.international import ReadAbroad, ReleaseAbroad
from inventory.operations.network import (
    ChangeAccessList,
    ChangeSignInMode,
    ChangeSignInPassword,
    ReadNetwork,
)
from inventory.operations.routes import ReadRoute, RemoveGateway, SaveGateway, SwitchRoute
from portal.models import Job, User
from portal.panels import JobLink

_ABOUT_ROUTES = {ReadRoute.kind, RemoveGateway.kind, SaveGateway.kind, SwitchRoute.kind}
_ABOUT_GROUPS = {CreateGroup.kind, ReadGroup.kind, SyncGroups.kind}
_ABOUT_NETWORK = {
    *(ChangeAccessList.kind, ChangeSignInMode.kind, ChangeSignInPassword.kind),
    *(ReadNetwork.kind, ReadAbroad.kind, ReleaseAbroad.kind),
}


def job_links(job: Job, user: User) -> Iterator[JobLink]:
    """Yield the link to the page that a job was started from, for staff."""
    if job.account_id is None or not user.has_perm("portal.view_provideraccount"):
        return
    if job.kind in _ABOUT_NETWORK:
        address = reverse("inventory:network-detail", args=[job.account_id])
        yield JobLink(label=f"Network of {job.account}", url=address, icon="network")
    elif job.kind in _ABOUT_ROUTES:
        yield _route_link(job)
    elif job.kind in _ABOUT_GROUPS:
        yield _group_link(job)


def _route_link(job: Job) -> JobLink:
    """Return the link to the job's route, or to the list where it is not there (yet)."""
    item = job.items.first()
    ref = (item.provider_ref or item.params.get("ref", "")) if item else job.params.get("ref", "")
    route = Route.objects.filter(account=job.account_id, provider_ref=ref).first() if ref else None
    if route is None:
        return JobLink(label="Routes", url=reverse("inventory:route-list"), icon="route")
    address = reverse("inventory:route-detail", args=[route.pk])
    return JobLink(label=route.name, url=address, icon="route")


def _group_link(job: Job) -> JobLink:
    """Return the link to the job's group, or to the list where it is not there (yet)."""
    item = job.items.first()
    ref = item.provider_ref if item else job.params.get("ref", "")
    groups = NumberGroup.objects.filter(account=job.account_id, provider_ref=ref)
    group = groups.first() if ref else None
    if group is None:
        address = reverse("inventory:group-list")
        return JobLink(label="Groups", url=address, icon="list-details")
    address = reverse("inventory:group-detail", args=[group.pk])
    return JobLink(label=str(group), url=address, icon="list-details")
