"""A file in a browser: good and bad lines, the difference, the run, the corrected rest, no change at last."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from inventory.models import CarrierNumber, TelephoneNumber
from inventory.operations.sync import sync_account
from portal import jobs
from portal.models import Job, ProviderAccount, Upload
from tests.browser.looks import faults
from tests.ledger.world import eventually

HEAD = ["number", "label", "forward_to"]


@pytest.fixture
def tns(accounts: dict[str, ProviderAccount]) -> list[str]:
    """Return numbers that the sandbox holds for us."""
    account = accounts["voip_innovations"]
    job = sync_account(account, actor=None)
    jobs.execute(job.pk)  # or a worker that is quicker
    eventually(lambda: Job.objects.get(pk=job.pk).status == "succeeded", what="the list is here")
    numbers = TelephoneNumber.objects.filter(account=account).order_by("tn")
    return list(numbers.values_list("tn", flat=True)[:3])


def test_a_file_with_good_and_bad_lines(open_desk, tns, worker, operator_email, tmp_path: Path):
    file = tmp_path / "numbers.csv"
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows(
            [
                HEAD,
                [tns[0], "Front desk", ""],
                [tns[1], "", "312 555 0177"],
                ["3.12556E+09", "Fax", ""],
            ]
        )
    desk = open_desk(accept_downloads=True)
    page = desk.page
    desk.sign_in(operator_email)
    assert not faults(desk, "/uploads/new/")
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_text("2 lines will change something.").wait_for()
    page.get_by_text("was changed by a spreadsheet. Format the column as text").wait_for()
    page.get_by_role("link", name="Only errors").click()
    page.get_by_text("Front desk").wait_for(state="detached")
    upload = Upload.objects.get()
    assert not faults(desk, f"/uploads/{upload.pk}/")
    page.get_by_role("button", name="Run 2 lines").click()
    page.get_by_text("2 lines done, 1 not.").wait_for()
    assert TelephoneNumber.objects.get(tn=tns[0]).label == "Front desk"
    assert CarrierNumber.objects.get(tn=tns[1]).values["forward_to"] == "+13125550177"

    with page.expect_download() as download:
        page.get_by_role("link", name="1 line to correct").click()
    failed = Path(download.value.path()).read_text("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(failed)))) == 1
    file.write_text(failed.replace("3.12556E+09", tns[2], 1))
    for words in ("1 line will change something.", "Nothing would change."):
        desk.go("/uploads/new/")
        page.get_by_label("CSV file").set_input_files(file)
        page.get_by_role("button", name="Upload and check").click()
        page.get_by_text(words).wait_for()
        if page.get_by_role("button", name="Run 1 line").is_visible():
            page.get_by_role("button", name="Run 1 line").click()
            page.get_by_text("Every line went through.").wait_for()
    assert TelephoneNumber.objects.get(tn=tns[2]).label == "Fax"
    assert Upload.objects.count() == 3


def test_columns_are_named_and_a_run_is_taken_back(open_desk, tns, worker, operator_email):
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    desk.go("/uploads/new/")
    page.get_by_label("Or paste the lines").fill(f"Telefon,lable\n{tns[0]},Night line\n")
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_text("Did you mean “label”?").wait_for()
    assert not faults(desk, f"/uploads/{Upload.objects.get().pk}/columns/")
    page.get_by_label("Column “Telefon” is").select_option("number")
    page.get_by_role("button", name="Use these columns and check").click()
    page.get_by_role("button", name="Run 1 line").click()
    page.get_by_text("Every line went through.").wait_for()
    page.get_by_role("button", name="Take it back…").click()
    page.get_by_text("back.", exact=False).first.wait_for()
    page.get_by_role("button", name="Run 1 line").click()
    page.get_by_text("Every line went through.").wait_for()
    assert TelephoneNumber.objects.get(tn=tns[0]).label == ""


def test_a_file_may_be_dropped_anywhere_on_the_page(open_desk, operator_email):
    desk = open_desk()
    desk.sign_in(operator_email)
    desk.go("/uploads/new/?kind=numbers")
    desk.page.evaluate(
        """() => {
          const told = new DataTransfer();
          told.items.add(new File(["number,label\\n3125550142,New\\n"], "dropped.csv"));
          document.querySelector("h1").dispatchEvent(new DragEvent(
            "drop", { bubbles: true, cancelable: true, dataTransfer: told }));
        }"""
    )
    desk.page.get_by_role("button", name="Upload and check").click()
    desk.page.get_by_role("heading", name="dropped.csv").wait_for()
