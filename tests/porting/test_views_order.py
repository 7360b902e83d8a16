"""One order: its page, filling it in, moves by hand, corrections, dates, tickets, papers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from portal.models import AuditEntry, Job
from porting.models import PortOrder
from porting.services import mails
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PDF = b"%PDF-1.4 a bill"


def text(response) -> str:
    """Return a page without the line breaks of its template."""
    return " ".join(response.content.decode().split())


def address(name: str, order: PortOrder, *more) -> str:
    """Return an address of an order."""
    return reverse(f"porting:{name}", args=[order.pk, *more])


@pytest.fixture
def client(client_for, operator):
    """Return the operator's client."""
    return client_for(operator)


@pytest.fixture
def draft(lakeside) -> PortOrder:
    """Return a draft with everything in it."""
    account = factories.make_account("voicetel", name="VoiceTel main")
    tns = ("+13125550142", "+13125550143")
    return factories.make_port(
        *tns, customer=lakeside, account=account, price_per_number=6, price_total=12
    )


# --- The page


@pytest.mark.parametrize("state", PortOrder.State.values)
def test_the_page_stands_in_every_state(client, client_for, alice, draft, state):
    PortOrder.objects.filter(pk=draft.pk).update(
        state=state, foc_date=timezone.localdate(), reject_code="address_mismatch"
    )
    assert client.get(draft.get_absolute_url()).status_code == 200
    assert client_for(alice).get(draft.get_absolute_url()).status_code == 200


def test_secrets_are_never_drawn(client, draft):
    for name in ("port-detail", "port-edit", "letter", "port-lines"):
        page = text(client.get(address(name, draft)))
        assert "1234567890" not in page
        assert "4321" not in page
    assert "•••••••890" in text(client.get(draft.get_absolute_url()))


def test_what_is_missing_comes_first(client, draft):
    PortOrder.objects.filter(pk=draft.pk).update(account_number="", loa_signed_on=None)
    page = text(client.get(draft.get_absolute_url()))
    assert "Fill in the account number." in page
    assert "The letter of authority is not signed." in page


def test_numbers_come_a_page_at_a_time(client):
    order = factories.make_port(*[f"+1312555{n:04}" for n in range(60)])
    first = client.get(address("port-lines", order), headers=HTMX)
    assert first.content.count(b"<tr>") == 51
    assert client.get(address("port-lines", order)).status_code == 200


def test_a_number_is_taken_off_and_the_last_stays(client, draft):
    first, last = draft.lines.order_by("tn")
    client.post(address("line-remove", draft, first.pk))
    draft.refresh_from_db()
    assert draft.number_count == 1
    answer = client.post(address("line-remove", draft, last.pk), follow=True)
    assert "is the last number" in text(answer)


# --- Filling it in


def filled(**values) -> dict[str, str]:
    """Return the form's values with some of them changed."""
    plain = {name: v for name, v in factories.BILL.items() if name not in {"account_number", "pin"}}
    given = {"extent": "full", "name_type": "business", "billing_tn": "312 555 0142"}
    return plain | given | values


