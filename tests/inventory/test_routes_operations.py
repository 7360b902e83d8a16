"""Routes, address lists, sign-in and groups as jobs, at the sandbox."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from inventory import route_changes
from inventory.models import CarrierNumber, NumberGroup, Route
from inventory.operations.accounts import SyncRoutes
from inventory.operations.groups import SyncGroups
from inventory.operations.international import ReadAbroad
from inventory.operations.network import ReadNetwork
from inventory.operations.sync import sync_account
from inventory.services import routes as services_routes
from portal import jobs, providers
from portal.jobs.submit import new_key
from portal.models import (
    AccountFact,
    AuditEntry,
    Exchange,
    Job,
    JobItem,
    ProviderAccount,
    ProviderToken,
)
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests.factories import CREDENTIALS, make_account
from tests.sandbox.zeep_client import ZeepClient

OLD, NEW = CREDENTIALS["voicetel"]["password"], "Fresh123"


@pytest.fixture(scope="module")
def sandbox():
    with RunningSandbox(scale=0.1) as running:
        running.control("setting", key="voicetel.rate_limit", value="off")
        yield running


@pytest.fixture(autouse=True)
def quiet(sandbox, monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    yield
    sandbox.control("fault/clear")


@pytest.fixture
def voicetel(sandbox, db) -> ProviderAccount:
    return make_account("voicetel", base_url=sandbox.url)


@pytest.fixture
def vi(sandbox, db) -> ProviderAccount:
    return make_account("voip_innovations", base_url=sandbox.url)


def settle(job: Job) -> Job:
    """Carry out a job until it is settled; waiting is skipped, and what was sent is old."""
    for _ in range(12):
        Exchange.objects.filter(job=job).update(sent_at=timezone.now() - timedelta(minutes=5))
        Job.objects.filter(pk=job.pk).update(run_after=timezone.now() - timedelta(seconds=1))
        jobs.execute(job.pk)
        job.refresh_from_db()
        if not job.is_open:
            break
    return job


def routes_of(account: ProviderAccount, operator) -> dict[str, Route]:
    settle(route_changes.read(SyncRoutes.kind, account, actor=operator))
    return {route.provider_ref: route for route in Route.objects.filter(account=account)}


# -- endpoint groups --------------------------------------------------------------------------


def test_a_route_is_switched_off_and_on(vi, operator):
    route = routes_of(vi, operator)["13550"]
    for is_active in (False, True):
        job = route_changes.switch(route, is_active=is_active, actor=operator, key=new_key())
        assert settle(job).status == "succeeded", job.reason
        route.refresh_from_db()
        assert route.is_active is is_active
        told = settle(route_changes.read_route(route, actor=operator))
        assert told.result == {"is_there": True}
        route.refresh_from_db()
        assert route.is_active is is_active
    last = AuditEntry.objects.filter(verb="inventory.route.switched").latest("pk")
    assert (last.before["is_active"], last.after["is_active"]) == (False, True)


@pytest.mark.parametrize("fault", ["drop_after", "garbage", "drop_before"])
def test_a_lost_switch_is_settled_by_looking(vi, operator, sandbox, fault):
    route = routes_of(vi, operator)["13550"]
    sandbox.control(
        "fault", provider="voip_innovations", operation="DeactivateEndpointGroup", fault=fault
    )
    job = route_changes.switch(route, is_active=False, actor=operator, key=new_key())
    assert settle(job).status == "succeeded", job.reason
    route.refresh_from_db()
    assert route.is_active is False
    settle(route_changes.switch(route, is_active=True, actor=operator, key=new_key()))


def test_a_route_that_is_gone_is_marked(vi, operator):
    ghost = Route.objects.create(account=vi, provider_ref="99999", name="Ghost", kind="x")
    settle(route_changes.read_route(ghost, actor=operator))
    ghost.refresh_from_db()
    assert ghost.missing_since is not None
    with pytest.raises(jobs.NotAccepted, match="no longer"):
        route_changes.switch(ghost, is_active=False, actor=operator, key=new_key())
    Route.objects.update(missing_since=None)  # gone without our knowing it
    job = settle(route_changes.switch(ghost, is_active=False, actor=operator, key=new_key()))
    assert job.status == "failed"
    assert job.items.get().message


# -- gateways ---------------------------------------------------------------------------------


def made(account, operator, address: str = "sip.example.net:5060") -> Route:
    values = {"address": address, "prefix": "99", "limit": 10}
    job = route_changes.save_gateway(account, values, route=None, actor=operator, key=new_key())
    assert settle(job).status == "succeeded", [i.message for i in job.items.all()]
    return Route.objects.get(account=account, name=address)


def removed(route: Route, operator) -> Job:
    return settle(route_changes.remove_gateway(route, actor=operator, key=new_key()))


def test_a_gateway_is_made_changed_and_removed(voicetel, operator):
    route = made(voicetel, operator)
    assert (route.details["prefix"], str(route.details["limit"])) == ("99", "10")
    values = {"prefix": "", "limit": 20}
    job = route_changes.save_gateway(voicetel, values, route=route, actor=operator, key=new_key())
    assert settle(job).status == "succeeded", [i.message for i in job.items.all()]
    route.refresh_from_db()
    assert str(route.details["limit"]) == "20"
    assert removed(route, operator).status == "succeeded"
    route.refresh_from_db()
    assert route.missing_since is not None
    told = AuditEntry.objects.filter(object_id=route.pk, object_type="inventory.route")
    verbs = told.values_list("verb", flat=True)
    assert set(verbs) == {"inventory.route.saved", "inventory.route.removed"}


@pytest.mark.parametrize("fault", ["drop_after", "garbage", "drop_before"])
def test_a_gateway_is_made_once_though_the_answer_was_lost(voicetel, operator, sandbox, fault):
    before = set(routes_of(voicetel, operator))
    sandbox.control("fault", provider="voicetel", operation="gateways.create", fault=fault)
    route = made(voicetel, operator, f"{fault.replace('_', '-')}.example.net")
    assert set(routes_of(voicetel, operator)) - before == {route.provider_ref}
    removed(route, operator)


def test_what_a_wire_cannot_carry_is_refused(voicetel, operator):
    values = {"address": "10.0.0.1"}
    job = route_changes.save_gateway(voicetel, values, route=None, actor=operator, key=new_key())
    assert settle(job).status == "failed"
    assert "not public" in job.items.get().message
    assert not Route.objects.filter(name="10.0.0.1").exists()


def test_a_gateway_with_numbers_stays_and_says_which(voicetel, operator):
    settle(sync_account(voicetel, actor=operator))
    first = CarrierNumber.objects.filter(account=voicetel).exclude(route_ref="")[0]
    Route.objects.create(
        account=voicetel, provider_ref=first.route_ref, name="Theirs", kind="gateway"
    )
    route = Route.objects.get(provider_ref=first.route_ref)
    with pytest.raises(jobs.NotAccepted, match=r"Numbers are on this gateway: \("):
        route_changes.remove_gateway(route, actor=operator, key=new_key())


def test_the_providers_own_gateway_is_left_alone(voicetel, operator):
    own = next(r for r in routes_of(voicetel, operator).values() if r.is_system)
    with pytest.raises(jobs.NotAccepted, match="own gateways"):
        route_changes.remove_gateway(own, actor=operator, key=new_key())
    told = settle(route_changes.read_route(own, actor=operator))
    assert told.status in {"succeeded", "failed"}


# -- addresses and devices --------------------------------------------------------------------


def ranges(account: ProviderAccount) -> list[str]:
    return AccountFact.objects.get(account=account, kind="access_list").content["ranges"]


def change(account, operator, *cidrs: str, is_removal: bool = False) -> Job:
    return settle(
        route_changes.change_access(
            account, cidrs, is_removal=is_removal, actor=operator, key=new_key()
        )
    )


def test_the_network_is_read_as_far_as_it_is_told(voicetel, vi, operator):
    job = settle(route_changes.read(ReadNetwork.kind, voicetel, actor=operator))
    assert job.result["read"] == ["access_list", "registration", "sign_in"]
    job = settle(route_changes.read(ReadNetwork.kind, vi, actor=operator))
    assert job.result["read"] == ["clients", "scripts"]
    assert services_routes.facts_of(vi)["clients"].content["rows"]
    intelepeer = make_account("custom_toll_free")
    with pytest.raises(jobs.NotAccepted, match="tells nothing"):
        route_changes.read(ReadNetwork.kind, intelepeer, actor=operator)


def test_ranges_are_allowed_and_forbidden(voicetel, operator):
    settle(route_changes.read(ReadNetwork.kind, voicetel, actor=operator))
    before = ranges(voicetel)
    job = change(voicetel, operator, "198.51.100.0/24", "203.0.113.7/32")
    assert job.status == "succeeded", [i.message for i in job.items.all()]
    assert ranges(voicetel) == [*before, "198.51.100.0/24", "203.0.113.7/32"]
    again = change(voicetel, operator, "198.51.100.0/24", "192.0.2.0/24")
    rows = {row.params["cidr"]: row for row in again.items.all()}
    assert again.status in {"partial", "succeeded"}
    assert rows["192.0.2.0/24"].status == "succeeded"
    job = change(
        voicetel, operator, "198.51.100.0/24", "203.0.113.7/32", "192.0.2.0/24", is_removal=True
    )
    assert job.status == "succeeded", [i.message for i in job.items.all()]
    assert ranges(voicetel) == before


def test_a_list_that_was_never_read_is_kept_whole(voicetel, operator):
    change(voicetel, operator, "198.51.100.0/24")
    kept = ranges(voicetel)
    settle(route_changes.read(ReadNetwork.kind, voicetel, actor=operator))
    assert kept == ranges(voicetel)
    assert len(kept) > 1
    change(voicetel, operator, "198.51.100.0/24", is_removal=True)


@pytest.mark.parametrize("fault", ["drop_after", "garbage"])
def test_a_lost_change_of_the_list_is_read_back(voicetel, operator, sandbox, fault):
    sandbox.control("fault", provider="voicetel", operation="acl.create", fault=fault)
    job = change(voicetel, operator, "198.51.100.0/24")
    assert job.status == "succeeded", job.reason
    assert "198.51.100.0/24" in ranges(voicetel)
    change(voicetel, operator, "198.51.100.0/24", is_removal=True)


def test_the_way_devices_sign_in_is_changed(voicetel, admin):
    for mode in ("either", "password"):
        job = settle(route_changes.change_mode(voicetel, mode, actor=admin, key=new_key()))
        assert job.status == "succeeded", [i.message for i in job.items.all()]
        facts = services_routes.facts_of(voicetel)
        assert facts["sign_in"].content["mode"] == mode


# -- the password that is ours too ------------------------------------------------------------


@pytest.fixture
def back_to_old(voicetel, admin):
    """Give the sandbox its password back."""
    yield
    voicetel.refresh_from_db()
    if voicetel.credentials["password"] != OLD:
        settle(route_changes.change_password(voicetel, OLD, actor=admin, key=new_key()))


def password_of(account: ProviderAccount) -> str:
    return ProviderAccount.objects.get(pk=account.pk).credentials["password"]


def assert_works(account: ProviderAccount, actor) -> None:
    job = settle(route_changes.read(SyncRoutes.kind, account, actor=actor))
    assert job.status == "succeeded", job.reason


@pytest.mark.usefixtures("back_to_old")
class TestPassword:
    def test_it_is_stored_with_a_new_key_in_one_go(self, voicetel, admin):
        assert_works(voicetel, admin)
        old_key = ProviderToken.objects.get().token
        job = settle(route_changes.change_password(voicetel, NEW, actor=admin, key=new_key()))
        assert job.status == "succeeded", [i.message for i in job.items.all()]
        assert password_of(voicetel) == NEW
        assert ProviderToken.objects.get().token != old_key
        assert_works(voicetel, admin)
        voicetel.refresh_from_db()
        assert voicetel.paused_at is None

    def test_no_row_no_exchange_no_audit_shows_it(self, voicetel, admin):
        job = route_changes.change_password(voicetel, NEW, actor=admin, key=new_key())
        assert NEW not in json.dumps(job.items.get().params)
        settle(job)
        assert job.items.get().params == {"password": "set"}
        texts = [f"{e.request_body}{e.reply_body}" for e in Exchange.objects.all()]
        texts += [json.dumps([a.before, a.after]) for a in AuditEntry.objects.all()]
        texts += [json.dumps([i.params, i.after, i.message]) for i in JobItem.objects.all()]
        assert not [text for text in texts if NEW in text]

    @pytest.mark.parametrize("fault", ["drop_after", "garbage", "drop_before"])
    def test_a_lost_answer_locks_nobody_out(self, voicetel, admin, sandbox, fault):
        assert_works(voicetel, admin)
        sandbox.control("fault", provider="voicetel", operation="auth.update", fault=fault)
        job = settle(route_changes.change_password(voicetel, NEW, actor=admin, key=new_key()))
        assert job.status == "succeeded", [job.reason, *(i.message for i in job.items.all())]
        assert password_of(voicetel) == NEW
        assert_works(voicetel, admin)

    def test_killed_between_change_and_store(self, voicetel, admin, monkeypatch):
        """The worker dies with the provider's yes in its hands; meanwhile others are refused."""
        assert_works(voicetel, admin)
        job = route_changes.change_password(voicetel, NEW, actor=admin, key=new_key())

        def die(*args, **options):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(services_routes, "adopt_password", die)
            with pytest.raises(KeyboardInterrupt):
                jobs.execute(job.pk)
        assert password_of(voicetel) == OLD
        refused = settle(route_changes.read(SyncRoutes.kind, voicetel, actor=admin))
        assert refused.status == "failed"
        voicetel.refresh_from_db()
        assert voicetel.paused_at is not None
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(hours=1))
        jobs.sweep()
        job.refresh_from_db()
        assert job.status == "unknown"
        assert settle(job).status == "succeeded", job.reason
        assert password_of(voicetel) == NEW
        voicetel.refresh_from_db()
        assert voicetel.paused_at is None
        assert_works(voicetel, admin)

    def test_a_refused_password_changes_nothing(self, voicetel, admin):
        job = settle(route_changes.change_password(voicetel, "short", actor=admin, key=new_key()))
        assert job.status == "failed"
        assert "6 to 10 letters" in job.items.get().message
        assert password_of(voicetel) == OLD
        assert_works(voicetel, admin)


