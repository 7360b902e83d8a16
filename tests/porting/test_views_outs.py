"""Numbers that leave: noticed, decided, what follows, PINs; and what ports show elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import TelephoneNumber
from portal.models import Job
from porting import home
from porting.models import PortEvent, PortOut, ProviderWord
from porting.services import port_out
from tests import factories

pytestmark = pytest.mark.django_db
HERE = "+13125550142"


def text(response) -> str:
    """Return a page without the line breaks of its template."""
    return " ".join(response.content.decode().split())


@pytest.fixture
def client(client_for, operator):
    """Return the operator's client."""
    return client_for(operator)


@pytest.fixture
def number(lakeside) -> TelephoneNumber:
    """Return a number in service."""
    account = factories.make_account("voicetel", name="VoiceTel main")
    return factories.make_tn(HERE, account=account, customer=lakeside)


@pytest.fixture
def case(number) -> PortOut:
    """Return a case that a list spoke for."""
    found = port_out.report(number.tn, way="list", words="Two lists without it.", actor=None)
    assert found is not None
    return found


def test_a_number_is_reported_once(client, number):
    url = reverse("porting:port-out-new")
    values = {"tn": "312 555 0142", "state": "requested", "words": "Bell called"}
    assert client.post(url, values | {"tn": "773 555 0155"}).status_code == 422
    assert client.post(url, values | {"words": ""}).status_code == 422
    client.post(url, values)
    client.post(url, values | {"words": "Bell wrote, too"})
    found = PortOut.objects.get()
    assert [fact["words"] for fact in found.evidence] == ["Bell called", "Bell wrote, too"]
    number.refresh_from_db()
    assert number.state == "port_out"


def test_a_case_is_decided_by_its_moves(client, case, number):
    url = reverse("porting:port-out-move", args=[case.pk, "requested"])
    assert client.post(url, {"reason": ""}).status_code == 422
    client.post(url, {"reason": "Bell asks"})
    wrong = reverse("porting:port-out-move", args=[case.pk, "closed"])
    assert client.post(wrong, {"reason": "No"}).status_code == 409
    client.post(
        reverse("porting:port-out-move", args=[case.pk, "rejected"]),
        {"reason": "PIN", "reject_code": "wrong_pin"},
    )
    case.refresh_from_db()
    assert (case.state, case.reject_code) == ("rejected", "wrong_pin")
    assert (
        client.get(reverse("porting:port-out-move", args=[case.pk, "nowhere"])).status_code == 404
    )


def test_what_follows_is_shown_then_done_once_it_is_typed(client, case, number):
    page = text(client.get(reverse("porting:port-out-detail", args=[case.pk])))
    assert "once it has left; nothing is done now" in page
    day = timezone.localdate() - timedelta(days=1)
    gone = reverse("porting:port-out-move", args=[case.pk, "completed"])
    client.post(gone, {"reason": "LRN is theirs", "left_on": day})
    follow = reverse("porting:port-out-follow", args=[case.pk])
    assert client.post(follow, {"typed": "9999", "left_on": day}).status_code == 422
    number.refresh_from_db()
    assert number.state != "ported_out"
    assert client.post(follow, {"typed": "0142", "left_on": day}).status_code == 302
    number.refresh_from_db()
    case.refresh_from_db()
    assert (number.state, number.customer) == ("ported_out", None)
    assert (case.is_followed_up, case.left_on) == (True, day)


def test_the_list_filters_and_exports(client, case):
    other = PortOut.objects.create(tn="+17735550155", detected_by="person", state="dismissed")
    url, export = reverse("porting:port-out-list"), reverse("porting:port-out-export")
    page = text(client.get(f"{url}?state=open"))
    assert f'id="out-row-{case.pk}"' in page
    assert f'id="out-row-{other.pk}"' not in page
    rows = b"".join(client.get(f"{export}?q=0155").streaming_content).decode().splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["+17735550155"]


def test_looking_now_finds_what_a_ticket_speaks_of(client, number):
    from portal.models import SupportTicket

    SupportTicket.objects.create(
        account=number.account,
        ticket_ref="7",
        subject="Port-out request",
        tn=number.tn,
        synced_at=timezone.now(),
        changed_at=timezone.now(),
    )
    answer = client.post(reverse("porting:port-out-look"), follow=True)
    assert "1 new case." in text(answer)
    assert "Nothing new" in text(client.post(reverse("porting:port-out-look"), follow=True))


