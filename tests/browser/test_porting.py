"""Ports in a browser: started, submitted, followed, corrected; a customer's own; axe and telephones."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from porting.models import PortOrder, PortOut, Preflight, ProviderWord
from porting.services import add_note, mails
from tests.browser.looks import faults
from tests.factories import BILL, make_customer, make_port, make_tn, make_user
from tests.ledger.world import eventually

PDF = b"%PDF-1.4 a bill"
ADDRESS = ("street_number", "street", "street_type", "city", "region", "zip")


@pytest.fixture(autouse=True)
def documents(settings, tmp_path) -> Path:
    """Keep documents of a test in a folder of its own."""
    settings.PORT_DOCUMENT_DIR = tmp_path / "documents"
    return tmp_path / "documents"


@pytest.fixture
def lakeside(transactional_db):
    """Return a customer."""
    return make_customer("Lakeside Dental", email="dana@lakeside.example.net")


def upload(page: Any, content: bytes, name: str = "bill.pdf") -> None:
    """Choose a file in the papers of an order and send it."""
    file = {"name": name, "mimeType": "application/pdf", "buffer": content}
    page.locator("#port-documents input[type=file]").set_input_files(file)
    page.locator("#port-documents").get_by_role("button", name="Upload").click()


def sign(page: Any, name: str) -> None:
    """Sign the letter that stands on the page."""
    page.get_by_label("Your full name").fill(name)
    page.get_by_label("I have read the letter").check()
    page.get_by_role("button", name="Sign the letter").click()


def test_a_port_goes_from_pasted_numbers_to_the_provider(
    open_desk, accounts, worker, operator_email
):
    """O15: paste, pre-flight, form, bill and letter, price, submit, tracking."""

    desk = open_desk()
    desk.sign_in(operator_email)
    page = desk.page
    desk.go("/ports/")
    page.get_by_role("link", name="Start a port").first.click()
    page.locator("#id_numbers").fill("(847) 555-0161\n847-555-0162\n12\n847 555 0161")
    page.get_by_role("button", name="Check them").click()
    page.wait_for_url("**/ports/checks/*/")
    ready = page.get_by_role("heading", name="Ready: 1 order")
    ready.wait_for()
    assert "Twice in the list" in page.inner_text("#preflight-live")
    page.locator("#preflight-live button", has_text="Fill in…").click()
    page.wait_for_url("**/ports/*/edit/")
    for name in ("account_number", "name", "authorized_person", *ADDRESS):
        page.locator(f"#id_{name}").fill(BILL[name])
    page.locator("#id_desired_date").fill(f"{timezone.localdate() + timedelta(days=14)}")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/ports/\d+/$"))
    upload(page, PDF)
    page.locator("#port-documents", has_text="bill.pdf").wait_for()
    page.get_by_role("link", name="Letter of authority").click()
    page.get_by_role("link", name="Sign on screen").click()
    sign(page, "Dana Lake")
    page.get_by_role("link", name="It is ready…").click()
    page.get_by_role("button", name="It is ready").click()
    page.get_by_role("link", name="Submit…").click()
    assert "$12.00" in page.inner_text("#main")
    page.get_by_label("Type 2 to confirm").fill("2")
    page.get_by_role("button", name="Submit for $12.00").click()
    page.get_by_role("link", name="The letter’s page").wait_for()
    order = PortOrder.objects.get()
    assert order.state == "submitted"
    assert order.provider_ref in page.inner_text("#main") or page.reload()
    page.get_by_role("button", name="The letter was sent").click()
    page.get_by_text("Noted: the letter was sent").wait_for()


def test_a_rejected_port_is_found_on_the_board_and_corrected(open_desk, accounts, operator_email):
    """O6: the board says who must act; the order's page asks for just the refused field."""

    order = make_port(
        "+13125550142",
        account=accounts["voicetel"],
        state="exception",
        reject_code="account_number_mismatch",
        reject_words="ACCT MISMATCH",
        label="Main office",
    )
    desk = open_desk()
    desk.sign_in(operator_email)
    page = desk.page
    desk.go("/ports/")
    page.locator("#lane-us").get_by_role("link", name="Main office").click()
    assert "ACCT MISMATCH" in page.inner_text("#port-live")
    page.get_by_role("link", name="Correct it…").click()
    assert page.locator("main input:visible").count() == 2
    page.get_by_label("Account number").fill("777-42")
    page.get_by_role("button", name="Send the correction").click()
    page.get_by_text("is “Correction sent” now").wait_for()
    order.refresh_from_db()
    assert (order.state, order.account_number) == ("supplement_sent", "777-42")
    page.locator("#port-notes textarea").fill("Took it from the March bill")
    page.locator("#port-notes button").click()
    page.locator(".nd-notes", has_text="March bill").wait_for()
    desk.go("/ports/list/")
    page.get_by_placeholder("Number, port, name").fill("5550142")
    page.wait_for_url("**/ports/list/?q=5550142*")
    page.locator(f"#port-row-{order.pk}").wait_for()


