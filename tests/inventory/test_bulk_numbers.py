"""Files of numbers: what is ours, checked, written and taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from inventory.models import TelephoneNumber
from portal import jobs
from portal.bulk import checking, kinds, running, undo, upkeep
from portal.bulk import states as states_module
from portal.models import AuditEntry
from portal.tasks import run_job
from tests import factories
from tests.inventory.files import errors, result, run, states, text_of, upload  # noqa: F401

ONE, TWO, THREE = "+13125550101", "+13125550102", "+13125550103"


@pytest.fixture
def numbers(db, lakeside):
    account = factories.make_account(name="Voice one")
    return [
        factories.make_tn(ONE, account=account, label="Old", tags=["b", "a"], monthly_cost="0.50"),
        factories.make_tn(TWO, account=account, customer=lakeside, note="two\nlines"),
        factories.make_tn(THREE, account=account, state="released"),
    ]


def test_good_lines_go_on_and_every_bad_one_is_told(numbers, operator, run):  # noqa: F811
    text = text_of(
        ["Number", "Label", "Monthly cost", "deletion lock"],
        ["(312) 555-0101", "Front desk", "1.25", "yes"],
        ["3125550102", "", "", ""],
        ["3125550103", "x", "", ""],
        ["3.12556E+09", "y", "abc", ""],
        ["3125550199", "z", "", ""],
    )
    one = upload(operator, text)
    assert one.state == "ready", one.problems
    assert states(one) == {2: "ready", 3: "no_change", 4: "invalid", 5: "invalid", 6: "invalid"}
    assert errors(one) == {
        4: ["number:not_allowed"],
        5: ["number:bad_value", "monthly_cost:bad_value"],
        6: ["number:not_found"],
    }
    run(one)
    assert one.state == "done_with_errors"
    numbers[0].refresh_from_db()
    assert (numbers[0].label, str(numbers[0].monthly_cost)) == ("Front desk", "1.2500")
    assert numbers[0].deletion_lock is True
    entry = AuditEntry.objects.get(verb="inventory.tn.edited")
    assert entry.before == {"label": "Old", "monthly_cost": "0.5000", "deletion_lock": False}
    assert (entry.object_text, entry.object_id) == (str(numbers[0]), numbers[0].pk)
    again = upload(operator, text)
    assert states(again)[2] == "no_change"
    assert result(one, only_failed=True)[1]["error_code"] == "bad_value"


def test_nothing_is_changed_by_a_check(numbers, operator):
    upload(operator, text_of(["number", "label", "tags"], [ONE, "New", "x"]))
    numbers[0].refresh_from_db()
    assert (numbers[0].label, numbers[0].tags) == ("Old", ["b", "a"])
    assert not AuditEntry.objects.filter(verb="inventory.tn.edited").exists()


def test_an_empty_cell_keeps_and_a_dash_clears(numbers, operator, run):  # noqa: F811
    head = ["number", "label", "tags", "monthly_cost", "note"]
    one = upload(operator, text_of(head, [ONE, "", "-", "CLEAR", ""], [TWO, "", "", "", "-"]))
    assert states(one) == {2: "ready", 3: "ready"}
    run(one)
    assert one.state == "done"
    first, second, _ = TelephoneNumber.objects.order_by("tn")
    assert (first.label, first.tags, first.monthly_cost) == ("Old", [], None)
    assert second.note == ""


def test_what_cannot_be_cleared_is_refused(numbers, operator):
    one = upload(operator, text_of(["number", "deletion_lock"], [ONE, "-"]))
    assert errors(one) == {2: ["deletion_lock:no_clear"]}
    assert one.state == "invalid"


def test_a_repeated_number_is_marked_in_both_lines(numbers, operator):
    one = upload(
        operator,
        text_of(["number", "label"], [ONE, "a"], ["312.555.0101", "b"], [TWO, "c"]),
    )
    assert states(one) == {2: "invalid", 3: "invalid", 4: "ready"}
    assert errors(one) == {2: ["number:duplicate"], 3: ["number:duplicate"]}
    assert "first in line 2" in one.rows.get(line=3).errors[0][2]


def test_columns_that_others_look_after_may_stand_there_and_not_differ(numbers, operator):
    head = ["number", "state", "customer", "provider", "sync", "label"]
    one = upload(
        operator,
        text_of(
            head,
            [ONE, "stock", "", "Voice one", "whatever", ""],
            [TWO, "stock", "NOBODY", "Voice two", "", "x"],
        ),
    )
    assert states(one) == {2: "no_change", 3: "invalid"}
    assert sorted(errors(one)[3]) == ["customer:fixed", "provider:fixed", "state:fixed"]


def test_a_line_to_skip_is_left_alone(numbers, operator):
    text = text_of(["number", "operation", "label"], [ONE, "skip", "x"], [TWO, "update", "y"])
    assert states(upload(operator, text)) == {2: "skipped", 3: "ready"}


def test_a_value_that_was_changed_since_is_left_and_told(numbers, operator, run):  # noqa: F811
    one = upload(operator, text_of(["number", "label", "billing_id"], [ONE, "New", "B-1"]))
    TelephoneNumber.objects.filter(tn=ONE).update(label="Meanwhile")
    run(one)
    assert (one.state, states(one)) == ("done_with_errors", {2: "stale"})
    assert TelephoneNumber.objects.get(tn=ONE).label == "Meanwhile"
    assert result(one, only_failed=True)[0]["error_code"] == "stale"


def test_unless_it_shall_be_written_over(numbers, operator, run):  # noqa: F811
    one = upload(operator, text_of(["number", "label"], [ONE, "New"]))
    TelephoneNumber.objects.filter(tn=ONE).update(label="Meanwhile")
    run(one, overwrite=True)
    assert one.state == "done"
    assert TelephoneNumber.objects.get(tn=ONE).label == "New"


def test_a_number_that_is_gone_by_then_is_not_changed(numbers, operator, run):  # noqa: F811
    one = upload(operator, text_of(["number", "label"], [ONE, "New"], [TWO, "Two"]))
    TelephoneNumber.objects.filter(tn=ONE).update(state="released")
    run(one)
    assert states(one) == {2: "failed", 3: "ok"}
    assert TelephoneNumber.objects.get(tn=ONE).label == "Old"


def test_it_is_taken_back_by_an_upload_of_its_own(numbers, operator, run):  # noqa: F811
    head = ["number", "label", "tags", "monthly_cost"]
    one = run(upload(operator, text_of(head, [ONE, "New", "x", "2"], [TWO, "Two", "", ""])))
    TelephoneNumber.objects.filter(tn=TWO).update(label="Changed since")
    back = undo.make(one, actor=operator)
    assert (back.state, states(back)) == ("ready", {2: "ready", 3: "invalid"})
    assert errors(back) == {3: ["label:stale"]}
    assert undo.make(one, actor=operator) == back
    run(back)
    assert back.state == "done_with_errors"
    first = TelephoneNumber.objects.get(tn=ONE)
    assert (first.label, first.tags, str(first.monthly_cost)) == ("Old", ["a", "b"], "0.5000")
    one.refresh_from_db()
    assert (one.state, states(one)) == ("undone", {2: "undone", 3: "ok"})
    assert undo.why_not(one)


def test_a_cancel_before_a_worker_came_changes_nothing(numbers, operator, run):  # noqa: F811
    one = upload(operator, text_of(["number", "label"], [ONE, "New"]))
    running.confirm(one, actor=operator)
    running.cancel(one, actor=operator)
    one.refresh_from_db()
    assert (one.state, states(one)) == ("cancelled", {2: "skipped"})
    assert TelephoneNumber.objects.get(tn=ONE).label == "Old"


def test_who_is_late_is_told(numbers, operator):
    one = upload(operator, text_of(["number", "label"], [ONE, "New"]))
    running.confirm(one, actor=operator)
    with pytest.raises(states_module.Moved, match="Running"):
        running.confirm(one, actor=operator)


def test_after_its_worker_went_away_a_run_goes_on(numbers, operator, run, run_jobs, monkeypatch):  # noqa: F811
    lines = [[ONE, "First"], [TWO, "Second"]]
    one = upload(operator, text_of(["number", "label"], *lines))
    monkeypatch.setattr(running, "SLICE", 1)
    group = running.confirm(one, actor=operator)
    part = group.children.get()
    assert jobs.run.claim(part.pk)
    assert running.write_slice(one, kinds.get("numbers"), job=part)
    assert states(one) == {2: "ok", 3: "ready"}
    type(part).objects.filter(pk=part.pk).update(lease_until=timezone.now() - timedelta(minutes=1))
    jobs.sweep()
    run_jobs()
    one.refresh_from_db()
    assert (one.state, states(one)) == ("done", {2: "ok", 3: "ok"})
    assert AuditEntry.objects.filter(verb="inventory.tn.edited").count() == 2


def test_a_large_file_is_checked_by_a_job(numbers, operator, run_jobs, monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    monkeypatch.setattr(checking, "AT_ONCE", 1)
    one = upload(operator, text_of(["number", "label"], [ONE, "New"], [TWO, "x"]))
    one.refresh_from_db()
    assert (one.state, one.check_job.queue) == ("checking", "bulk")
    run_jobs()
    one.refresh_from_db()
    assert (one.state, one.counts) == ("ready", {"ready": 2})


@pytest.mark.django_db(transaction=True)
def test_the_lines_of_a_large_file_are_counted_before_they_are_compared(
    operator, run_jobs, monkeypatch
):
    """Else each of 100,000 lines was compared with all others, for hours."""
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    lines = [[f"+1312555{line:04}", "New"] for line in range(checking.AT_ONCE + 200)]
    one = upload(operator, text_of(["number", "label"], *lines))
    seen = []
    compare = checking.compare

    def look(*arguments):
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'portal_uploadrow'")
            seen.extend(cursor.fetchone())
        compare(*arguments)

    monkeypatch.setattr(checking, "compare", look)
    run_jobs()
    one.refresh_from_db()
    assert (one.state, one.counts) == ("invalid", {"invalid": len(lines)})
    assert seen == [len(lines)]


def test_a_defect_of_a_check_leaves_the_upload_checkable(numbers, operator, run_jobs, monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    monkeypatch.setattr(checking, "AT_ONCE", 1)
    one = upload(operator, text_of(["number", "label"], [ONE, "New"], [TWO, "x"]))
    with monkeypatch.context() as broken:
        broken.setattr(checking, "compare", lambda *args: 1 / 0)
        run_jobs()
    one.refresh_from_db()
    assert one.state == "invalid"
    assert "Check it again" in one.problems[0]
    checking.start(one, actor=operator)
    run_jobs()
    one.refresh_from_db()
    assert one.state == "ready"


def test_a_scheduled_upload_runs_when_its_time_has_come(numbers, operator, run_jobs, monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    one = upload(operator, text_of(["number", "label"], [ONE, "New"]))
    upkeep.schedule(one, timezone.now() + timedelta(hours=1), actor=operator)
    assert upkeep.start_due() == 0
    type(one).objects.filter(pk=one.pk).update(run_at=timezone.now() - timedelta(seconds=1))
    assert upkeep.start_due() == 1
    run_jobs()
    one.refresh_from_db()
    assert one.state == "done"


def test_old_files_and_lines_are_deleted_and_the_record_stays(numbers, operator, settings):
    one = upload(operator, text_of(["number", "label"], [ONE, "New"]))
    settings.UPLOAD_KEEP_DAYS = 0
    assert upkeep.forget_old() == 1
    one.refresh_from_db()
    assert (one.is_kept, one.rows.count(), one.pieces.count()) == (False, 0, 0)
    assert one.counts == {"ready": 1}
