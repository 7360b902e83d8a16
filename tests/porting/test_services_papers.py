"""Documents by their content, the letter signed on screen, notes, mails, reminders, what lapses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from porting import services
from porting.models import PortDocument, PortEvent, PortMail, PortNote, PortOrder, PortSignature
from porting.services import mails, reminding
from porting.services.documents import letter_text
from tests import factories

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n% a letter\n"


def upload(content: bytes = PDF, name: str = "letter.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")  # browsers say anything


@pytest.fixture
def order(lakeside, documents) -> PortOrder:
    """Return a draft of Lakeside, which can be written to."""
    lakeside.email = "desk@lakeside.example.net"
    lakeside.save()
    return factories.make_port("+13125550142", customer=lakeside, loa_signed_on=None)


def test_a_document_is_known_by_its_content_and_kept_under_a_name_of_chance(
    order, alice, documents
):
    document = services.add_document(order, upload(), kind="loa", actor=alice)
    order.refresh_from_db()
    assert (document.content_type, document.name) == ("application/pdf", "letter.pdf")
    assert "letter" not in document.stored_as
    assert (documents / document.stored_as).stat().st_mode & 0o077 == 0
    with services.open_document(document) as kept:
        assert kept.read() == PDF
    assert order.loa_signed_on == timezone.localdate()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"MZ\x90\x00 a program", "no PDF, PNG, JPEG or TIFF"),
        (b"<html>", "no PDF, PNG, JPEG or TIFF"),
        (b"", "empty"),
    ],
)
def test_other_files_are_not_taken_whatever_their_name(order, alice, documents, content, words):
    with pytest.raises(services.NotAccepted, match=words):
        services.add_document(order, upload(content), kind="bill", actor=alice)
    assert not PortDocument.objects.exists()
    assert not documents.exists()


def test_a_file_that_is_too_large_is_not_taken(order, alice, settings):
    settings.PORT_DOCUMENT_MAX_MB = 0
    with pytest.raises(services.NotAccepted, match="more than 0 MB"):
        services.add_document(order, upload(), kind="bill", actor=alice)


def test_the_same_file_twice_is_one_document(order, alice):
    first = services.add_document(order, upload(), kind="bill", actor=alice)
    again = services.add_document(order, upload(name="copy.pdf"), kind="csr", actor=alice)
    assert (first.pk, again.name, again.kind) == (again.pk, "letter.pdf", "csr")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\bills\\Ma\u0308rz <1>.pdf", "Ma_rz _1_.pdf"),
        ("", "document.pdf"),
    ],
)
def test_a_file_name_leads_nowhere(order, alice, name, kept):
    document = services.add_document(
        order,
        type("Upload", (), {"name": name, "size": 9, "chunks": lambda self: [PDF]})(),
        kind="bill",
        actor=alice,
    )
    assert document.name == kept


def test_documents_and_notes_are_seen_by_those_who_see_the_order(order, alice, charlie, operator):
    document = services.add_document(order, upload(), kind="bill", actor=alice)
    services.add_note(order, "Only us", actor=operator, is_internal=True)
    services.add_note(order, "For you", actor=operator)
    own = services.add_note(order, "Thanks", actor=alice, is_internal=True)
    assert not own.is_internal
    assert PortDocument.objects.visible_to(alice).get() == document
    for rows in (PortDocument, PortNote, PortOrder, PortEvent, PortMail):
        assert not rows.objects.visible_to(charlie).exists()
    assert [note.text for note in PortNote.objects.visible_to(alice)] == ["For you", "Thanks"]


def test_the_letter_is_signed_as_it_was_shown_and_stays_so(order, alice):
    text = letter_text(order, "Dana Lake")
    assert "(312) 555-0142" in text
    signature = services.sign_letter(
        order, signer=" Dana  Lake ", text=text, actor=alice, address="192.0.2.7"
    )
    order.refresh_from_db()
    assert (signature.signer, signature.address) == ("Dana Lake", "192.0.2.7")
    assert order.loa_signed_on == timezone.localdate()
    with pytest.raises(DatabaseError), transaction.atomic():
        PortSignature.objects.update(text="something else")


def test_a_letter_of_an_order_that_changed_is_not_signed(order, alice):
    text = letter_text(order, "Dana Lake")
    services.change_order(order, {"name": "Another name"}, actor=alice)
    with pytest.raises(services.NotAccepted, match="has changed since"):
        services.sign_letter(order, signer="Dana Lake", text=text, actor=alice, address=None)
    with pytest.raises(services.NotAccepted, match="full name"):
        services.sign_letter(order, signer="D", text=text, actor=alice, address=None)
    assert not PortSignature.objects.exists()


def test_an_old_letter_is_not_good_enough(order):
    order.loa_signed_on = timezone.localdate() - timedelta(days=31)
    assert any("more than 30 days ago" in words for words in services.missing(order))


def test_the_history_is_never_changed(order, operator):
    services.record_event(order, source="us", text="Called the carrier.", actor=operator)
    with pytest.raises(DatabaseError), transaction.atomic():
        PortEvent.objects.update(text="Did not call.")


def test_mails_go_to_the_contacts_and_are_kept_as_they_were_sent(order, operator):
    services.move(order, "customer_input", actor=operator)
    assert mails.send_queued() == 1
    assert mails.send_queued() == 0
    kept, sent = PortMail.objects.get(), mail.outbox[0]
    assert (sent.subject, sent.body, sent.to) == (
        kept.subject,
        kept.body,
        ["desk@lakeside.example.net"],
    )
    assert order.pon in kept.subject
    assert f"/ports/{order.pk}/" in kept.body
    assert order.account.name not in kept.body
    again = mails.resend(kept, actor=operator, to="boss@lakeside.example.net")
    mails.send_queued()
    assert mail.outbox[1].to == ["boss@lakeside.example.net"]
    assert again.resent_from == kept
    with pytest.raises(ValidationError):
        mails.resend(kept, actor=operator, to="nobody")


@pytest.mark.parametrize("event", sorted(mails.TEMPLATES))
def test_each_mail_can_be_written_and_names_no_provider(order, event, operator):
    order.reject_code, order.foc_date = "account_number_mismatch", timezone.localdate()
    note = PortNote(text="A <b>note</b> & more")
    written = mails.tell(order, event, actor=operator, note=note)
    assert written.subject.endswith(f"({order.pon})")
    assert written.body.startswith("Hello Lakeside Dental,")
    for secret in (order.account.name, "VoiceTel", "&lt;", "{%", "4321", "1234567890"):
        assert secret not in written.body


def test_a_mail_that_fails_is_tried_again_and_then_told(order, operator, monkeypatch):
    def fail(self, **options):
        raise OSError("no connection")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    services.move(order, "customer_input", actor=operator)
    for _ in range(mails.MAX_ATTEMPTS + 1):
        mails.send_queued()
    kept = PortMail.objects.get()
    assert (kept.status, kept.attempts, kept.error) == ("failed", 5, "no connection")


def test_the_customer_is_reminded_on_day_2_5_and_10(order, operator):
    services.move(order, "customer_input", actor=operator)
    since = order.state_since
    reminded = [
        day for day in range(15) if reminding.remind(since + timedelta(days=day, minutes=1))
    ]
    assert reminded == [2, 5, 10]
    assert PortMail.objects.filter(event="reminder").count() == 3


def test_missed_days_make_one_reminder(order, operator):
    services.move(order, "customer_input", actor=operator)
    late = order.state_since + timedelta(days=7)
    assert (reminding.remind(late), reminding.remind(late)) == (1, 0)


def test_nobody_is_reminded_of_what_we_must_do(order, operator):
    services.move(order, "customer_input", actor=operator)
    services.move(order, "draft", actor=operator)
    assert reminding.remind(timezone.now() + timedelta(days=30)) == 0


def test_silence_lets_an_order_lapse(lakeside):
    order = factories.make_port(
        "+13125550142",
        state="exception",
        customer=lakeside,
        state_since=timezone.now() - timedelta(days=15),
    )
    young = factories.make_port("+13125550143", state="exception")
    assert reminding.expire() == 1
    order.refresh_from_db()
    young.refresh_from_db()
    assert (order.state, young.state) == ("expired", "exception")
    assert not order.lines.get().is_open


def test_old_drafts_go_with_their_files(
    order, alice, documents, django_capture_on_commit_callbacks
):
    document = services.add_document(order, upload(), kind="bill", actor=alice)
    kept = factories.make_port("+13125550143")
    PortOrder.objects.filter(pk=order.pk).update(updated_at=timezone.now() - timedelta(days=91))
    with django_capture_on_commit_callbacks(execute=True):
        assert reminding.forget_drafts() == 1
    assert list(PortOrder.objects.all()) == [kept]
    assert not (documents / document.stored_as).exists()


def test_a_number_is_added_and_taken_off_while_it_is_a_draft(order, operator):
    from porting.services import preflights

    line = preflights.add_line(order, "+13125550143", actor=operator)
    assert (order.number_count, line.status) == (2, "pending")
    for wrong, words in (
        ("+18005550143", "separate orders"),
        ("+13125550143", "on the order already"),
    ):
        with pytest.raises(services.IllegalMove, match=words):
            preflights.add_line(order, wrong, actor=operator)
    services.remove_line(line, actor=operator)
    order.refresh_from_db()
    assert order.number_count == 1
    with pytest.raises(services.IllegalMove, match="last number"):
        services.remove_line(order.lines.active().get(), actor=operator)


def test_searching_finds_orders_by_what_people_have_at_hand(order, operator):
    order.provider_ref, order.ticket_ref = "AB12C", "4711"
    order.save()
    for text in (
        "3125550142",
        "0142",
        order.pon,
        f"Port {order.pk}",
        "ab12c",
        "4711",
        "lakeside d",
    ):
        assert list(PortOrder.objects.matching(text)) == [order], text
    assert not PortOrder.objects.matching("zzz").exists()


def test_secrets_of_another_key_are_never_sent_nor_rewritten(order, operator):
    stored = PortOrder.objects.filter(pk=order.pk)
    with connection.cursor() as cursor:
        sealed = "gAAAAABother" + "x" * 80
        cursor.execute("UPDATE porting_portorder SET account_number = %s", [sealed])
    order = stored.get()
    assert order.masked_account_number == "cannot be read"
    with pytest.raises(services.IllegalMove, match="cannot be read with the present SALT_KEY"):
        services.move(order, "ready", actor=operator)
    services.move(order, "cancelled", actor=operator)
    assert stored.get().account_number == sealed


def test_the_price_is_known_where_the_wire_takes_the_order(operator, db):
    manual = factories.make_account("voip_innovations")
    wired = factories.make_account("voicetel")
    order = services.create_order(["+13125550142"], actor=operator, customer=None, account=manual)
    assert (order.price_per_number, order.price_total) == (None, None)
    services.change_order(order, {"account": wired}, actor=operator)
    order.refresh_from_db()
    assert (order.price_per_number, order.price_total) == (6, 6)