def test_only_who_is_asked_about_a_password_has_one(vi, admin):
    with pytest.raises(jobs.NotAccepted):
        route_changes.change_password(vi, NEW, actor=admin, key=new_key())


def test_a_pause_by_a_person_is_not_lifted(voicetel):
    now = timezone.now()
    ProviderAccount.objects.update(paused_at=now, pause_reason="Works at the carrier")
    services_routes.lift_pause(voicetel, since=now - timedelta(hours=1))
    assert ProviderAccount.objects.get(pk=voicetel.pk).paused_at == now


# -- groups and numbers abroad ----------------------------------------------------------------


def groups_of(account, operator) -> dict[str, NumberGroup]:
    settle(route_changes.read(SyncGroups.kind, account, actor=operator))
    return {group.name: group for group in NumberGroup.objects.filter(account=account)}


def test_a_group_is_made_and_numbers_move_in_and_out(vi, operator):
    settle(sync_account(vi, actor=operator))
    tns = list(CarrierNumber.objects.filter(account=vi).values_list("tn", flat=True)[:2])
    job = route_changes.create_group(vi, "Front desk", actor=operator, key=new_key())
    assert settle(job).status == "succeeded", [i.message for i in job.items.all()]
    group = groups_of(vi, operator)["Front desk"]
    job = route_changes.move_numbers(group, tns, is_out=False, actor=operator, key=new_key())
    assert settle(job).status == "succeeded", [i.message for i in job.items.all()]
    assert services_routes.numbers_in([group.pk]) == {group.pk: 2}
    CarrierNumber.objects.filter(tn=tns[0]).update(values={})
    told = settle(route_changes.read_group(group, actor=operator))
    assert told.result["members"] == 2
    assert list(services_routes.members_of(vi, group.provider_ref)) == sorted(tns)
    job = route_changes.move_numbers(group, tns[:1], is_out=True, actor=operator, key=new_key())
    assert settle(job).status == "succeeded", [i.message for i in job.items.all()]
    assert list(services_routes.members_of(vi, group.provider_ref)) == tns[1:]


