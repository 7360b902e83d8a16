"""Starting a port over a real socket: pre-flight, drafts, submitting, asking, finding it there."""

from __future__ import annotations

import itertools

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.models import Job
from porting.models import PortOrder, Preflight
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
_last = itertools.count(5001)


def fresh() -> str:
    """Return a number that no other test ports: the sandbox remembers its ports."""
    return f"+1847555{next(_last):04}"


def text(response) -> str:
    """Return a page without the line breaks of its template."""
    return " ".join(response.content.decode().split())


@pytest.fixture
def client(client_for, operator):
    """Return the operator's client."""
    return client_for(operator)


def check(client, numbers: str, **values):
    """Send the form that starts a pre-flight."""
    data = {"key": "check", "numbers": numbers} | values
    return client.post(reverse("porting:preflight-new"), data)


def page_of(client, preflight: Preflight, **options):
    """Return the page of a pre-flight."""
    return client.get(reverse("porting:preflight-detail", args=[preflight.pk]), **options)


# --- Numbers


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Paste at least one number"),
        ({"numbers": "none here"}, "Paste at least one number"),
        ({"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04")}, "Save the sheet as CSV"),
        ({"file": SimpleUploadedFile("a.csv", b"x" * (2 * 1024 * 1024 + 1))}, "larger than 2 MB"),
    ],
)
def test_what_is_no_list_is_refused_in_words(client, values, words):
    answer = client.post(reverse("porting:preflight-new"), {"key": "k"} | values)
    assert answer.status_code == 422
    assert words in text(answer)
    assert not Preflight.objects.exists()


def test_nobody_to_ask_is_said_and_nothing_is_kept(client):
    answer = check(client, "847 555 0101")
    assert answer.status_code == 422
    assert "No provider that can take numbers in is switched on" in text(answer)
    assert not Preflight.objects.exists()


def test_a_list_shows_groups_and_what_is_set_aside(client, voicetel, run_jobs, lakeside):
    first, second = fresh(), fresh()
    ours = factories.make_tn(account=voicetel, customer=lakeside)
    listed = f"{first}\n{second[2:]}, 12\n{first}; {ours.tn}"
    answer = check(client, listed, customer=lakeside.pk)
    preflight = Preflight.objects.get()
    assert answer["Location"] == reverse("porting:preflight-detail", args=[preflight.pk])
    before = text(page_of(client, preflight))
    assert "3 of 5" in before
    assert "data-poll" in before
    run_jobs(rounds=2)
    after = text(page_of(client, preflight))
    assert "Ready: 1 order" in after
    assert "$12.00" in after
    for words in ("Twice in the list", "No telephone number", "Ours already"):
        assert words in after
    assert "data-poll" not in after.partition("preflight-live")[2]


def test_a_file_is_read_like_pasted_text(client, voicetel, run_jobs):
    file = SimpleUploadedFile("march.csv", f"name,number\nA,{fresh()}\nB,{fresh()}\n".encode())
    client.post(reverse("porting:preflight-new"), {"key": "file", "file": file})
    preflight = Preflight.objects.get()
    assert preflight.file_name == "march.csv"
    assert preflight.lines.exclude(tn="").count() == 2


def test_a_fragment_that_is_shown_already_is_not_sent_again(client, voicetel):
    check(client, fresh())
    preflight = Preflight.objects.get()
    version = page_of(client, preflight).context["version"]
    seen = HTMX | {"Seen-Version": version}
    assert page_of(client, preflight, headers=seen).status_code == 204
    assert page_of(client, preflight, headers=HTMX).status_code == 200


def test_a_provider_that_is_down_is_named(client, voicetel, sandbox, run_jobs):
    sandbox.control("fault", provider="voicetel", operation="*", fault="http_500", times="-1")
    check(client, fresh())
    run_jobs(rounds=1)
    page = text(page_of(client, Preflight.objects.get()))
    assert str(voicetel) in page
    assert "0 of 1 answered" in page


def test_drafts_are_made_once_and_the_list_can_be_gone_back_to(
    client, voicetel, run_jobs, lakeside
):
    check(client, fresh(), customer=lakeside.pk)
    run_jobs(rounds=2)
    preflight = Preflight.objects.get()
    url = reverse("porting:preflight-orders", args=[preflight.pk])
    answer = client.post(url)
    order = PortOrder.objects.get()
    assert answer["Location"] == reverse("porting:port-edit", args=[order.pk])
    assert (order.customer, order.account, order.state) == (lakeside, voicetel, "draft")
    client.post(url)
    assert PortOrder.objects.count() == 1
    assert str(order) in text(page_of(client, preflight))
    assert str(preflight) in text(client.get(reverse("porting:preflight-list")))


