"""What is asked around numbers, and what was asked in vain, as the pages tell it."""

from __future__ import annotations

import pytest

from inventory.models import NumberGroup, Route
from inventory.services import routes as services_routes
from portal.models import Job, ProviderAccount
from portal.tasks import run_job
from tests import factories
from tests.portal.pages import text_of


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def voicetel(db) -> ProviderAccount:
    return factories.make_account("voicetel", name="VT main")


@pytest.fixture
def vi(db) -> ProviderAccount:
    return factories.make_account("voip_innovations", name="VI main")


def test_the_network_page_says_what_was_asked_in_vain(client_for, operator, voicetel):
    client = client_for(operator)
    address = f"/providers/{voicetel.pk}/network/"
    facts = {"kind": "inventory.read_network", "account": voicetel}
    words = {"refused": {"access_list": "Not today."}}
    factories.make_job(operator, status="succeeded", result=words, **facts)
    assert "Addresses that may send calls: Not today." in text_of(client.get(address))
    factories.make_job(operator, status="failed", reason="Nobody answered.", **facts)
    page = text_of(client.get(address))
    assert "Nobody answered." in page
    assert "Not today." not in page  # only the last question counts
    factories.make_job(operator, status="succeeded", result={"read": ["sign_in"]}, **facts)
    assert "What stands below is what was told before." not in text_of(client.get(address))


def test_pages_follow_what_is_being_asked(client_for, operator, voicetel, vi):
    client = client_for(operator)
    for address in ("/routes/", "/groups/", f"/providers/{voicetel.pk}/network/"):
        assert "data-poll-version" not in text_of(client.get(address))
        client.post(f"{address}refresh/")
        page = text_of(client.get(address))
        assert 'hx-trigger="poll"' in page
        assert "asked" in page
        Job.objects.update(status="succeeded")
        assert 'hx-trigger="poll"' not in text_of(client.get(address))


def test_nobody_shuts_every_device_out(client_for, admin, voicetel):
    client = client_for(admin)
    address = f"/providers/{voicetel.pk}/network/sign-in/"
    services_routes.keep_fact(voicetel, "access_list", {"ranges": []})
    for mode in ("address", "both"):
        refused = client.post(address, {"mode": mode, "key": "k"})
        assert refused.status_code == 422
        assert "every device would be shut out" in text_of(refused)
    assert not Job.objects.exists()
    services_routes.keep_fact(voicetel, "access_list", {"ranges": ["198.51.100.7/32"]})
    assert client.post(address, {"mode": "both", "key": "k"}).status_code == 302


def test_a_second_group_of_one_name_is_refused(client_for, operator, vi):
    NumberGroup.objects.create(account=vi, provider_ref="7", name="Front desk")
    data = {"account": vi.pk, "name": "FRONT DESK", "key": "k"}
    refused = client_for(operator).post("/groups/new/", data)
    assert refused.status_code == 409
    assert "There is a group “FRONT DESK” at VI main already." in text_of(refused)
    assert not Job.objects.exists()


def test_a_route_leads_to_who_changed_it(client_for, operator, vi):
    route = Route.objects.create(account=vi, provider_ref="1", name="Main SBC", kind="gateway")
    page = text_of(client_for(operator).get(f"/routes/{route.pk}/"))
    assert "/audit/?about=Main%20SBC" in page


def test_groups_are_exported(client_for, operator, vi):
    NumberGroup.objects.create(account=vi, provider_ref="7", name="Front desk")
    NumberGroup.objects.create(account=vi, provider_ref="8", name="Other")
    answer = client_for(operator).get("/groups/export/?q=front")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[1:] == ["VI main,7,Front desk,0,"]


def test_a_client_shows_its_routes(client_for, viewer, vi):
    Route.objects.create(
        account=vi,
        provider_ref="1",
        name="Main SBC",
        kind="x",
        details={"client": "Lakeside Voice"},
    )
    Route.objects.create(account=vi, provider_ref="2", name="Other", kind="x")
    rows = [{"ref": "7001", "name": "Lakeside Voice", "details": {}}]
    services_routes.keep_fact(vi, "clients", {"rows": rows})
    page = text_of(client_for(viewer).get(f"/providers/{vi.pk}/network/"))
    assert ">Main SBC</a>" in page
    assert ">Other</a>" not in page
