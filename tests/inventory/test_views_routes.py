"""Pages around numbers: routes, gateways, an account's network, groups."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from inventory import route_changes
from inventory.forms.routes import clean_ranges
from inventory.models import CarrierNumber, NumberGroup, Route
from inventory.services import routes as services_routes
from portal import told_words
from portal.models import Job, ProviderAccount
from portal.tasks import run_job
from portal.templatetags.portal import target as words_of_target
from tests import factories
from tests.portal.pages import sql_count, text_of


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def vi(db) -> ProviderAccount:
    return factories.make_account("voip_innovations", name="VI main")


@pytest.fixture
def voicetel(db) -> ProviderAccount:
    return factories.make_account("voicetel", name="VT main")


def make_route(account: ProviderAccount, ref: str = "13550", **fields) -> Route:
    fields = {"name": f"Route {ref}", "kind": "endpoint_group"} | fields
    return Route.objects.create(account=account, provider_ref=ref, **fields)


def on_it(route: Route, *tns: str) -> None:
    for tn in tns:
        number = factories.make_tn(tn, account=route.account)
        CarrierNumber.objects.create(
            account=route.account, tn=number.tn, route_ref=route.provider_ref
        )


def sent() -> Job:
    return Job.objects.latest("pk")


# -- the list ---------------------------------------------------------------------------------


def test_the_list_shows_state_and_numbers(client_for, viewer, vi):
    busy = make_route(vi, "1", name="Chicago SBC")
    on_it(busy, "+13125550101", "+13125550102")
    off = make_route(vi, "2", is_active=False)
    on_it(off, "+13125550103")
    page = text_of(client_for(viewer).get("/routes/"))
    assert f'<a href="/numbers/?route={busy.pk}">2</a>' in page
    assert "its numbers do not ring" in page
    assert "Add gateway" not in page


def test_no_route_says_why(client_for, operator, vi):
    client = client_for(operator)
    assert "Routes come from the providers" in text_of(client.get("/routes/"))
    make_route(vi)
    assert "No route fits these filters" in text_of(client.get("/routes/?q=nowhere"))


@pytest.mark.parametrize(
    ("query", "shown"),
    [("state=inactive", "2"), ("state=missing", "3"), ("state=active", "1"), ("q=Route+2", "2")],
)
def test_filters(client_for, operator, vi, query, shown):
    from django.utils import timezone

    make_route(vi, "1")
    make_route(vi, "2", is_active=False)
    make_route(vi, "3", missing_since=timezone.now())
    page = text_of(client_for(operator).get(f"/routes/?{query}"))
    assert [ref for ref in "123" if f">Route {ref}</a>" in page] == [shown]


def test_the_list_takes_few_statements(client_for, operator, vi):
    for n in range(60):
        make_route(vi, str(n))
    client = client_for(operator)
    client.get("/routes/")
    assert sql_count(client, "/routes/") <= 10
    for n in range(60):
        NumberGroup.objects.create(account=vi, provider_ref=str(n), name=f"Group {n}")
    assert sql_count(client, "/groups/") <= 10


def test_the_export_holds_what_fits(client_for, operator, vi):
    make_route(vi, "1")
    make_route(vi, "2", is_active=False)
    answer = client_for(operator).get("/routes/export/?state=inactive")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("VI main,2,Route 2,endpoint_group,False")


def test_refresh_asks_each_account_once(client_for, operator, vi, voicetel):
    client = client_for(operator)
    for _ in range(2):
        client.post("/routes/refresh/")
    kinds = Job.objects.values_list("kind", "account__name").order_by("account__name")
    assert list(kinds) == [
        ("inventory.sync_routes", "VI main"),
        ("inventory.sync_routes", "VT main"),
    ]


# -- one route --------------------------------------------------------------------------------


def test_switching_off_must_be_typed(client_for, operator, vi):
    route = make_route(vi)
    on_it(route, "+13125550101")
    client = client_for(operator)
    address = f"/routes/{route.pk}/switch/"
    assert "1 number of ours stops to ring" in text_of(client.get(address))
    wrong = client.post(address, {"typed": "yes", "key": "k1"})
    assert wrong.status_code == 422
    assert "This is not 13550. Nothing was sent." in text_of(wrong)
    assert not Job.objects.exists()
    done = client.post(address, {"typed": "13550", "key": "k1", "reason": "Works"})
    assert done["Location"] == f"/jobs/{sent().pk}/"
    assert sent().params["is_active"] is False
    again = client.post(address, {"typed": "13550", "key": "k1"})
    assert again["Location"] == done["Location"]
    assert "Deactivate route Route 13550" in text_of(client.get(f"/routes/{route.pk}/"))


def test_switching_on_needs_no_typing(client_for, operator, vi):
    route = make_route(vi, is_active=False)
    client_for(operator).post(f"/routes/{route.pk}/switch/", {"to": "on", "key": "k2"})
    assert sent().params["is_active"] is True


def test_what_was_confirmed_is_done_though_a_colleague_was_quicker(client_for, operator, vi):
    route = make_route(vi)
    client = client_for(operator)
    address = f"/routes/{route.pk}/switch/"
    assert 'name="to" value="off"' in text_of(client.get(address))
    Route.objects.update(is_active=False)
    late = client.post(address, {"to": "off", "typed": "13550", "key": "k1"})
    assert late.status_code == 409
    assert "Route 13550 is inactive already. Nothing was sent." in text_of(late)
    assert not Job.objects.exists()


def test_a_route_that_is_gone_is_not_switched(client_for, operator, vi):
    from django.utils import timezone

    route = make_route(vi, missing_since=timezone.now())
    data = {"to": "off", "typed": "13550", "key": "k1"}
    answer = client_for(operator).post(f"/routes/{route.pk}/switch/", data)
    assert answer.status_code == 409
    assert "lists this route no longer" in text_of(answer)


def test_a_route_that_is_being_changed_is_not_changed_beside_it(client_for, operator, vi):
    route = make_route(vi)
    client = client_for(operator)
    client.post(f"/routes/{route.pk}/switch/", {"typed": "13550", "key": "k1"})
    second = client.post(f"/routes/{route.pk}/switch/", {"typed": "13550", "key": "k2"})
    assert second.status_code == 409
    assert "not settled yet. Nothing was sent." in text_of(second)


def test_what_a_provider_cannot_do_has_no_button(client_for, operator, voicetel, vi):
    gateway = make_route(voicetel, "900", kind="gateway")
    page = text_of(client_for(operator).get(f"/routes/{gateway.pk}/"))
    assert "Deactivate" not in page
    assert f"/routes/{gateway.pk}/remove/" in page
    own = make_route(voicetel, "4", kind="gateway", is_system=True)
    assert "/remove/" not in text_of(client_for(operator).get(f"/routes/{own.pk}/"))
    group = make_route(vi)
    assert "/edit/" not in text_of(client_for(operator).get(f"/routes/{group.pk}/"))


# -- gateways ---------------------------------------------------------------------------------


def test_a_gateway_is_added(client_for, operator, voicetel):
    address = f"/providers/{voicetel.pk}/gateways/new/"
    client = client_for(operator)
    wrong = client.post(address, {"address": "", "prefix": "x", "limit": "0", "key": "k"})
    assert wrong.status_code == 422
    assert "A prefix has digits only." in text_of(wrong)
    client.post(address, {"address": "sip.example.net", "prefix": "", "limit": "9", "key": "k"})
    assert sent().items.get().params == {"ref": "", "address": "sip.example.net", "limit": 9}


def test_only_what_differs_of_a_gateway_is_sent(client_for, operator, voicetel):
    facts = {"prefix": "99", "limit": 23}
    route = make_route(voicetel, "900", name="sip.example.net", kind="gateway", details=facts)
    client = client_for(operator)
    given = {"address": "sip.example.net", "prefix": "99", "limit": "23", "key": "k1"}
    same = client.post(f"/routes/{route.pk}/edit/", given)
    assert same.status_code == 409
    assert "Nothing differs" in text_of(same)
    client.post(f"/routes/{route.pk}/edit/", given | {"prefix": "", "key": "k2"})
    assert sent().items.get().params == {"ref": "900", "prefix": ""}
    bare = client.post(f"/routes/{route.pk}/edit/", given | {"limit": "", "key": "k3"})
    assert bare.status_code == 422
    assert "It cannot be taken off again." in text_of(bare)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("10.0.0.1", "10.0.0.1 is not public."),
        ("sip.example.net:0", "A port is 1 to 65535"),
        ("300.1.1.1", "300.1.1.1 is no IPv4 address."),
        ("somewhere", "A gateway is an IPv4 address or a host name"),
    ],
)
def test_an_address_that_nobody_reaches_is_no_gateway(
    client_for, operator, voicetel, address, words
):
    data = {"address": address, "key": "k"}
    answer = client_for(operator).post(f"/providers/{voicetel.pk}/gateways/new/", data)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Job.objects.exists()


def test_a_gateway_with_numbers_says_which(client_for, operator, voicetel):
    route = make_route(voicetel, "900", kind="gateway")
    on_it(route, "+13125550101")
    client = client_for(operator)
    page = text_of(client.get(f"/routes/{route.pk}/remove/"))
    assert "(312) 555-0101" in page
    assert 'name="typed"' not in page
    refused = client.post(f"/routes/{route.pk}/remove/", {"typed": "900", "key": "k"})
    assert refused.status_code == 409
    assert not Job.objects.exists()


# -- an account's network ---------------------------------------------------------------------


def test_the_network_page_says_what_is_not_offered(client_for, viewer, vi, voicetel):
    client = client_for(viewer)
    page = text_of(client.get(f"/providers/{vi.pk}/network/"))
    assert "Clients under the account" in page
    assert "Allow more" not in page
    page = text_of(client.get(f"/providers/{voicetel.pk}/network/"))
    assert "Refresh to read the list" in page
    assert "An administrator changes these." in page


def test_ranges_are_sent_one_row_each(client_for, operator, voicetel):
    address = f"/providers/{voicetel.pk}/network/allow/"
    client = client_for(operator)
    wrong = client.post(address, {"ranges": "198.51.100.7/24, nonsense", "key": "k"})
    assert wrong.status_code == 422
    assert "“nonsense” is no range" in text_of(wrong)
    assert "198.51.100.7/24 is no range: it must begin where its mask does." in text_of(wrong)
    for cidr, words in (
        ("198.51.100.0/27", "A mask is /8, /16, /24 or /32"),
        ("192.168.0.0/16", "192.168.0.0/16 is not public."),
    ):
        assert words in text_of(client.post(address, {"ranges": cidr, "key": "k"}))
    assert not Job.objects.exists()
    client.post(address, {"ranges": "198.51.100.7\n203.0.113.0/24", "key": "k"})
    rows = sent().items.order_by("position").values_list("params__cidr", flat=True)
    assert list(rows) == ["198.51.100.7/32", "203.0.113.0/24"]
    assert client.get(f"/jobs/{sent().pk}/").status_code == 200


def test_only_ranges_of_the_list_are_forbidden(client_for, operator, voicetel):
    services_routes.keep_fact(voicetel, "access_list", {"ranges": ["198.51.100.7/32"]})
    client = client_for(operator)
    address = f"/providers/{voicetel.pk}/network/forbid/"
    client.post(address, {"cidr": ["192.0.2.1/32"], "confirmed": "1", "key": "k0"})
    chosen = {"cidr": ["198.51.100.7/32", "192.0.2.1/32"], "key": "k"}
    asked = text_of(client.post(address, chosen))
    assert "Calls from this range are turned away at once" in asked
    assert "Nothing is left on the list then" in asked
    assert "192.0.2.1/32" not in asked
    assert not Job.objects.exists()
    client.post(address, chosen | {"confirmed": "1"})
    assert sent().items.get().params == {"cidr": "198.51.100.7/32"}
    assert sent().params["is_removal"] is True


def test_a_password_is_typed_twice_and_never_drawn(client_for, admin, voicetel):
    address = f"/providers/{voicetel.pk}/network/password/"
    client = client_for(admin)
    for first, second in (("Fresh123", "Fresh124"), ("Zq9", "Zq9")):
        page = client.post(address, {"password": first, "again": second, "key": "k"})
        assert page.status_code == 422
        assert first not in text_of(page)
    assert not Job.objects.exists()
    client.post(address, {"password": "Fresh123", "again": "Fresh123", "key": "k"})
    job = sent()
    assert job.kind == "inventory.change_sign_in_password"
    assert "Fresh123" not in str([job.params, job.items.get().params])
    assert "Fresh123" not in text_of(client.get(f"/jobs/{job.pk}/"))


def test_the_way_to_sign_in_is_sent(client_for, admin, voicetel):
    address = f"/providers/{voicetel.pk}/network/sign-in/"
    client = client_for(admin)
    assert client.post(address, {"mode": "by magic", "key": "k"}).status_code == 422
    client.post(address, {"mode": "either", "key": "k"})
    assert sent().title == "Devices of VT main sign in by password or address list"


def test_a_number_abroad_is_given_back_when_typed(client_for, operator, vi):
    rows = [{"tn": "+442075550142", "city": "LONDON", "country": "UNITED KINGDOM"}]
    services_routes.keep_fact(vi, "international", {"rows": rows})
    client = client_for(operator)
    assert "LONDON" in text_of(client.get(f"/providers/{vi.pk}/network/"))
    address = f"/providers/{vi.pk}/abroad/442075550142/release/"
    assert client.post(address, {"typed": "9999", "key": "k"}).status_code == 422
    client.post(address, {"typed": "0142", "key": "k"})
    assert sent().items.get().target == "+442075550142"
    assert client.get(f"/providers/{vi.pk}/abroad/15550000/release/").status_code == 404


# -- groups -----------------------------------------------------------------------------------


@pytest.fixture
def group(vi) -> NumberGroup:
    return NumberGroup.objects.create(account=vi, provider_ref="7", name="Front desk")


def test_a_group_is_added(client_for, operator, vi):
    client = client_for(operator)
    assert "No groups are known yet" in text_of(client.get("/groups/"))
    assert client.post("/groups/new/", {"name": "", "key": "k"}).status_code == 422
    client.post("/groups/new/", {"account": vi.pk, "name": "Front desk", "key": "k"})
    assert (sent().kind, sent().params["name"]) == ("inventory.create_group", "Front desk")


def test_numbers_move_in_by_paste_and_out_by_tick(client_for, operator, vi, group, voicetel):
    tn = factories.make_tn("+13125550101", account=vi).tn
    factories.make_tn("+13125550102", account=voicetel)
    client = client_for(operator)
    address = f"/groups/{group.pk}/move/"
    wrong = client.post(address, {"direction": "in", "numbers": "12", "key": "k0"})
    assert wrong.status_code == 422
    text = "(312) 555-0101\n312.555.0102"
    client.post(address, {"direction": "in", "numbers": text, "key": "k1"})
    assert list(sent().items.values_list("target", "params__value")) == [(tn, "7")]
    sent().items.update(status="succeeded")
    CarrierNumber.objects.create(account=vi, tn=tn, values={"group_ref": "7"})
    assert "(312) 555-0101" in text_of(client.get(f"/groups/{group.pk}/"))
    client.post(address, {"direction": "out", "tn": [tn], "key": "k2"})
    assert list(sent().items.values_list("target", "params__value")) == [(tn, "")]


def test_nothing_to_move_says_so(client_for, operator, group):
    address = f"/groups/{group.pk}/move/"
    answer = client_for(operator).post(address, {"direction": "out", "key": "k"})
    assert answer.status_code == 409
    assert not Job.objects.exists()


# -- ranges -----------------------------------------------------------------------------------


@given(st.text(max_size=60))
def test_no_text_crashes_the_reading_of_ranges(text):
    try:
        found = clean_ranges(text)
    except ValidationError:
        return
    assert found == clean_ranges("\n".join(found))
    assert all("/" in cidr for cidr in found)


@given(st.ip_addresses(network="198.51.0.0/16"), st.sampled_from([16, 24, 32]))
def test_a_range_keeps_its_meaning(address, mask):
    from ipaddress import IPv4Network

    network = IPv4Network((address, mask), strict=False)
    assert clean_ranges(f" {network}, {network} ") == [str(network)]


# -- together with the rest -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("acl:3:198.51.100.0/24", "198.51.100.0/24"),
        ("+13125550142", "(312) 555-0142"),
        ("+442075550142", "+442075550142"),
        ("anything", "anything"),
        ("account:7", "The account"),
        ("ticket:12", "The ticket"),
        ("ticket:port-3", "The ticket"),
        ("new ticket 6f1b2a52-0000-4000-8", "The ticket"),
        ("", ""),
    ],
)
def test_a_row_says_what_it_is_about(target, shown):
    assert words_of_target(target) == shown


def test_the_schedule_asks_for_what_is_around_numbers(vi, voicetel):
    for account in (vi, voicetel):
        route_changes.refresh_around(account, actor=None, source=Job.Source.SCHEDULE)
    kinds = Job.objects.filter(account=vi).values_list("kind", flat=True)
    expected = {"inventory.read_network", "inventory.sync_groups", "inventory.read_abroad"}
    assert set(kinds) == expected
    assert Job.objects.get(account=voicetel).kind == "inventory.read_network"
    assert route_changes.refresh_around(factories.make_account("intelepeer"), actor=None)


def test_what_is_told_is_told_in_words():
    details = {"ips": ["203.0.113.9", "203.0.113.10"], "stripcc": "false", "active": "true"}
    told = [("Addresses", "203.0.113.9, 203.0.113.10"), ("Strips the country code", "no")]
    assert told_words.told(details | {"empty": "", "none": None}) == told
    assert told_words.addresses(details) == "203.0.113.9, 203.0.113.10"


def test_a_job_leads_back_to_where_it_was_started(client_for, operator, vi, voicetel, group):
    route = make_route(vi)
    client = client_for(operator)
    started = {
        f"/routes/{route.pk}/refresh/": f"/routes/{route.pk}/",
        f"/groups/{group.pk}/refresh/": f"/groups/{group.pk}/",
    }
    for address, back in started.items():
        page = text_of(client.get(client.post(address)["Location"]))
        assert f'href="{back}"' in page
    client.post(f"/providers/{voicetel.pk}/network/refresh/")
    page = text_of(client.get(f"/jobs/{sent().pk}/"))
    assert f'href="/providers/{voicetel.pk}/network/"' in page
    client.post("/groups/new/", {"account": vi.pk, "name": "Back office", "key": "k"})
    assert "/groups/" in text_of(client.get(f"/jobs/{sent().pk}/"))


def test_numbers_of_other_accounts_are_told(client_for, operator, group, voicetel):
    factories.make_tn("+13125550101", account=group.account)
    factories.make_tn("+13125550102", account=voicetel)
    text = {"direction": "in", "numbers": "3125550101, 3125550102", "key": "k"}
    answer = client_for(operator).post(f"/groups/{group.pk}/move/", text, follow=True)
    assert "1 of 2 numbers are not at VI main" in text_of(answer)