def test_a_customer_follows_and_corrects_his_port(open_desk, accounts, lakeside):
    """C4: steps, what we need from you, the bill, just the refused field."""
    alice = make_user("manager", name="Alice", customer=lakeside)
    order = make_port(
        "+13125550142",
        account=accounts["voicetel"],
        customer=lakeside,
        state="exception",
        who_must_act="customer",
        reject_code="pin_invalid",
        reject_words="BAD PIN AT DESK 4",
    )
    desk = open_desk()
    desk.sign_in(alice.email)
    page = desk.page
    desk.go("/ports/")
    page.get_by_role("link", name="See what").click()
    shown = page.inner_text("#main")
    for words in ("What we need from you", "In check", "The PIN was refused"):
        assert words in shown
    for hidden in ("VoiceTel", "DESK 4"):
        assert hidden not in shown
    upload(page, b"#!/bin/sh")
    page.locator("#port-documents .nd-error", has_text="PDF, PNG, JPEG or TIFF").wait_for()
    desk.complaints.clear()  # the browser notes the 422 that was asked for
    upload(page, PDF)
    page.locator("#port-documents", has_text="bill.pdf").wait_for()
    page.get_by_role("link", name="Correct it").click()
    page.get_by_label("PIN or passcode").fill("9876")
    page.get_by_role("button", name="Send the correction").click()
    page.get_by_text("We check it and send it on.").wait_for()
    order.refresh_from_db()
    assert (order.pin, order.who_must_act) == ("9876", "us")
    assert "What we need from you" not in page.inner_text("#main")


def test_a_customer_starts_a_port_and_signs_the_letter(open_desk, lakeside):
    """C5: numbers, the bill's facts, the letter signed on screen: a draft for staff."""
    alice = make_user("manager", name="Alice", customer=lakeside)
    desk = open_desk()
    desk.sign_in(alice.email)
    page = desk.page
    desk.go("/ports/")
    page.get_by_role("link", name="Move numbers to us").first.click()
    page.locator("#id_numbers").fill("(312) 555-0142\n312 555 0143")
    for name in ("losing_carrier", "account_number", "name", "authorized_person", *ADDRESS):
        page.locator(f"#id_{name}").fill(BILL[name])
    page.locator("#id_billing_tn").fill("312 555 0142")
    file = {"name": "bill.pdf", "mimeType": "application/pdf", "buffer": PDF}
    page.locator("#id_bill").set_input_files(file)
    page.get_by_role("button", name="Go on to the letter").click()
    page.get_by_role("heading", name="Sign the letter").wait_for()
    assert "(312) 555-0143" in page.inner_text(".nd-letter")
    sign(page, "Dana Lake")
    page.get_by_text("The letter is signed").wait_for()
    order = PortOrder.objects.get()
    assert (order.state, order.is_requested_by_customer) == ("draft", True)
    assert order.signatures.get().signer == "Dana Lake"
    assert order.documents.get().kind == "bill"


# --- Every page: axe in both themes, no sideways scrolling on a telephone


