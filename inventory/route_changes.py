"""Submitting what is asked or changed around numbers: routes, address lists, sign-in, groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inventory import feature_changes
from inventory.features.holding import GroupFeature
from inventory.models import NumberGroup, Route
from inventory.operations.groups import CreateGroup, ReadGroup, SyncGroups
from inventory.operations.international import ReadAbroad, ReleaseAbroad
from inventory.operations.network import (
    SEALED,
    ChangeAccessList,
    ChangeSignInMode,
    ChangeSignInPassword,
    ReadNetwork,
    offered,
)
from inventory.operations.routes import ReadRoute, RemoveGateway, SaveGateway, SwitchRoute
from inventory.targets import target
from portal import jobs, providers
from portal.models import Job, ProviderAccount, User
from portal.operations import Item
from portal.sealed import seal

MODE_WORDS = {
    "password": "password",
    "address": "address list",
    "either": "password or address list",
    "both": "password and address list",
}

# What the facts that an account tells are called where one of them is refused.
TOLD_WORDS = {
    "access_list": "Addresses that may send calls",
    "sign_in": "Sign-in of devices",
    "registration": "Registered device",
    "clients": "Clients",
    "scripts": "Scripts",
}


def read(
    kind: str,
    account: ProviderAccount,
    *,
    actor: User | None,
    source: str = Job.Source.PERSON,
    **params: str,
) -> Job:
    """Submit a question about an account; returns the open one if there is one already."""
    values = {"account": account.name, **params}
    return jobs.submit(kind, actor=actor, account=account, params=values, source=source)


def refresh_around(
    account: ProviderAccount, *, actor: User | None, source: str = Job.Source.PERSON
) -> list[Job]:
    """Ask an account for everything around its numbers that it tells: network, groups, abroad."""
    return [read(kind, account, actor=actor, source=source) for kind in tells(account)]


def tells(account: ProviderAccount) -> list[str]:
    """Return the kinds of questions about what is around its numbers that an account answers."""
    others = (SyncGroups, ReadAbroad)
    kinds = [one.kind for one in others if providers.offers(account.slug, one.capability)]
    return [ReadNetwork.kind, *kinds] if offered(account.slug) else kinds


def unanswered(account: ProviderAccount) -> list[tuple[Job, str]]:
    """Return what an account did not tell when it was last asked what is around its numbers.

    Each with words why: a question that failed, or a part of one that the provider refused.
    """
    found = []
    for kind in tells(account):
        job = Job.objects.filter(kind=kind, account=account).order_by("-pk").first()
        if job is None or job.is_open:
            continue
        if job.status == Job.Status.FAILED:
            found.append((job, job.reason))
        told = job.result.get("refused", {}) if isinstance(job.result, dict) else {}
        found += [(job, f"{TOLD_WORDS.get(name, name)}: {words}") for name, words in told.items()]
    return found


def read_route(route: Route, *, actor: User) -> Job:
    """Submit a question about one route."""
    return read(ReadRoute.kind, route.account, actor=actor, ref=route.provider_ref)


def read_group(group: NumberGroup, *, actor: User) -> Job:
    """Submit the question who is in a group."""
    return read(ReadGroup.kind, group.account, actor=actor, ref=group.provider_ref)


def switch(route: Route, *, is_active: bool, actor: User, key: str, reason: str = "") -> Job:
    """Submit switching a route on or off. Raises `portal.jobs.NotAccepted`."""
    params = {
        "name": route.name,
        "ref": route.provider_ref,
        "is_active": is_active,
        "reason": reason,
    }
    return _about_route(SwitchRoute.kind, route, params, {}, actor, key)


def save_gateway(
    account: ProviderAccount,
    values: Mapping[str, Any],
    *,
    route: Route | None,
    actor: User,
    key: str,
) -> Job:
    """Submit a new gateway, or the changes of one: address, prefix, limit. Raises `NotAccepted`."""
    if route is not None:
        params = {"name": route.name, "ref": route.provider_ref}
        return _about_route(SaveGateway.kind, route, params, values, actor, key)
    item = Item(target=target("gateway", account, "new"), params={"ref": "", **values})
    params = {"name": str(values["address"]), "ref": ""}
    return jobs.submit(
        SaveGateway.kind, actor=actor, account=account, params=params, items=[item], key=key
    )


def remove_gateway(route: Route, *, actor: User, key: str) -> Job:
    """Submit removing a gateway. Raises `NotAccepted` with the numbers that are on it."""
    params = {"name": route.name, "ref": route.provider_ref}
    return _about_route(RemoveGateway.kind, route, params, {}, actor, key)


def _about_route(
    kind: str,
    route: Route,
    params: Mapping[str, Any],
    values: Mapping[str, Any],
    actor: User,
    key: str,
) -> Job:
    item = Item(
        target=target("route", route.account, route.provider_ref),
        params={"ref": route.provider_ref, **values},
    )
    return jobs.submit(
        kind, actor=actor, account=route.account, params=params, items=[item], key=key
    )


def change_access(
    account: ProviderAccount, cidrs: Sequence[str], *, is_removal: bool, actor: User, key: str
) -> Job:
    """Submit adding ranges to an account's address list, or removing them. Raises `NotAccepted`."""
    items = [Item(target=target("acl", account, cidr), params={"cidr": cidr}) for cidr in cidrs]
    params = {"account": account.name, "is_removal": is_removal}
    return jobs.submit(
        ChangeAccessList.kind, actor=actor, account=account, params=params, items=items, key=key
    )


def change_mode(account: ProviderAccount, mode: str, *, actor: User, key: str) -> Job:
    """Submit how devices sign in. Raises `NotAccepted`."""
    params = {"account": account.name, "mode": mode, "words": MODE_WORDS[mode]}
    item = Item(target=target("devices", account, "sign-in"))
    return jobs.submit(
        ChangeSignInMode.kind, actor=actor, account=account, params=params, items=[item], key=key
    )


def change_password(account: ProviderAccount, password: str, *, actor: User, key: str) -> Job:
    """Submit a new password of devices; the row holds it encrypted. Raises `NotAccepted`."""
    item = Item(target=target("devices", account, "sign-in"), params={SEALED: seal(password)})
    return jobs.submit(
        ChangeSignInPassword.kind,
        actor=actor,
        account=account,
        params={"account": account.name},
        items=[item],
        key=key,
    )


def create_group(account: ProviderAccount, name: str, *, actor: User, key: str) -> Job:
    """Submit a new group. Raises `NotAccepted`."""
    item = Item(target=target("group", account, name))
    return jobs.submit(
        CreateGroup.kind,
        actor=actor,
        account=account,
        params={"account": account.name, "name": name},
        items=[item],
        key=key,
    )


def move_numbers(
    group: NumberGroup, tns: Sequence[str], *, is_out: bool, actor: User, key: str
) -> Job:
    """Submit moving numbers into a group, or out of it. Raises `NotAccepted` where none can go."""
    value = "" if is_out else group.provider_ref
    return feature_changes.change(
        GroupFeature(), dict.fromkeys(tns, value), actor=actor, key=key, reason=f"Group {group}"
    )


def release_abroad(
    account: ProviderAccount, tn: str, *, actor: User, key: str, reason: str = ""
) -> Job:
    """Submit giving a number abroad back. Raises `NotAccepted`."""
    return jobs.submit(
        ReleaseAbroad.kind,
        actor=actor,
        account=account,
        params={"account": account.name, "reason": reason},
        items=[Item(target=tn)],
        key=key,
    )
