"""Who gets what answer at every address: anonymous, the five roles, and a stranger of each kind.

The columns are those of `WHO`. Bob and Alice work at the customer that the number and the job
belong to, Charlie at another one; the search and the order are Olga's, the operator's. An address
that is not in the table fails, and so does a line whose address is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.access import ROLE_PERMISSIONS, role_allows
from tests import access_e911, access_uploads
from tests.access import (
    ACCOUNT,
    ADMINISTRATORS,
    ADMINISTRATORS_POST,
    ANSWERERS,
    EVERYBODY,
    GROUP,
    JOB,
    MANAGERS,
    NO_SUCH,
    OLGAS,
    ONLY_OLGA,
    OPERATORS,
    OPERATORS_FORM,
    OPERATORS_POST,
    ORDER,
    OWNERS_AND_STAFF,
    PORT,
    PRESET,
    ROLES,
    ROUTE,
    SEARCH,
    STAFF,
    TN,
    WHO,
    Line,
    get,
    part,
    post,
)
from tests.access_world import world, world_of_module

__all__ = ["TABLE", "world", "world_of_module"]

TABLE: dict[str, Line] = (
    {
        "portal:home": get(EVERYBODY),
        "portal:search": get(EVERYBODY, q="nothing of that name"),
        "portal:job-list": get(EVERYBODY),
        "portal:job-open": get(EVERYBODY),
        "portal:job-detail": get(OWNERS_AND_STAFF, JOB),
        "portal:job-status": get(OWNERS_AND_STAFF, JOB),
        "portal:job-rows-csv": get(OWNERS_AND_STAFF, JOB),
        "portal:job-cancel": post(OPERATORS_POST, JOB),
        "portal:job-hurry": post(OPERATORS_POST, JOB),
        "portal:job-retry": post(OPERATORS_POST, JOB),
        # No reason is given, so that the administrator's answer is what is wrong with the form.
        "portal:job-review": post("302 403 403 422 403 403 403", JOB),
        "portal:exchange-detail": get(STAFF, {"pk": "exchange"}),
        "portal:customer-list": get(STAFF),
        "portal:customer-new": get(OPERATORS),
        "portal:customer-detail": get(STAFF, {"pk": "customer"}),
        "portal:customer-edit": get(OPERATORS, {"pk": "customer"}),
        "portal:provider-list": get(STAFF),
        "portal:provider-detail": get(STAFF, ACCOUNT),
        "portal:provider-add": get(ADMINISTRATORS, provider="voip_innovations"),
        "portal:provider-edit": get(ADMINISTRATORS, ACCOUNT),
        "portal:provider-test": post(OPERATORS_POST, ACCOUNT),
        "portal:provider-pause": post(ADMINISTRATORS_POST, ACCOUNT, reason="Works at the carrier"),
        "portal:provider-resume": post(ADMINISTRATORS_POST, ACCOUNT),
        "portal:statement": get(STAFF, ACCOUNT),
        "portal:statement-refresh": post(OPERATORS_POST, ACCOUNT, what="balance"),
        # The provider of the table's account lists no calls.
        "portal:call-list": get("302 404 404 404 403 403 403", ACCOUNT),
        "portal:call-export": get("302 404 404 404 403 403 403", ACCOUNT),
        # The provider of the table's account has none of these; the table's job opened no account.
        "portal:provider-sign-up": get(ADMINISTRATORS, provider="voicetel"),
        "portal:account-settings": get(NO_SUCH, ACCOUNT),
        "portal:account-recover": get(NO_SUCH, ACCOUNT),
        "portal:subaccount-list": get(STAFF, ACCOUNT),
        "portal:subaccount-new": get(NO_SUCH, ACCOUNT),
        "portal:job-password": get(NO_SUCH, JOB),
        "portal:ticket-list": get(STAFF),
        "portal:ticket-export": get(STAFF),
        "portal:ticket-sync": post(OPERATORS_POST),
        "portal:ticket-new": get(OPERATORS),
        "portal:ticket-detail": get(STAFF, {"pk": "ticket"}),
        "portal:ticket-reply": post(OPERATORS_FORM, {"pk": "ticket"}),
        "portal:ticket-status": post(OPERATORS_FORM, {"pk": "ticket"}),
        "portal:ticket-link": post(OPERATORS_POST, {"pk": "ticket"}),
        # The table's account is at a provider without a help desk.
        "portal:ticket-refresh": post("302 403 409 409 403 403 403", {"pk": "ticket"}),
        "portal:ticket-delete": get(ADMINISTRATORS, {"pk": "ticket"}),
        "portal:approval-list": get(STAFF),
        "portal:approval-detail": get(STAFF, {"pk": "approval"}),
        # Olga asked for it, so that she cannot approve it; Ada did not type how many.
        "portal:approval-approve": post("302 403 422 422 403 403 403", {"pk": "approval"}),
        "portal:approval-refuse": post(OPERATORS_FORM, {"pk": "approval"}),
        "portal:approval-withdraw": post("302 403 302 409 403 403 403", {"pk": "approval"}),
        "portal:audit-list": get(STAFF),
        "portal:audit-export": get(STAFF),
        "portal:security": get(EVERYBODY),
        "inventory:tn-list": get(EVERYBODY),
        "inventory:tn-count": get(EVERYBODY),
        "inventory:tn-export": get(EVERYBODY),
        "inventory:tn-paste": post("302 302 302 302 302 302 302", numbers="312 555 0142"),
        "inventory:saved-list": get(EVERYBODY),
        "inventory:saved-new": get(EVERYBODY),
        "inventory:saved-edit": get(OLGAS, {"pk": "view"}),
        "inventory:saved-delete": post("302 404 302 404 404 404 404", {"pk": "view"}),
        "inventory:tn-detail": get(OWNERS_AND_STAFF, TN),
        "inventory:tn-live": get(OWNERS_AND_STAFF, TN),
        "inventory:tn-calls": get(STAFF, TN),
        "inventory:tn-edit": get(OPERATORS, TN),
        "inventory:tn-refresh": post(OPERATORS_POST, TN),
        "inventory:tn-release": get(OPERATORS, tn="+13125550142"),
        # Nothing is chosen: back to the list.
        "inventory:feature-bulk": get("302 403 302 302 403 403 403"),
        "inventory:feature-change": get(OPERATORS, TN | {"name": "forward_to"}),
        # The job of the table changed no feature.
        "inventory:feature-undo": get("302 403 404 404 403 403 403", JOB),
        **{
            f"inventory:tn-{verb}": get(OPERATORS, tn="+13125550142")
            for verb in ("assign", "move", "hold", "free", "suspend", "resume")
        },
        **{
            f"inventory:tn-{verb}": get(OPERATORS, tn="+13125550142")
            for verb in ("out", "prolong", "replan", "restore")
        },
        "inventory:tn-refresh-many": get(OPERATORS, tn="+13125550142"),
        "inventory:tn-edit-many": get(OPERATORS, tn="+13125550142"),
        "inventory:due-list": get(OPERATORS),
        "inventory:disconnect-report": get(OPERATORS),
        "inventory:tn-history": get(OWNERS_AND_STAFF, TN),
        "inventory:customer-history": get(OWNERS_AND_STAFF, {"pk": "customer"}),
        "inventory:unknown-list": get("302 302 302 302 403 403 403"),
        "inventory:finding-list": get(STAFF),
        "inventory:finding-export": get(STAFF),
        # None is chosen: they are sent back to the list.
        "inventory:finding-repair": get(OPERATORS_POST, {"name": "adopt"}),
        "inventory:lookup-list": get(STAFF),
        "inventory:lookup-export": get(STAFF),
        "inventory:lookup-new": get(OPERATORS),
        "inventory:lookup-detail": get(STAFF, {"pk": "lookup"}),
        "inventory:lookup-rows-csv": get(STAFF, {"pk": "lookup"}),
        "inventory:threshold-list": get(ADMINISTRATORS),
        "inventory:threshold-edit": get(ADMINISTRATORS, {"pk": "threshold"}),
        "inventory:threshold-remove": post(ADMINISTRATORS_POST, {"pk": "threshold"}),
        "inventory:account-sync": post(OPERATORS_POST, ACCOUNT),
        "inventory:route-list": get(STAFF),
        "inventory:route-export": get(STAFF),
        "inventory:route-refresh": post(OPERATORS_POST, account="account"),
        "inventory:route-detail": get(STAFF, ROUTE),
        "inventory:route-read": post(OPERATORS_POST, ROUTE),
        "inventory:route-switch": get(OPERATORS, ROUTE),
        "inventory:gateway-new": get(OPERATORS, ACCOUNT),
        "inventory:gateway-edit": get(OPERATORS, ROUTE),
        "inventory:gateway-remove": get(OPERATORS, ROUTE),
        "inventory:group-list": get(STAFF),
        "inventory:group-export": get(STAFF),
        "inventory:group-refresh": post(OPERATORS_POST),
        "inventory:group-new": get(OPERATORS),
        "inventory:group-detail": get(STAFF, GROUP),
        "inventory:group-read": post(OPERATORS_POST, GROUP),
        # No number is named, so that the answer is what is wrong with the form.
        "inventory:group-move": post("302 403 422 422 403 403 403", GROUP),
        "inventory:network-detail": get(STAFF, ACCOUNT),
        "inventory:network-refresh": post(OPERATORS_POST, ACCOUNT),
        "inventory:access-add": get(OPERATORS, ACCOUNT),
        "inventory:access-remove": post(OPERATORS_POST, ACCOUNT),
        "inventory:sign-in-mode": get(ADMINISTRATORS, ACCOUNT),
        "inventory:sign-in-password": get(ADMINISTRATORS, ACCOUNT),
        "inventory:abroad-release": get(OPERATORS, ACCOUNT | {"digits": "442075550142"}),
        "inventory:find": get(OPERATORS),
        "inventory:find-stock": part("204 403 200 200 403 403 403"),
        "inventory:search-detail": get(ONLY_OLGA, SEARCH),
        "inventory:search-results": part("204 403 200 404 403 403 403", SEARCH),
        "inventory:search-export": get(ONLY_OLGA, SEARCH),
        "inventory:search-ask": post("302 403 302 404 403 403 403", SEARCH, account="account"),
        "inventory:cart-add": post("302 403 302 404 403 403 403", SEARCH, all="1"),
        "inventory:cart-add-all": get("302 403 200 404 403 403 403", SEARCH),
        "inventory:cart-add-undo": post("302 403 302 404 403 403 403", SEARCH),
        "inventory:cart": get(OPERATORS),
        "inventory:cart-lines": part("204 403 200 200 403 403 403"),
        "inventory:cart-remove": post(OPERATORS_POST),
        "inventory:cart-restore": post(OPERATORS_POST),
        "inventory:cart-hold": post(OPERATORS_POST),
        "inventory:cart-routes": post(OPERATORS_POST),
        # Ada's cart is empty, so that she is sent back to it.
        "inventory:preset-keep": post("302 403 422 422 403 403 403"),
        "inventory:preset-use": post(OPERATORS, PRESET),
        "inventory:preset-drop": post("302 403 302 404 403 403 403", PRESET),
        "inventory:order-preview": get("302 403 200 302 403 403 403"),
        # Nothing is chosen: the row moved on.
        "inventory:order-place": post("302 403 409 409 403 403 403"),
        "inventory:order-list": get(STAFF),
        "inventory:order-export": get(STAFF),
        "inventory:order-lines-export": get(STAFF, ORDER),
        "inventory:order-detail": get(STAFF, ORDER),
        "inventory:order-finish": post("302 403 302 302 403 403 403", ORDER),
        "inventory:order-welcome": get("302 403 302 302 403 403 403", ORDER),
        "inventory:order-lines": part("204 200 200 200 403 403 403", ORDER),
        "porting:port-board": get(EVERYBODY),
        "porting:port-list": get(EVERYBODY),
        "porting:port-export": get(EVERYBODY),
        "porting:preflight-new": get(OPERATORS),
        "porting:preflight-list": get(OPERATORS),
        "porting:preflight-detail": get(OPERATORS, {"pk": "preflight"}),
        "porting:preflight-orders": post(OPERATORS_POST, {"pk": "preflight"}),
        "porting:preflight-discard": post(OPERATORS_POST, {"pk": "preflight"}),
        "porting:preflight-aside": get(OPERATORS, {"pk": "preflight"}),
        # The table's order is a draft, so that it can be neither submitted nor found there.
        "porting:port-submit": get("302 403 409 409 403 403 403", PORT),
        "porting:port-match": get("302 403 409 409 403 403 403", PORT),
        "porting:port-poll": post(OPERATORS_POST, PORT),
        "porting:port-check": post(OPERATORS_POST, PORT),
        "porting:port-out-list": get(STAFF),
        "porting:port-out-export": get(STAFF),
        "porting:port-out-look": post(OPERATORS_POST),
        "porting:port-out-new": get(OPERATORS),
        "porting:pin-new": get(OPERATORS),
        "porting:port-out-detail": get(STAFF, {"pk": "port_out"}),
        "porting:port-out-move": get(OPERATORS, {"pk": "port_out", "to": "dismissed"}),
        # Nothing was typed.
        "porting:port-out-follow": post(OPERATORS_FORM, {"pk": "port_out"}),
        "porting:own-new": get(MANAGERS),
        "porting:word-list": get(STAFF),
        "porting:word-edit": get(ADMINISTRATORS, {"pk": "word"}),
        "porting:rejection-list": get(STAFF),
        "porting:rule-list": get(STAFF),
        "porting:port-detail": get(OWNERS_AND_STAFF, PORT),
        "porting:port-live": part("204 200 200 200 403 403 403", PORT),
        "porting:port-lines": get(OWNERS_AND_STAFF, PORT),
        "porting:line-remove": post(OPERATORS_POST, PORT | {"line": "port_line"}),
        "porting:port-edit": get(OPERATORS, PORT),
        "porting:port-presets": get(OPERATORS, PORT),
        "porting:port-move": get(OPERATORS, PORT | {"to": "cancelled"}),
        # The table's order is a draft: nothing was refused, no date is confirmed, nothing was asked.
        "porting:port-correct": get("302 403 302 302 403 302 404", PORT),
        "porting:port-date": get("302 403 409 409 403 403 403", PORT),
        "porting:port-ticket": get(OPERATORS, PORT),
        "porting:letter": get(OWNERS_AND_STAFF, PORT),
        "porting:letter-sign": get(ANSWERERS, PORT),
        "porting:letter-sent": post(OPERATORS_POST, PORT),
        "porting:document-add": post("302 403 422 422 403 422 404", PORT),
        "porting:document": get(OWNERS_AND_STAFF, PORT | {"document": "port_document"}),
        "porting:note-add": post("302 403 422 422 403 422 404", PORT),
        "porting:mail": get(OWNERS_AND_STAFF, PORT | {"mail": "port_mail"}),
        "porting:own-edit": get("302 403 403 403 403 200 404", PORT),
        "porting:own-send": post("302 403 403 403 403 302 404", PORT),
    }
    | access_e911.TABLE
    | access_uploads.TABLE
)

GROUPS: dict[str, str] = {
    "admin:": "Django's admin, read-only: tried below.",
    "account_": "allauth: open to anonymous people by nature, or for oneself only.",
    "mfa_": "allauth: one's own second factor only, or part of signing in.",
    "usersessions_": "allauth: one's own sessions only.",
}


def names(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Yield the full name of every address; one without a name as its pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from names(entry, inner)
        elif isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name or entry.pattern}"


def views(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (full name, view) of every address of ours."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from views(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        elif f"{prefix}{entry.name}" in TABLE:
            yield f"{prefix}{entry.name}", entry.callback


def test_every_address_is_in_the_table():
    missing = {n for n in names() if n not in TABLE and not n.startswith(tuple(GROUPS))}
    assert not missing, f"Say in TABLE who may reach these: {sorted(missing)}"


def test_the_table_holds_no_address_that_is_gone():
    known = set(names())
    assert not set(TABLE) - known
    assert all(any(name.startswith(group) for name in known) for group in GROUPS)


def test_every_view_names_its_permission_and_some_role_has_it():
    held = frozenset().union(*ROLE_PERMISSIONS.values())
    for name, view in views():
        assert getattr(view, "required_permission", "") in held, name


def test_the_table_agrees_with_the_permissions():
    for name, view in views():
        answers = TABLE[name].answers.split()[1:]
        for role, answer in zip(ROLES, answers, strict=True):
            is_refused = not role_allows(role, view.required_permission)
            assert (answer == "403") == is_refused, f"{name} for {role}"


@pytest.mark.parametrize("name", list(TABLE))
def test_each_address_answers_each_person(name, world):
    line = TABLE[name]
    got = [str(line.ask(world.client(who), name, world.things).status_code) for who in WHO]
    expected = dict(zip(WHO, line.answers.split(), strict=True))
    assert dict(zip(WHO, got, strict=True)) == expected


def able(line: Line) -> str:
    """Return an administrator, else whoever the table does not refuse."""
    answers = dict(zip(WHO, line.answers.split(), strict=True))
    return next(who for who in ("admin", "operator", "alice") if answers[who] != "403")


@pytest.mark.parametrize("name", [name for name, line in TABLE.items() if line.method == "post"])
def test_what_changes_something_takes_only_post(name, world):
    line = TABLE[name]
    url = reverse(name, kwargs={key: world.things.get(v, v) for key, v in line.args.items()})
    assert world.client(able(line)).get(url).status_code == 405


@pytest.mark.parametrize("name", [name for name, line in TABLE.items() if "pk" in line.args])
def test_an_id_that_nobody_has_is_not_found(name, world):
    nobodys = dict.fromkeys(world.things, 999_999)
    client = world.client(able(TABLE[name]))
    assert TABLE[name].ask(client, name, nobodys).status_code == 404


def test_an_anonymous_person_is_sent_to_sign_in_and_back(client, db):
    response = client.get("/jobs/")
    assert response["Location"] == "/accounts/login/?next=/jobs/"


def test_a_person_who_was_switched_off_is_anonymous(viewer, client_for):
    signed_in = client_for(viewer)
    viewer.is_active = False
    viewer.save()
    assert signed_in.get("/jobs/").status_code == 302


BACK_OFFICE = {"viewer": 302, "operator": 302, "admin": 200, "alice": 302, "bob": 302}


def test_the_back_office_is_for_administrators(world):
    got = {who: world.client(who).get("/back-office/").status_code for who in BACK_OFFICE}
    assert got == BACK_OFFICE


def test_the_back_office_only_reads(world):
    from django.contrib.admin import site

    client = world.client("admin")
    assert site._registry
    for model in site._registry:
        address = f"/back-office/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(address).status_code == 200, address
        assert client.get(f"{address}add/").status_code == 403, address
        if row := model._default_manager.first():
            assert client.post(f"{address}{row.pk}/delete/").status_code == 403, address
            assert client.post(f"{address}{row.pk}/change/", {}).status_code == 403, address