def test_a_form_keeps_secrets_that_were_left_empty(client, draft):
    answer = client.post(address("port-edit", draft), filled(name="Lakeside Dental", pin="-"))
    draft.refresh_from_db()
    assert answer.status_code == 302
    assert (draft.name, draft.account_number) == ("Lakeside Dental", "1234567890")
    assert not draft.has_pin
    entry = AuditEntry.objects.get(verb="porting.port.edited")
    assert entry.before["pin"] == "set"
    assert "4321" not in str(entry.before)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("zip", "6060", "five digits"),
        ("region", "Illinois", "2 characters"),
        ("region", "1L", "two letters"),
        ("billing_tn", "555 0142", "no area code"),
        ("desired_date", "2020-01-01", "This day is over"),
        ("contact_emails", "a@example.net, nobody", "no e-mail address"),
        ("caller_name", "NAME WITH §", "letters, digits"),
        ("extent", "half", "Select a valid choice"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_saved(client, draft, field, value, words):
    answer = client.post(address("port-edit", draft), filled(name="Changed", **{field: value}))
    draft.refresh_from_db()
    assert answer.status_code == 422
    assert words in text(answer)
    assert draft.name != "Changed"


def test_an_order_under_way_is_not_filled_in(client, draft):
    PortOrder.objects.filter(pk=draft.pk).update(state="submitted")
    assert client.get(address("port-edit", draft)).status_code == 302


def test_single_numbers_get_what_is_theirs(client, draft):
    first = draft.lines.order_by("tn").first()
    client.post(address("port-presets", draft), {f"caller_name-{first.pk}": "LAKESIDE FAX"})
    first.refresh_from_db()
    assert first.caller_name == "LAKESIDE FAX"
    answer = client.post(address("port-presets", draft), {f"caller_name-{first.pk}": "X" * 16})
    assert answer.status_code == 422


# --- Moves by hand


def move(client, order: PortOrder, to: str, **values):
    """Post the page of a move."""
    return client.post(address("port-move", order, to), {"key": f"move-{order.pk}"} | values)


def test_a_move_is_asked_for_then_made(client, draft):
    page = client.get(address("port-move", draft, "ready"))
    assert "stand on no other order" in text(page)
    assert move(client, draft, "ready").status_code == 302
    draft.refresh_from_db()
    assert draft.state == "ready"


def test_a_move_that_a_guard_forbids_says_why(client, draft):
    PortOrder.objects.filter(pk=draft.pk).update(loa_signed_on=None)
    answer = move(client, draft, "ready")
    draft.refresh_from_db()
    assert (answer.status_code, draft.state) == (409, "draft")
    assert "The letter of authority is not signed." in text(answer)


@pytest.mark.parametrize("to", ["completed", "submitted", "draft"])
def test_no_page_makes_a_move_that_is_not_by_hand(client, draft, to):
    assert move(client, draft, to).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_state_that_is_none_is_not_found(client, draft):
    assert client.get(address("port-move", draft, "elsewhere")).status_code == 404


def test_withdrawing_needs_a_reason(client, draft):
    assert move(client, draft, "cancelled").status_code == 422
    assert move(client, draft, "cancelled", reason="Changed their mind").status_code == 302
    draft.refresh_from_db()
    assert draft.state == "cancelled"


def test_asking_to_cancel_writes_one_ticket(client, draft):
    PortOrder.objects.filter(pk=draft.pk).update(state="with_losing_carrier", provider_ref="AB12C")
    move(client, draft, "cancel_requested", reason="Wrong numbers")
    job = Job.objects.get(kind="portal.open_ticket")
    draft.refresh_from_db()
    assert draft.state == "cancel_requested"
    assert "AB12C" in job.params["message"]
    assert "Wrong numbers" in job.params["message"]


def test_too_close_to_the_date_nothing_is_changed(client, draft):
    today = timezone.localdate()
    PortOrder.objects.filter(pk=draft.pk).update(state="foc_set", foc_date=today)
    for name, values in (("port-date", {"desired_date": today + timedelta(days=9)}),):
        answer = client.post(address(name, draft), {"key": "k", **values})
        assert answer.status_code == 409
        assert "nothing can be changed" in text(answer)
    assert move(client, draft, "cancel_requested", reason="No").status_code == 409
    assert not Job.objects.exists()


def test_another_date_goes_to_the_provider(client, draft):
    day = timezone.localdate() + timedelta(days=20)
    PortOrder.objects.filter(pk=draft.pk).update(
        state="foc_set", foc_date=timezone.localdate() + timedelta(days=9)
    )
    client.post(address("port-date", draft), {"key": "date", "desired_date": day})
    draft.refresh_from_db()
    assert (draft.state, draft.desired_date) == ("supplement_sent", day)
    assert str(day.year) in Job.objects.get().params["message"]


# --- Rejections


@pytest.fixture
def rejected(draft) -> PortOrder:
    """Return an order whose account number was refused."""
    PortOrder.objects.filter(pk=draft.pk).update(
        state="exception",
        reject_code="account_number_mismatch",
        reject_words="ACCT MISMATCH",
        who_must_act="customer",
    )
    draft.refresh_from_db()
    return draft


def test_only_the_refused_field_is_asked_for(client, client_for, alice, rejected):
    for who in (client, client_for(alice)):
        page = text(who.get(address("port-correct", rejected)))
        assert 'name="account_number"' in page
        assert 'name="name"' not in page
        assert "1234567890" not in page


def test_staffs_correction_goes_to_the_provider_without_the_secret(client, rejected):
    values = {"key": "fix", "account_number": "777-42", "reason": "From the March bill"}
    client.post(address("port-correct", rejected), values)
    rejected.refresh_from_db()
    message = Job.objects.get().params["message"]
    assert (rejected.state, rejected.account_number) == ("supplement_sent", "777-42")
    assert "From the March bill" in message
    assert "777-42" not in message


def test_a_customers_correction_comes_back_to_us(client_for, alice, rejected):
    client = client_for(alice)
    answer = client.post(
        address("port-correct", rejected), {"key": "fix", "account_number": "777-42"}, follow=True
    )
    rejected.refresh_from_db()
    assert "We check it and send it on." in text(answer)
    assert (rejected.state, rejected.who_must_act) == ("exception", "us")
    assert rejected.account_number == "777-42"
    assert rejected.events.filter(source="customer", text__contains="Account number").exists()
    assert not Job.objects.exists()


def test_a_correction_that_changes_nothing_is_not_sent(client, rejected):
    answer = client.post(address("port-correct", rejected), {"key": "fix", "account_number": ""})
    rejected.refresh_from_db()
    assert (answer.status_code, rejected.state) == (409, "exception")


# --- Tickets


def test_a_ticket_is_written_once(client, draft):
    values = {"key": "once", "subject": "About it", "message": "Where is it?"}
    client.post(address("port-ticket", draft), values)
    client.post(address("port-ticket", draft), values)
    assert Job.objects.filter(kind="portal.open_ticket").count() == 1


def test_a_provider_without_a_help_desk_is_said(client):
    order = factories.make_port(account=factories.make_account("voip_innovations"))
    answer = client.get(address("port-ticket", order))
    assert answer.status_code == 409
    assert "takes no tickets" in text(answer)


@pytest.mark.parametrize(("slug", "is_shown"), [("voicetel", True), ("voip_innovations", False)])
def test_the_way_to_a_help_desk_shows_where_there_is_one(client, slug, is_shown):
    account = factories.make_account(slug, name="Losing nothing")
    order = factories.make_port("+13125550145", account=account)
    page = text(client.get(order.get_absolute_url()))
    assert (address("port-ticket", order) in page) == is_shown


# --- Papers


def upload(client, order, name="bill.pdf", content=PDF, kind="bill", **options):
    """Send a document."""
    values = {"kind": kind, "file": SimpleUploadedFile(name, content)}
    return client.post(address("document-add", order), values, **options)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_document_is_kept_and_comes_back_as_it_was(client, draft, documents, headers):
    answer = upload(client, draft, headers=headers)
    document = draft.documents.get()
    assert answer.status_code == (200 if headers else 302)
    found = client.get(address("document", draft, document.pk))
    assert found.content == PDF
    assert found["Content-Type"] == "application/pdf"
    assert found["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in found["Content-Disposition"]


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bill.pdf", b"#!/bin/sh", "PDF, PNG, JPEG or TIFF"),
        ("bill.pdf", b"", "empty"),
        ("page.html", b"<script>", "PDF, PNG, JPEG or TIFF"),
    ],
)
def test_a_wrong_file_says_what_is_accepted(
    client, draft, documents, name, content, words, headers
):
    answer = upload(client, draft, name=name, content=content, headers=headers)
    assert answer.status_code == 422
    assert words in text(answer)
    assert not draft.documents.exists()


