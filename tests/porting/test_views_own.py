"""A customer's side: starting a move, completing it, sending it, in plain words."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from porting import services
from porting.models import PortOrder
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PDF = b"%PDF-1.4 a bill"


def text(response) -> str:
    """Return a page without the line breaks of its template."""
    return " ".join(response.content.decode().split())


@pytest.fixture
def client(client_for, alice):
    """Return the manager's client."""
    return client_for(alice)


def start(client, numbers: str = "312 555 0142, 312-555-0143", headers=None, **values):
    """Send the form that starts a move."""
    plain = factories.BILL | {"name_type": "business", "extent": "full", "key": "own-1"}
    given = plain | {"numbers": numbers, "billing_tn": "312 555 0142"} | values
    return client.post(reverse("porting:own-new"), given, headers=headers)


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_move_starts_as_a_draft_for_staff(client, lakeside, alice, documents, headers):
    bill = SimpleUploadedFile("bill.pdf", PDF)
    answer = start(client, bill=bill, headers=headers)
    order = PortOrder.objects.get()
    to = reverse("porting:letter-sign", args=[order.pk])
    assert (answer["HX-Redirect"] if headers else answer["Location"]) == to
    assert (order.customer, order.state, order.created_by) == (lakeside, "draft", alice)
    assert order.is_requested_by_customer
    assert (order.account_number, order.pin) == ("1234567890", "4321")
    assert set(order.lines.values_list("tn", flat=True)) == {"+13125550142", "+13125550143"}
    assert order.documents.get().kind == "bill"


def test_the_same_form_twice_starts_one_move(client):
    start(client)
    start(client)
    assert PortOrder.objects.count() == 1


def test_toll_free_numbers_move_apart(client):
    answer = start(client, "312 555 0142, 800 555 0177")
    assert set(PortOrder.objects.values_list("kind", flat=True)) == {"local", "toll_free"}
    assert answer["Location"] == reverse("porting:port-board")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"numbers": "12"}, "has 2 digits"),
        ({"numbers": "+44 20 7946 0958"}, "no number of the US or Canada"),
        ({"name": ""}, "This field is required"),
        ({"account_number": ""}, "This field is required"),
        ({"zip": "6060"}, "five digits"),
        ({"bill": SimpleUploadedFile("bill.exe", b"MZ")}, "PDF, PNG, JPEG or TIFF"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(client, documents, values, words):
    answer = start(client, **values)
    assert answer.status_code == 422
    assert words in text(answer)
    assert not PortOrder.objects.exists()


def test_numbers_that_are_here_or_on_their_way_are_left_out(client, lakeside):
    factories.make_tn("+13125550142", customer=lakeside)
    assert "is with us already" in text(start(client))
    factories.make_port("+17735550155", customer=lakeside)
    assert "on its way already" in text(start(client, "773 555 0155"))


def test_nothing_is_told_of_numbers_of_others(client):
    factories.make_tn("+13125550142", customer=factories.make_customer())
    factories.make_port("+13125550143", customer=factories.make_customer())
    assert start(client).status_code == 302


# --- What we need of the customer


@pytest.fixture
def asked(lakeside) -> PortOrder:
    """Return an order that the customer was asked to complete."""
    account = factories.make_account("voicetel", name="VoiceTel main")
    return factories.make_port(
        "+13125550142",
        customer=lakeside,
        account=account,
        state="customer_input",
        who_must_act="customer",
        account_number="",
        loa_signed_on=None,
    )


def test_the_page_says_what_we_need(client, client_for, bob, asked):
    page = text(client.get(asked.get_absolute_url()))
    for words in ("What we need from you", "Fill them in", "Sign it", "Upload the latest bill"):
        assert words in page
    for_bob = text(client_for(bob).get(asked.get_absolute_url()))
    assert "A manager of your company can do this." in for_bob
    assert reverse("porting:own-edit", args=[asked.pk]) not in for_bob


def test_the_customer_fills_in_and_sends_it(client, asked):
    plain = {name: value for name, value in factories.BILL.items() if name != "pin"}
    values = plain | {"name_type": "business", "extent": "full", "billing_tn": "3125550142"}
    url = reverse("porting:own-edit", args=[asked.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, values | {"key": "k", "city": ""}).status_code == 422
    assert client.post(url, values | {"key": "k"}).status_code == 302
    client.post(reverse("porting:own-send", args=[asked.pk]))
    asked.refresh_from_db()
    assert (asked.account_number, asked.state) == ("1234567890", "draft")
    assert asked.events.filter(source="customer").exists()


def test_a_move_under_way_stays_as_it_is(client, lakeside):
    order = factories.make_port(customer=lakeside, state="submitted")
    assert client.get(reverse("porting:own-edit", args=[order.pk])).status_code == 302
    client.post(reverse("porting:own-send", args=[order.pk]))
    order.refresh_from_db()
    assert order.state == "submitted"


def test_a_rejection_that_only_we_can_mend_asks_nothing(client, lakeside):
    order = factories.make_port(
        customer=lakeside, state="exception", reject_code="must_be_split", who_must_act="us"
    )
    page = text(client.get(order.get_absolute_url()))
    assert "What we need from you" not in page
    assert "Something does not match" in page


def test_a_field_of_a_rejection_is_no_way_to_change_another(client, lakeside):
    order = factories.make_port(
        customer=lakeside, state="exception", reject_code="pin_invalid", who_must_act="customer"
    )
    url = reverse("porting:port-correct", args=[order.pk])
    client.post(url, {"key": "k", "pin": "9999", "name": "Somebody else"})
    order.refresh_from_db()
    assert (order.pin, order.name) == ("9999", factories.BILL["name"])
    with pytest.raises(services.IllegalMove):
        services.change_order(order, {"name": "Somebody else"}, actor=None)


def test_the_history_of_a_customer_has_no_words_of_providers(client, lakeside, operator):
    order = factories.make_port(customer=lakeside, state="submitted")
    reason = "Held by VoiceTel desk 4"
    services.move(
        order, "with_losing_carrier", actor=None, is_told=True, reason=reason, word="Sent to LC"
    )
    services.record_event(order, source="provider", text="desk 4 says wait", word="Parked")
    services.move(order, "failed", actor=operator, reason="He never pays")
    page = text(client.get(order.get_absolute_url()))
    assert "In check at your present carrier" in page
    assert "Did not work" in page
    for hidden in ("VoiceTel", "desk 4", "Sent to LC", "never pays", "Parked"):
        assert hidden not in page, hidden


def test_a_correction_leaves_nothing_empty_that_a_carrier_needs(client, lakeside):
    order = factories.make_port(
        customer=lakeside, state="exception", reject_code="name_mismatch", who_must_act="customer"
    )
    url = reverse("porting:port-correct", args=[order.pk])
    values = {"key": "k", "name": "", "name_type": "business"}
    assert client.post(url, values).status_code == 422
    order.refresh_from_db()
    assert order.name == factories.BILL["name"]
