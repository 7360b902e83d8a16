"""The lists of routes and groups: their rows, and what is around them though the page is kept."""

from __future__ import annotations

import pytest
from django.utils import timezone

from inventory import route_counts
from inventory.models import CarrierNumber, NumberGroup, Route
from inventory.services import routes as services_routes
from portal.models import Job, ProviderAccount
from tests import factories
from tests.portal.pages import ESCAPED, HOSTILE, HTMX, body_of, next_query, sql_count, text_of

LISTS = [("/routes/", "inventory.sync_routes"), ("/groups/", "inventory.sync_groups")]
ASKED = "being asked; the list follows by itself."


@pytest.fixture
def vi(db) -> ProviderAccount:
    return factories.make_account("voip_innovations", name="VI main")


@pytest.fixture
def route(vi) -> Route:
    return Route.objects.create(
        account=vi, provider_ref="20000", name="Chicago SBC", kind="endpoint_group"
    )


@pytest.fixture
def group(vi) -> NumberGroup:
    return NumberGroup.objects.create(account=vi, provider_ref="G1", name="Front desk")


def hold(account: ProviderAccount, count: int, **mirror) -> None:
    """Have numbers at an account, which tells this of each."""
    for n in range(count):
        number = factories.make_tn(f"+131255501{n:02}", account=account)
        CarrierNumber.objects.create(account=account, tn=number.tn, **mirror)


def row_of(client, address: str) -> str:
    return body_of(client.get(address))


# -- rows -------------------------------------------------------------------------------------


def test_a_route_shows_where_calls_go_and_how_many(client_for, viewer, vi, route):
    hold(vi, 2, route_ref="20000")
    route.details = {"ips": ["198.51.100.7", "198.51.100.8"]}
    route.save()
    row = row_of(client_for(viewer), "/routes/")
    assert (
        f'<th scope="row" data-label="Route"><a href="/routes/{route.pk}/">Chicago SBC</a>'
        "<small>198.51.100.7, 198.51.100.8</small></th>"
    ) in row
    assert 'data-label="Kind">Endpoint group</td>' in row
    assert f'data-label="Numbers"><a href="/numbers/?route={route.pk}">2</a></td>' in row
    assert f'data-label="Provider"><a href="/providers/{vi.pk}/">VI main</a></td>' in row
    assert "never" in row


def test_a_systems_own_route_says_so(client_for, viewer, route):
    Route.objects.update(is_system=True)
    row = row_of(client_for(viewer), "/routes/")
    assert "<small>the provider’s own</small>" in row
    assert 'data-label="Numbers">0</td>' in row


def test_a_chip_is_new_though_the_page_is_kept(client_for, viewer, vi, route):
    hold(vi, 1, route_ref="20000")
    client = client_for(viewer)
    assert "Active" in row_of(client, "/routes/")
    Route.objects.update(is_active=False)
    off = row_of(client, "/routes/")
    assert "Inactive" in off
    assert "<small>its numbers do not ring</small>" in off
    Route.objects.update(missing_since=timezone.now(), is_active=True)
    gone = row_of(client, "/routes/")
    assert "Missing at provider" in gone
    assert "its numbers do not ring" in gone


def test_a_group_shows_its_numbers(client_for, viewer, vi, group):
    hold(vi, 3, values={"group_ref": "G1"})
    client = client_for(viewer)
    row = row_of(client, "/groups/")
    named = f'data-label="Group"><a href="/groups/{group.pk}/">Front desk</a></th>'
    assert named in row
    assert 'data-label="Reference">G1</td>' in row
    assert 'class="is-num" data-label="Numbers">3</td>' in row
    NumberGroup.objects.update(missing_since=timezone.now(), name="")
    row = row_of(client, "/groups/")
    assert f'<a href="/groups/{group.pk}/">G1</a>' in row
    assert "Missing at provider" in row