def test_a_list_is_thrown_away_and_orders_stay(client, voicetel, run_jobs):
    check(client, fresh())
    run_jobs(rounds=2)
    preflight = Preflight.objects.get()
    client.post(reverse("porting:preflight-orders", args=[preflight.pk]))
    client.post(reverse("porting:preflight-discard", args=[preflight.pk]))
    preflight.refresh_from_db()
    assert preflight.state == "discarded"
    assert PortOrder.objects.count() == 1
    assert "thrown away" in text(page_of(client, preflight))


def test_what_is_set_aside_comes_as_a_file(client, voicetel, run_jobs):
    number = fresh()
    check(client, f"{number}, {number}, 12")
    run_jobs(rounds=2)
    url = reverse("porting:preflight-aside", args=[Preflight.objects.get().pk])
    rows = b"".join(client.get(url).streaming_content).decode().splitlines()
    assert len(rows) == 3
    assert any("Twice in the list" in row for row in rows)


# --- Submitting


def submit(client, order: PortOrder, **values):
    """Send the form that submits an order."""
    data = {"key": f"submit-{order.pk}", "price": "6", "typed": "1"} | values
    return client.post(reverse("porting:port-submit", args=[order.pk]), data)


def test_the_price_is_shown_and_the_count_is_typed(client, ready):
    order = ready(fresh())
    page = text(client.get(reverse("porting:port-submit", args=[order.pk])))
    assert "Submit for $6.00" in page
    assert "never gives it back" in page
    assert submit(client, order, typed="2").status_code == 422
    assert submit(client, order, price="5").status_code == 422
    assert not Job.objects.exists()


def test_submitting_twice_with_one_form_submits_once(client, ready, run_jobs, sandbox):
    tn = fresh()
    order = ready(tn)
    assert submit(client, order)["Location"] == order.get_absolute_url()
    assert submit(client, order).status_code == 302
    run_jobs(rounds=2)
    order.refresh_from_db()
    assert order.state == "submitted"
    rows = sandbox.store.query("SELECT numbers FROM voicetel_port", ())
    assert sum(tn[2:] in row["numbers"] for row in rows) == 1
    page = text(client.get(order.get_absolute_url()))
    assert "The letter’s page" in page
    assert order.provider_ref in page


def test_an_order_that_is_not_ready_says_so(client):
    answer = client.get(reverse("porting:port-submit", args=[factories.make_port().pk]))
    assert answer.status_code == 409
    assert "so it cannot be submitted now" in text(answer)


def test_an_order_that_stays_away_is_followed_while_a_job_is_open(client, ready):
    order = ready(fresh())
    submit(client, order)
    page = text(client.get(order.get_absolute_url()))
    assert f"/ports/{order.pk}/live/" in page
    live = client.get(reverse("porting:port-live", args=[order.pk]), headers=HTMX)
    assert live.content.lstrip().startswith(b'<div id="port-live"')
    assert client.get(reverse("porting:port-live", args=[order.pk])).status_code == 302


def test_asking_the_provider_is_a_job(client, submitted):
    order = submitted(fresh())
    client.post(reverse("porting:port-poll", args=[order.pk]))
    assert Job.objects.filter(kind="porting.poll", status="queued").exists()
    answer = client.post(reverse("porting:port-check", args=[order.pk]), follow=True)
    assert "There is nobody to ask" in text(answer)


# --- Orders entered by hand


def test_an_order_entered_by_hand_is_found_by_its_numbers(
    client, voip_innovations, sandbox, run_jobs
):
    tn = fresh()
    order = factories.make_port(tn, account=voip_innovations, state="ready")
    page = text(client.get(order.get_absolute_url()))
    assert "takes port requests in its back office only" in page
    sandbox.control("port", numbers=tn[2:], carrier="Example Bell")
    url = reverse("porting:port-match", args=[order.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"provider_ref": ""}).status_code == 302
    run_jobs(rounds=2)
    order.refresh_from_db()
    assert order.provider_ref
    assert order.is_at_provider


def test_an_id_that_the_provider_does_not_know_changes_nothing(client, voip_innovations, run_jobs):
    order = factories.make_port(fresh(), account=voip_innovations, state="ready")
    client.post(reverse("porting:port-match", args=[order.pk]), {"provider_ref": "999999"})
    run_jobs(rounds=2)
    order.refresh_from_db()
    assert (order.state, order.provider_ref) == ("ready", "")