def test_a_stranger_gets_no_document(client, client_for, charlie, draft, documents):
    upload(client, draft)
    url = address("document", draft, draft.documents.get().pk)
    assert client_for(charlie).get(url).status_code == 404
    other = factories.make_port(customer=charlie.customer)
    stolen = address("document", other, draft.documents.get().pk)
    assert client_for(charlie).get(stolen).status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_notes_go_both_ways_and_some_stay_inside(client, client_for, alice, bob, draft, headers):
    client.post(address("note-add", draft), {"text": "Send the bill"}, headers=headers)
    inside = {"text": "He is slow", "is_internal": "on"}
    client.post(address("note-add", draft), inside, headers=headers)
    client_for(alice).post(
        address("note-add", draft), {"text": "Here it is", "is_internal": "on"}, headers=headers
    )
    page = text(client_for(bob).get(draft.get_absolute_url()))
    assert "Send the bill" in page
    assert "Here it is" in page
    assert "He is slow" not in page
    assert "Here it is" in text(client.get(draft.get_absolute_url()))


def test_the_letter_is_signed_with_name_tick_time_and_address(client_for, alice, draft):
    client = client_for(alice)
    url = address("letter-sign", draft)
    mark = client.get(url).context["form"]["mark"].value()
    assert client.post(url, {"signer": "Alice Lake", "mark": mark}).status_code == 422
    answer = client.post(url, {"signer": "Alice  Lake", "agree": "on", "mark": mark})
    signature = draft.signatures.get()
    assert answer.status_code == 302
    assert (signature.signer, signature.user, signature.address) == (
        "Alice Lake",
        alice,
        "127.0.0.1",
    )
    assert signature.text.startswith("I, Alice Lake, may decide")
    page = text(client.get(f"{address('letter', draft)}?signature={signature.pk}"))
    assert "Signed on screen" in page
    assert "Alice Lake" in page


def test_a_letter_that_changed_meanwhile_is_read_again(client, draft):
    url = address("letter-sign", draft)
    mark = client.get(url).context["form"]["mark"].value()
    PortOrder.objects.filter(pk=draft.pk).update(losing_carrier="Another Bell")
    answer = client.post(url, {"signer": "Dana Lake", "agree": "on", "mark": mark})
    assert answer.status_code == 409
    assert "Nothing was signed" in text(answer)
    assert not draft.signatures.exists()


def test_a_letter_that_was_sent_is_noted_once(client, draft):
    PortOrder.objects.filter(pk=draft.pk).update(state="submitted")
    for _ in range(2):
        client.post(address("letter-sent", draft))
    draft.refresh_from_db()
    assert draft.loa_sent_at is not None
    assert draft.events.count() == 1


def test_a_mail_is_read_and_sent_again(client, client_for, viewer, draft):
    mail = mails.tell(draft, "submitted", actor=None)
    url = address("mail", draft, mail.pk)
    assert client.get(url).status_code == 200
    assert client.post(url, {"to": "nobody"}).status_code == 422
    assert client.post(url, {"to": "dana@example.net"}).status_code == 302
    again = draft.mails.exclude(pk=mail.pk).get()
    assert (again.to, again.body, again.resent_from) == ("dana@example.net", mail.body, mail)
    assert client_for(viewer).post(url, {"to": "x@example.net"}).status_code == 403