def test_names_that_others_made_up_stay_text(client_for, operator, vi, route, group):
    ProviderAccount.objects.update(name=HOSTILE)
    told = {"name": HOSTILE, "provider_ref": HOSTILE}
    Route.objects.update(**told, kind=HOSTILE, details={"ips": [HOSTILE]})
    NumberGroup.objects.update(**told)
    client = client_for(operator)
    for address, times in (("/routes/", 5), ("/groups/", 3)):
        page = text_of(client.get(address))
        assert HOSTILE not in page
        assert row_of(client, address).count(ESCAPED) == times


def test_many_numbers_are_counted_to_the_cap(client_for, viewer, vi, route, monkeypatch):
    monkeypatch.setattr(services_routes, "COUNT_CAP", 4)
    hold(vi, 6, route_ref="20000")
    assert ">4+</a>" in row_of(client_for(viewer), "/routes/")


@pytest.mark.parametrize("sort", ["name", "-name", "ref", "-ref"])
def test_pages_follow_each_other(client_for, viewer, vi, sort):
    Route.objects.bulk_create(
        Route(account=vi, provider_ref=f"R{n % 7}{n}", name=f"Gateway {n:02}", kind="gateway")
        for n in range(40)
    )
    client = client_for(viewer)
    first = client.get(f"/routes/?sort={sort}&size=25")
    second = client.get(f"/routes/?{next_query(first)}")
    shown = body_of(first) + body_of(second)
    assert all(f">Gateway {n:02}</a>" in shown for n in range(40))
    assert shown.count("<tr>") == 40


# -- what is around them ----------------------------------------------------------------------


@pytest.mark.parametrize(("address", "kind"), LISTS)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_who_is_being_asked_is_said_for_as_long(
    client_for, viewer, route, group, address, kind, headers
):
    client = client_for(viewer)
    filtered = f"{address}?q=o"
    assert ASKED not in text_of(client.get(filtered, headers=headers))
    job = factories.make_job(kind=kind)
    factories.make_job(kind="inventory.order_tns")
    asked = text_of(client.get(filtered, headers=headers))
    assert f"A provider is {ASKED}" in asked
    assert f'hx-get="{filtered}" hx-trigger="poll"' in asked
    assert 'data-poll-version="1"' in asked
    factories.make_job(kind=kind)
    assert f"2 providers are {ASKED}" in text_of(client.get(filtered, headers=headers))
    Job.objects.exclude(pk=job.pk).update(status="succeeded")
    assert f"A provider is {ASKED}" in text_of(client.get(filtered, headers=headers))
    Job.objects.update(status="succeeded")
    over = text_of(client.get(filtered, headers=headers))
    assert ASKED not in over
    assert 'hx-trigger="poll"' not in over


@pytest.mark.parametrize("address", ["/routes/", "/groups/"])
def test_the_live_part_asks_for_the_page_that_is_shown(client_for, viewer, vi, address):
    for model in (Route, NumberGroup):
        model.objects.bulk_create(
            model(account=vi, provider_ref=f"{n}", name=f"Name {n:02}") for n in range(60)
        )
    factories.make_job(kind=dict(LISTS)[address])
    client = client_for(viewer)
    first = client.get(address)
    second = f"{address}?{next_query(first)}"
    assert f'hx-get="{second}" hx-trigger="poll"' in text_of(client.get(second))
    assert f'hx-get="{address}?" hx-trigger="poll"' in text_of(client.get(address))


def test_a_new_account_has_its_button_at_once(client_for, operator, vi, route):
    client = client_for(operator)
    assert "Add gateway" not in text_of(client.get("/routes/"))
    first = factories.make_account("voicetel", name="VT main")
    page = text_of(client.get("/routes/"))
    assert f'href="/providers/{first.pk}/gateways/new/"' in page
    assert "Add gateway at" not in page
    factories.make_account("voicetel", name=HOSTILE)
    page = text_of(client.get("/routes/"))
    assert f"Add gateway at {ESCAPED}" in page
    assert "Add gateway at VT main" in page


def test_groups_need_an_account_that_keeps_them(client_for, operator, db):
    client = client_for(operator)
    page = text_of(client.get("/groups/"))
    assert "No provider with groups" in page
    assert "Add group" not in page
    factories.make_account("voip_innovations", name="VI main")
    page = text_of(client.get("/groups/"))
    assert "No groups are known yet" in page
    assert "Add group" in page