def test_pins_are_set_by_one_job_and_never_shown(client, number):
    url = reverse("porting:pin-new")
    assert client.post(url, {"key": "k", "numbers": HERE, "pin": "12"}).status_code == 422
    answer = client.post(url, {"key": "k", "numbers": HERE, "pin": "4711"})
    job = Job.objects.get(parent=None)
    assert answer["Location"] == reverse("portal:job-detail", args=[job.pk])
    shown = text(client.get(answer["Location"], follow=True))
    assert "4711" not in shown
    assert "4711" not in str(list(Job.objects.values_list("params", flat=True)))


# --- Elsewhere


def test_home_names_what_waits(client, operator, lakeside, case):
    now = timezone.now()
    for _ in range(4):
        factories.make_port(state="exception", reject_code="pin_invalid", customer=lakeside)
    factories.make_port(state="submitted", sla_due_at=now - timedelta(days=4))
    factories.make_port(is_requested_by_customer=True)
    ProviderWord.objects.create(slug="voicetel", word="Parked", folded="parked")
    titles = [task.title for task in home.tasks(operator)]
    assert sum("was rejected: pin or passcode is wrong" in title for title in titles) == home.NAMED
    for words in (
        "More rejected ports",
        "1 provider word that nobody explained",
        "letter was not sent",
        "1 port that a customer started",
        "1 number that seems to have left",
    ):
        assert any(words in title for title in titles), words
    assert client.get("/").status_code == 200


def test_every_task_leads_to_a_page(client, operator, case):
    factories.make_port(state="submitted", sla_due_at=timezone.now() - timedelta(days=4))
    factories.make_port(state="exception", who_must_act="us")
    factories.make_port(is_requested_by_customer=True)
    for task in home.tasks(operator):
        assert client.get(task.url).status_code == 200, task.title


def test_pictures_tell_pipeline_time_and_rejections(operator):
    now = timezone.now()
    for days in (3, 12):
        factories.make_port(
            state="completed",
            submitted_at=now - timedelta(days=days + 5),
            completed_at=now - timedelta(days=days),
        )
    order = factories.make_port(state="exception", losing_carrier="Example Bell")
    PortEvent.objects.create(order=order, source="provider", after="exception", text="PIN invalid")
    found = {plot.name: plot for plot in home.plots(operator)}
    assert set(found) == {"ports", "port-days", "port-codes", "port-carriers"}
    assert [bar.label for bar in found["port-codes"].bars] == ["PIN or passcode is wrong"]
    assert [bar.label for bar in found["port-carriers"].bars] == ["Example Bell"]


def test_customers_get_a_tile_and_no_desk(alice, lakeside):
    factories.make_port(customer=lakeside, state="customer_input", who_must_act="customer")
    assert [tile.note for tile in home.tiles(alice)] == ["1 needs something from you"]
    assert list(home.tasks(alice)) == []
    assert home.plots(alice) == []


@pytest.mark.parametrize("query", ["AB12C", "312 555 0142", "Port {pk}", "ND{pk:06d}", "Lakeside"])
def test_search_finds_ports(client, lakeside, query):
    order = factories.make_port(HERE, customer=lakeside, state="submitted", provider_ref="AB12C")
    page = client.get("/search/", {"q": query.format(pk=order.pk)}, follow=True)
    assert f"Port {order.pk}" in text(page)


def test_search_hides_ports_of_others(client_for, charlie, lakeside):
    factories.make_port(HERE, customer=lakeside, label="Secret move")
    assert "Secret move" not in text(client_for(charlie).get("/search/", {"q": "312 555 0142"}))


def test_the_numbers_page_tells_its_port(client, client_for, alice, number):
    order = factories.make_port(HERE, customer=number.customer, state="completed")
    page = text(client.get(number.get_absolute_url()))
    assert order.get_absolute_url() in page
    assert "It is leaving…" in page
    own = text(client_for(alice).get(number.get_absolute_url()))
    assert f"Move {order.pon}" in own
    assert "It is leaving…" not in own
