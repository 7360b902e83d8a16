"""Files of numbers: what providers are told, account by account and feature by feature."""

from __future__ import annotations

import pytest

from inventory.models import CarrierNumber, Route, TelephoneNumber
from portal.bulk import running, undo
from portal.models import AuditEntry, Job, JobItem
from portal.providers.errors import ProviderTimeout
from tests.inventory.desk import Desk, desks, make_number
from tests.inventory.files import errors, result, run, states, text_of, upload

__all__ = ["desks", "run"]
ONE, TWO, THREE, FOUR = "+13125550101", "+13125550102", "+13125550103", "+13125550104"
TARGET, OTHER = "+13125550177", "+13125550188"


@pytest.fixture
def numbers(desks):
    account = desks["desk"]
    for ref, name in (("13550", "Main SBC"), ("13551", "Backup SBC")):
        Route.objects.create(account=account, provider_ref=ref, name=name, kind="endpoint_group")
    make_number(account, ONE, values={"failover_to": TARGET, "forward_to": "312-555-0177"})
    make_number(account, TWO)
    make_number(account, THREE)
    make_number(desks["booth"], FOUR)
    return account


def test_a_value_that_holds_already_is_no_change_in_any_spelling(numbers, operator):
    head = ["number", "forward_to", "failover_to"]
    one = upload(operator, text_of(head, [ONE, "(312) 555-0177", "3125550177"]))
    assert (one.state, states(one)) == ("done", {2: "no_change"})


def test_the_plan_tells_requests_and_what_cannot_be_done(numbers, operator):
    head = ["number", "forward_to", "route"]
    one = upload(
        operator,
        text_of(
            head,
            [ONE, OTHER, "Backup SBC"],
            [TWO, OTHER, "13551"],
            [THREE, "", "Nowhere"],
            [FOUR, OTHER, ""],
        ),
    )
    assert states(one) == {2: "ready", 3: "ready", 4: "invalid", 5: "invalid"}
    assert errors(one) == {4: ["route:bad_value"], 5: ["forward_to:not_possible"]}
    forward, route = sorted(one.plan["steps"], key=lambda step: step["what"])
    assert (forward["what"], forward["rows"]) == ("Forward at Desk main", 2)
    assert (route["what"], route["rows"], route["calls"]) == ("Route at Desk main", 2, 1)
    assert one.plan["calls"] == forward["calls"] + route["calls"]
    assert not Desk.sent


def test_features_of_a_number_go_one_after_another(numbers, operator, run):
    head = ["number", "label", "forward_to", "route", "lidb_name"]
    one = upload(
        operator,
        text_of(head, [ONE, "New", OTHER, "Backup SBC", "Lakeside"], [TWO, "", "", "", "Desk"]),
    )
    run(one)
    assert one.state == "done", errors(one)
    assert Desk.held[ONE]["forward"] == OTHER
    assert next(name for name, tn, _ in Desk.sent if tn == ONE) == "route"
    assert TelephoneNumber.objects.get(tn=ONE).label == "New"
    group = one.run_job
    assert (group.status, group.children.count()) == ("succeeded", 4)
    reasons = AuditEntry.objects.filter(verb="inventory.tn.feature_changed")
    assert {entry.reason for entry in reasons} == {f"Upload {one.pk}: numbers.csv"}
    again = upload(
        operator, text_of(head, [ONE, "New", OTHER, "13551", "LAKESIDE"], [TWO, "", "", "", "desk"])
    )
    assert states(again) == {2: "no_change", 3: "no_change"}


def test_a_refusal_is_the_outcome_of_its_line_alone(numbers, operator, run):
    one = upload(operator, text_of(["number", "forward_to"], [ONE, OTHER], [TWO, OTHER]))
    Desk.script.append("Not this one")
    run(one)
    assert (one.state, states(one)) == ("done_with_errors", {2: "failed", 3: "ok"})
    (failed,) = result(one, only_failed=True)
    assert (failed["row_state"], failed["error_code"]) == ("failed", "77")
    assert failed["error_text"] == "forward_to: Not this one"
    assert failed["after"] == "forward_to: (312) 555-0188"