def test_a_group_whose_answer_was_lost_is_made_once(vi, operator, sandbox):
    sandbox.control(
        "fault", provider="voip_innovations", operation="CreateDIDGroup", fault="drop_after"
    )
    job = route_changes.create_group(vi, "Lost", actor=operator, key=new_key())
    assert settle(job).status == "succeeded", job.reason
    assert [name for name in groups_of(vi, operator) if name == "Lost"] == ["Lost"]


def test_members_that_left_are_noted(vi, operator):
    settle(sync_account(vi, actor=operator))
    group = next(iter(groups_of(vi, operator).values()))
    stray = CarrierNumber.objects.filter(account=vi).last()
    CarrierNumber.objects.filter(pk=stray.pk).update(values={"group_ref": group.provider_ref})
    job = settle(route_changes.read_group(group, actor=operator))
    assert job.result["left"] in {0, 1}
    assert (
        CarrierNumber.objects.filter(values__group_ref=group.provider_ref).count()
        == (job.result["known_here"])
    )


@pytest.mark.parametrize("fault", ["", "drop_after"])
def test_a_number_abroad_is_listed_and_given_back(vi, operator, sandbox, fault):
    bought = ZeepClient(sandbox.url).call("AssignIntlDID", cityID=2501, epgID=13551)
    tn = f"+{bought.DID.tn}"
    settle(route_changes.read(ReadAbroad.kind, vi, actor=operator))
    (row,) = services_routes.facts_of(vi)["international"].content["rows"]
    assert (row["tn"], row["city"]) == (tn, "LONDON")
    if fault:
        sandbox.control(
            "fault", provider="voip_innovations", operation="ReleaseIntlDID", fault=fault
        )
    job = settle(route_changes.release_abroad(vi, tn, actor=operator, key=new_key()))
    assert job.status == "succeeded", [i.message for i in job.items.all()]
    assert services_routes.facts_of(vi)["international"].content["rows"] == []
    assert AuditEntry.objects.get(verb="inventory.abroad.released").before == {"numbers": tn}


def test_a_provider_without_something_says_so(operator):
    account = make_account("intelepeer")
    assert providers.why_not("intelepeer", "number_groups")
    with pytest.raises(jobs.NotAccepted, match="Nothing was sent"):
        route_changes.create_group(account, "Front", actor=operator, key=new_key())