def test_a_renamed_account_is_named_anew_in_a_chip(client_for, viewer, vi, route):
    client, address = client_for(viewer), f"/routes/?account={vi.pk}"
    assert "Provider: VI main" in text_of(client.get(address))
    ProviderAccount.objects.update(name="VI second")
    assert "Provider: VI second" in text_of(client.get(address))


@pytest.mark.parametrize("address", ["/routes/", "/groups/"])
@pytest.mark.parametrize("query", ["", "?size=100", "?q=Name&sort=-name"])
def test_a_list_takes_few_statements(client_for, operator, vi, address, query):
    for model in (Route, NumberGroup):
        model.objects.bulk_create(
            model(account=vi, provider_ref=f"{n}", name=f"Name {n:03}") for n in range(120)
        )
    assert sql_count(client_for(operator), f"{address}{query}") <= 8


# -- counts -----------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch) -> list[list[int]]:
    """Return the routes that were counted, a list for each time."""
    seen = []

    def numbers_on(ids):
        seen.append(list(ids))
        return count(ids)

    count = services_routes.numbers_on
    monkeypatch.setattr(services_routes, "numbers_on", numbers_on)
    return seen


def test_numbers_are_counted_once_while_nothing_changes(client_for, viewer, vi, route, asked):
    hold(vi, 2, route_ref="20000")
    client = client_for(viewer)
    for _ in range(3):
        assert ">2</a>" in row_of(client, "/routes/")
    assert asked == [[route.pk]]


def test_a_number_that_comes_is_counted_at_once(client_for, viewer, vi, route, asked):
    hold(vi, 2, route_ref="20000")
    client = client_for(viewer)
    row_of(client, "/routes/")
    new = factories.make_tn("+13125550199", account=vi)
    CarrierNumber.objects.create(account=vi, tn=new.tn, route_ref="20000")
    assert ">3</a>" in row_of(client, "/routes/")


def test_what_a_job_changed_is_counted_at_once(client_for, viewer, vi, route, asked):
    hold(vi, 2, route_ref="20000")
    other = Route.objects.create(account=vi, provider_ref="20001", name="Other", kind="gateway")
    client = client_for(viewer)
    row_of(client, "/routes/")
    CarrierNumber.objects.update(route_ref="20001")
    factories.make_job(status="succeeded", finished_at=timezone.now())
    row = row_of(client, "/routes/")
    assert f'<a href="/numbers/?route={other.pk}">2</a>' in row
    assert f'"/numbers/?route={route.pk}"' not in row


def test_a_route_that_joins_the_page_is_counted_alone(client_for, viewer, vi, route, asked):
    client = client_for(viewer)
    row_of(client, "/routes/")
    other = Route.objects.create(account=vi, provider_ref="20001", name="Other", kind="gateway")
    row_of(client, "/routes/")
    assert asked == [[route.pk], [other.pk]]


def test_more_than_the_cap_is_believed_for_a_while(
    client_for, viewer, vi, route, asked, monkeypatch
):
    monkeypatch.setattr(services_routes, "COUNT_CAP", 4)
    monkeypatch.setattr(route_counts, "COUNT_CAP", 4)
    hold(vi, 6, route_ref="20000")
    client = client_for(viewer)
    row_of(client, "/routes/")
    factories.make_job(status="succeeded", finished_at=timezone.now())
    assert ">4+</a>" in row_of(client, "/routes/")
    assert len(asked) == 1


def test_routes_and_groups_are_not_taken_for_each_other(client_for, viewer, vi, route, group):
    NumberGroup.objects.filter(pk=group.pk).update(id=route.pk)
    hold(vi, 2, route_ref="20000", values={"group_ref": "other"})
    client = client_for(viewer)
    assert ">2</a>" in row_of(client, "/routes/")
    assert 'data-label="Numbers">0</td>' in row_of(client, "/groups/")