def test_a_lost_answer_keeps_its_line_running_until_it_is_known(numbers, operator, run):
    one = upload(operator, text_of(["number", "forward_to"], [TWO, OTHER]))
    Desk.script.append(ProviderTimeout("No answer.", code="done"))
    run(one)
    assert (one.state, states(one)) == ("done", {2: "ok"})
    assert Desk.held[TWO]["forward"] == OTHER


def test_what_another_job_holds_is_told_at_the_check_and_at_the_run(numbers, operator, run):
    one = upload(operator, text_of(["number", "forward_to"], [ONE, OTHER], [TWO, OTHER]))
    job = Job.objects.create(kind="x", title="Other work", queue="default", status="needs_review")
    JobItem.objects.create(job=job, position=0, target=TWO, status="unknown", is_lock=True)
    again = upload(operator, text_of(["number", "forward_to"], [TWO, OTHER]))
    assert errors(again) == {2: ["forward_to:not_possible"]}
    run(one)
    assert states(one) == {2: "ok", 3: "failed"}
    assert "Other work" in result(one)[1]["error_text"]


def test_what_was_changed_at_the_provider_since_is_left_alone(numbers, operator, run):
    one = upload(operator, text_of(["number", "forward_to"], [ONE, OTHER], [TWO, OTHER]))
    CarrierNumber.objects.filter(tn=ONE).update(values={"forward_to": "+13125550199"})
    run(one)
    assert states(one) == {2: "stale", 3: "ok"}
    assert "forward" not in Desk.held[ONE]


def test_a_cancel_between_two_jobs_skips_what_was_not_sent(numbers, operator, run_jobs, run):
    one = upload(operator, text_of(["number", "forward_to", "lidb_name"], [ONE, OTHER, "Desk"]))
    group = running.confirm(one, actor=operator)
    from portal import jobs

    jobs.execute(group.children.get().pk)
    one.refresh_from_db()
    running.cancel(one, actor=operator)
    run_jobs()
    one.refresh_from_db()
    assert (one.state, states(one)) == ("cancelled", {2: "skipped"})
    assert not Desk.sent


def test_it_is_taken_back_where_the_former_value_is_known(numbers, operator, run):
    head = ["number", "forward_to"]
    one = run(upload(operator, text_of(head, [ONE, OTHER], [TWO, OTHER])))
    back = undo.make(one, actor=operator)
    assert states(back)[2] == "ready"
    run(back)
    assert Desk.held[ONE]["forward"] == TARGET


def test_a_secret_is_sealed_and_told_to_nobody(numbers, operator, run, monkeypatch, caplog):
    from inventory.features.holding import PortOutPinFeature
    from portal.providers.dto import ItemOutcome, Outcome

    sent = []

    def set_pin(self, provider, step):
        sent.append((step.tn, step.value))
        return ItemOutcome(tn=step.tn, outcome=Outcome.SUCCEEDED)

    monkeypatch.setattr(PortOutPinFeature, "why_not", lambda self, slug, tn: "")
    monkeypatch.setattr(PortOutPinFeature, "set", set_pin)
    one = upload(operator, text_of(["number", "port_out_pin"], [ONE, "4711"]))
    row = one.rows.get()
    assert "4711" not in f"{row.cells} {row.values} {row.changes}"
    run(one)
    assert one.state == "done"
    assert sent == [(ONE, "4711")]
    (line,) = result(one)
    assert (line["port_out_pin"], line["after"]) == ("", "port_out_pin: set")
    kept = [*JobItem.objects.values_list("params", "before", "after")]
    assert "4711" not in f"{kept} {[*AuditEntry.objects.values()]} {caplog.text}"
    back = undo.make(one, actor=operator)
    assert errors(back) == {2: ["port_out_pin:no_undo"]}
