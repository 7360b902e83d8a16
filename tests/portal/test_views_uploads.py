"""The pages of uploads: a new one, its columns, the preview, the run, the results."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from inventory.models import TelephoneNumber
from portal.bulk import running
from portal.models import AuditEntry, ColumnMapping, Upload
from portal.tasks import run_job
from tests import factories
from tests.inventory.files import upload
from tests.portal.pages import HTMX, sql_count, text_of

ONE, TWO = "+13125550101", "+13125550102"
NEW = "/uploads/new/?kind=numbers"


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def staff(client_for, operator):
    return client_for(operator)


@pytest.fixture
def numbers(db):
    return [factories.make_tn(tn, label="Old") for tn in (ONE, TWO)]


def file_of(text: str | bytes, name: str = "numbers.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def test_without_any_the_list_says_what_uploads_are_for(staff):
    assert "No uploads yet" in text_of(staff.get("/uploads/"))


def test_the_form_has_a_guide_of_all_columns_and_a_template(staff, numbers):
    page = text_of(staff.get(NEW))
    for name in ("deletion_lock", "port_out_pin", "sms_target"):
        assert f"<code>{name}</code>" in page
    head, line, *_ = text_of(staff.get("/uploads/template/numbers.csv")).splitlines()
    assert head.startswith("number,operation,provider")
    assert line.startswith("+13125550142")


def test_a_file_is_uploaded_checked_and_shown_cell_by_cell(staff, numbers):
    text = f"number;label\n{ONE};Front desk\n3.12556E+09;x\n"
    response = staff.post(NEW, {"file": file_of("\ufeff" + text), "text": ""})
    page = text_of(staff.get(response["Location"]))
    for words in (
        "<strong>1 line will change something.</strong>",
        "<del>Old</del>",
        "<ins>Front desk</ins>",
        "was changed by a spreadsheet. Format the column as text",
        "Run 1 line",
    ):
        assert words in page, words
    assert Upload.objects.get().delimiter == ";"


def test_pasted_lines_are_as_good_as_a_file(staff, numbers):
    staff.post(NEW, {"text": f"number\tlabel\n{ONE}\tNew\n"})
    assert Upload.objects.get().counts == {"ready": 1}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"text": ""}, "Choose a file, or paste the lines."),
        ({"text": "number\n1", "file": file_of("number\n1")}, "not both"),
        ({"file": file_of(b"PK\x03\x04", "numbers.xlsx")}, "This is a spreadsheet."),
        ({"file": file_of("n\u00fcmber".encode("latin-1"))}, "is not UTF-8 text"),
        ({"file": file_of("number\n1".encode("utf-16-le"))}, "Save it as “CSV UTF-8”"),
        ({"file": file_of("")}, "The file is empty."),
        ({"file": file_of('number,label\n"1,2\n')}, "the file is no table"),
        ({"text": "number\n" + "1\n" * 10_001}, "Upload them as a file."),
    ],
)
def test_what_is_no_table_is_refused_and_not_kept(staff, numbers, values, words):
    response = staff.post(NEW, values)
    assert response.status_code in (200, 302, 422)
    if response.status_code == 302:  # it is read further down than the first lines
        assert words in text_of(staff.get(response["Location"]))
        return
    assert response.status_code == 422
    assert words in text_of(response)
    assert not Upload.objects.exists()


def test_a_file_that_is_too_large_is_refused(staff, numbers, settings):
    settings.UPLOAD_MAX_BYTES = 20
    response = staff.post(NEW, {"text": f"number,label\n{ONE},New label\n"})
    assert (response.status_code, Upload.objects.count()) == (422, 0)
    assert "larger than" in text_of(response)


def test_a_file_with_too_many_lines_says_so(staff, numbers, settings):
    settings.UPLOAD_MAX_ROWS = 1
    response = staff.post(NEW, {"text": f"number,label\n{ONE},a\n{TWO},b\n"}, follow=True)
    assert "more than 1 lines" in text_of(response)
    assert Upload.objects.get().state == "invalid"


def test_unknown_columns_are_named_with_the_nearest_known_one(staff, numbers):
    text = f"Telefon,lable,state\n{ONE},New,stock\n"
    response = staff.post(NEW, {"text": text}, follow=True)
    page = text_of(response)
    assert "there is no column “lable”. Did you mean “label”?" in page
    assert "The column “number” is missing." in page
    one = Upload.objects.get()
    columns = f"/uploads/{one.pk}/columns/"
    wrong = staff.post(columns, {"column_0": "label", "column_1": "label"})
    assert wrong.status_code == 422
    assert "is there 2 times" in text_of(wrong)
    staff.post(columns, {"column_0": "number", "column_1": "label", "column_2": ""})
    one.refresh_from_db()
    assert (one.state, one.mapping) == ("ready", ["number", "label", ""])
    again = staff.post(NEW, {"text": text.replace("New", "Newer")}, follow=True)
    assert "Ready to run" in text_of(again)
    assert ColumnMapping.objects.count() == 1


def test_a_file_without_a_header_asks_what_its_columns_are(staff, numbers):
    response = staff.post(NEW, {"text": f"{ONE},New\n{TWO},Newer\n"}, follow=True)
    page = text_of(response)
    assert "The file has no header line" in page
    assert f"{ONE} · {TWO}" in page.replace("\n", "")
    one = Upload.objects.get()
    staff.post(f"/uploads/{one.pk}/columns/", {"column_0": "number", "column_1": "label"})
    one.refresh_from_db()
    assert one.counts == {"ready": 2}


def test_it_runs_and_tells_what_became_of_each_line(staff, numbers, run_jobs):
    staff.post(NEW, {"text": f"number,label\n{ONE},New\n{TWO},\n+13125550199,x\n"})
    one = Upload.objects.get()
    response = staff.post(f"/uploads/{one.pk}/run/")
    assert response["Location"] == f"/uploads/{one.pk}/"
    status = staff.get(f"/uploads/{one.pk}/status/", headers=HTMX)
    assert "data-poll" in text_of(status)
    assert "HX-Trigger" not in status
    run_jobs()
    settled = staff.get(f"/uploads/{one.pk}/status/", headers=HTMX)
    assert "1 line done, 1 not." in text_of(settled)
    assert "upload-changed" in settled["HX-Trigger"]
    failed = text_of(staff.get(f"/uploads/{one.pk}/rows.csv?failed=1"))
    assert failed.splitlines()[1].startswith("+13125550199,x,invalid,not_found,")
    assert len(failed.splitlines()) == 2
    job = text_of(staff.get(f"/jobs/{one.run_job_id or Upload.objects.get().run_job_id}/"))
    assert f'href="/uploads/{one.pk}/"' in job
    verbs = AuditEntry.objects.filter(verb__startswith="portal.upload.").order_by("id")
    assert [entry.verb.split(".")[-1] for entry in verbs] == [
        *("received", "checked", "confirmed", "done_with_errors"),
    ]


def test_the_corrected_lines_come_back_and_the_second_run_changes_nothing(staff, numbers, run_jobs):
    staff.post(NEW, {"text": f"number,label\n{ONE},New\n3.12556E+09,Newer\n"})
    first = Upload.objects.get()
    staff.post(f"/uploads/{first.pk}/run/")
    run_jobs()
    failed = text_of(staff.get(f"/uploads/{first.pk}/rows.csv?failed=1"))
    corrected = failed.replace("3.12556E+09", TWO, 1)
    staff.post(NEW, {"file": file_of(corrected)})
    second = Upload.objects.first()
    assert second.counts == {"ready": 1}
    staff.post(f"/uploads/{second.pk}/run/")
    run_jobs()
    assert TelephoneNumber.objects.get(tn=TWO).label == "Newer"
    response = staff.post(NEW, {"file": file_of(corrected)}, follow=True)
    assert "Nothing would change." in text_of(response)


def test_lines_are_narrowed_searched_and_paged(staff, operator):
    for line in range(60):
        factories.make_tn(f"+1312555{line:04}")
    lines = "".join(f"+1312555{line:04},Desk {line}\n" for line in range(60))
    one = upload(operator, f"number,label\n{lines}+13125559999,x\n")
    address = f"/uploads/{one.pk}/"
    page = text_of(staff.get(address))
    assert "61 lines" in page
    assert "Desk 59" not in page
    assert "Desk 59" in text_of(staff.get(f"{address}?last=1"))
    errors = text_of(staff.get(f"{address}?show=errors", headers=HTMX))
    assert errors.lstrip().startswith('<div id="upload-rows"')
    assert "9999" in errors
    assert "Desk 1" not in errors
    found = text_of(staff.get(f"{address}?q=555-0042"))
    assert "Desk 42" in found
    assert "Desk 41" not in found
    assert sql_count(staff, address) <= 15


def test_it_runs_later_or_waits_again(staff, numbers, operator):
    one = upload(operator, f"number,label\n{ONE},New\n")
    past = staff.post(f"/uploads/{one.pk}/run/", {"run_at": "2020-01-01T10:00"})
    assert past.status_code == 422
    assert "This time is over." in text_of(past)
    staff.post(f"/uploads/{one.pk}/run/", {"run_at": "2099-01-01T10:00", "overwrite": "on"})
    one.refresh_from_db()
    assert (one.state, one.options["overwrite"]) == ("scheduled", True)
    assert "It runs by itself" in text_of(staff.get(f"/uploads/{one.pk}/"))
    staff.post(f"/uploads/{one.pk}/wait/")
    one.refresh_from_db()
    assert (one.state, one.run_at) == ("ready", None)


def test_what_is_late_is_told_on_the_page(staff, numbers, operator):
    one = upload(operator, f"number,label\n{ONE},New\n")
    staff.post(f"/uploads/{one.pk}/cancel/")
    response = staff.post(f"/uploads/{one.pk}/run/", follow=True)
    assert "by now. Nothing was changed." in text_of(response)


def test_it_is_taken_back_after_a_look(staff, numbers, operator, run_jobs):
    one = upload(operator, f"number,label\n{ONE},New\n")
    running.confirm(one, actor=operator)
    run_jobs()
    page = text_of(staff.post(f"/uploads/{one.pk}/undo/", follow=True))
    assert f"This takes upload {one.pk} back." in page
    assert TelephoneNumber.objects.get(tn=ONE).label == "New"
    refused = text_of(staff.post(f"/uploads/{one.undos.get().pk}/undo/", follow=True))
    assert "Nothing of it was done" in refused


def test_a_viewer_and_a_customer_see_none(client_for, viewer, alice, numbers, operator):
    one = upload(operator, f"number,label\n{ONE},New\n")
    for user in (viewer, alice):
        for address in ("/uploads/", f"/uploads/{one.pk}/", f"/uploads/{one.pk}/rows.csv"):
            assert client_for(user).get(address).status_code == 403


def test_home_tells_of_what_waits_for_a_decision(staff, numbers, operator):
    upload(operator, f"number,label\n{ONE},New\n")
    assert "Confirm “numbers.csv”" in text_of(staff.get("/"))