@pytest.fixture
def paths(accounts, lakeside) -> dict[str, list[str]]:
    """Fill the desk with one of everything; return the addresses of its pages by who looks."""
    staff = make_user("administrator", name="Ada Admin", email="ada@example.net")
    make_user("manager", name="Alice", email="alice@example.net", customer=lakeside)
    account = accounts["voicetel"]
    for number, state in enumerate(PortOrder.State.values):
        foc = timezone.localdate() + timedelta(days=3)
        make_port(f"+131255502{number:02}", state=state, customer=lakeside, foc_date=foc)
    rejected = make_port(
        "+13125550142",
        account=account,
        customer=lakeside,
        state="exception",
        who_must_act="customer",
        reject_code="address_mismatch",
        reject_words="Wrong street",
        provider_word="Parked",
        is_word_known=False,
        sla_due_at=timezone.now() - timedelta(days=3),
    )
    add_note(rejected, "Which street is it?", actor=staff)
    mail = mails.tell(rejected, "exception", actor=None)
    draft = make_port("+13125550143", account=account, customer=lakeside, price_total=6)
    ready = make_port("+13125550144", state="ready", price_per_number=6, price_total=6)
    word = ProviderWord.objects.create(slug="voicetel", word="Parked", folded="parked")
    preflight = Preflight.objects.create(actor=staff, key="k", state="checked")
    preflight.lines.create(
        position=1, text="3125550150", tn="+13125550150", verdict="portable", account=account
    )
    preflight.lines.create(position=2, text="12", verdict="set_aside", problem="invalid")
    number = make_tn("+13125550160", account=account, customer=lakeside)
    out = PortOut.objects.create(
        tn=number.tn, number=number, detected_by="list", state="completed", evidence=[]
    )
    assert mail is not None
    one = f"/ports/{rejected.pk}/"
    return {
        "ada@example.net": [
            *("/", "/ports/", "/ports/list/", "/ports/list/?q=nothing", "/ports/new/"),
            *("/ports/checks/", f"/ports/checks/{preflight.pk}/", "/ports/words/"),
            *(f"/ports/words/{word.pk}/", "/ports/rejections/", "/ports/rules/", one),
            *(f"{one}correct/", f"{one}ticket/", f"{one}letter/", f"{one}letter/sign/"),
            *(f"{one}mails/{mail.pk}/", f"{one}numbers/", f"{one}presets/", f"{one}move/failed/"),
            *(f"/ports/{draft.pk}/edit/", f"/ports/{ready.pk}/submit/", "/ports/out/"),
            *(f"/ports/out/{out.pk}/", "/ports/out/new/", "/ports/out/pins/"),
            *(f"/ports/out/{out.pk}/move/completed/", f"/numbers/{number.tn}/"),
        ],
        "alice@example.net": [
            *("/ports/", one, "/ports/own/", f"/ports/{draft.pk}/own/", f"{one}letter/sign/"),
        ],
    }


def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_desk, paths):
    found = []
    for email, addresses in paths.items():
        desk = open_desk()
        desk.sign_in(email)
        found += faults(desk, *addresses)
    assert found == []


def test_a_port_starts_without_javascript(open_desk, accounts, worker, operator_email):

    desk = open_desk(java_script_enabled=False)
    desk.sign_in(operator_email)
    page = desk.page
    desk.go("/ports/new/")
    page.locator("#id_numbers").fill("847 555 0171")
    page.get_by_role("button", name="Check them").click()
    page.wait_for_url("**/ports/checks/*/")
    preflight = Preflight.objects.get()
    eventually(
        lambda: Preflight.objects.filter(pk=preflight.pk, state="checked").exists(),
        what="the list is checked",
    )
    page.reload()
    page.get_by_role("button", name="Fill in…").click()
    page.wait_for_url("**/ports/*/edit/")
    order = PortOrder.objects.get()
    desk.go(order.get_absolute_url())
    page.get_by_role("link", name="Show the numbers").click()
    page.get_by_role("rowheader", name="(847) 555-0171").wait_for()
