"""Files of emergency addresses against the sandbox: set, refused, corrected, changed, taken off."""

from __future__ import annotations

import pytest

from e911.models import AddressCheck, EmergencyRecord
from portal.bulk import running, undo
from portal.models import AuditEntry, Exchange
from tests.inventory.files import errors, result, run, states, text_of, upload
from tests.portal.pages import text_of as page_text

__all__ = ["run"]
HEAD = ["number", "caller_name", "address1", "address2", "city", "state", "zip", "operation"]
GOOD = ["Example LLC", "12 North Main Street", "Suite 4", "Chicago", "IL", "60601"]


def line(number, *cells: str) -> list[str]:
    return [getattr(number, "tn", number), *(cells or (*GOOD, ""))]


def send(operator, *lines: list[str], head: list[str] = HEAD):
    return upload(operator, text_of(head, *lines), kind="e911")


@pytest.mark.parametrize("slug", ["voip_innovations", "voicetel"])
def test_addresses_are_checked_set_and_read_back(held, operator, run, slug):
    one, two = held(slug, 2)
    first = send(operator, line(one), line(two, *GOOD[:1], "PO Box 12", "", *GOOD[3:], ""))
    assert (first.state, first.counts) == ("ready", {"ready": 2})
    assert first.plan["steps"][0]["rows"] == 2
    run(first)
    assert states(first) == {2: "ok", 3: "failed"}, result(first)
    record = EmergencyRecord.objects.get(tn=one.tn)
    assert (record.state, record.accepted_address1.upper()[:4]) == ("verified", "12 N")
    assert EmergencyRecord.objects.get(tn=two.tn).state == "invalid"
    (failed,) = result(first, only_failed=True)
    assert (failed["number"], failed["address1"]) == (two.tn, "PO Box 12")
    again = send(operator, line(one, "EXAMPLE LLC", "12 n. main st", "STE 4", *GOOD[3:], "update"))
    assert states(again) == {2: "no_change"}


def test_a_correction_waits_until_it_is_accepted(held, operator, run, run_jobs):
    (number,) = held("voicetel")
    one = run(send(operator, line(number, "Example LLC", "7 Peña Ave", "", *GOOD[3:], "")))
    assert (one.state, states(one)) == ("done_with_errors", {2: "suggested"})
    assert "7 PE A AVE" in result(one)[0]["error_text"]
    check = AddressCheck.objects.get()
    assert (check.lines.address1, check.suggested_address1) == ("7 Peña Ave", "7 PE A AVE")
    running.accept(one, actor=operator)
    run_jobs()
    one.refresh_from_db()
    assert (one.state, states(one)) == ("done", {2: "ok"}), result(one)
    record = EmergencyRecord.objects.get(tn=number.tn)
    assert (record.state, record.accepted_address1) == ("verified", "7 PE A AVE")
    assert record.accepted_by == operator
    assert AuditEntry.objects.filter(verb="e911.address.accepted").count() == 1


def test_a_column_accepts_corrections_beforehand(held, operator, run):
    (number,) = held("voicetel")
    head = ["number", "caller_name", "house_number", "street", "city", "state", "zip"]
    one = run(
        send(
            operator,
            [number.tn, "Example LLC", "7", "Peña Ave", "Chicago", "IL", "60601", "yes"],
            head=[*head, "accept_suggestions"],
        )
    )
    assert (one.state, states(one)) == ("done", {2: "ok"}), result(one)
    assert EmergencyRecord.objects.get(tn=number.tn).accepted_address1 == "7 PE A AVE"


def test_an_address_is_changed_and_taken_off(held, operator, run):
    (number,) = held("voicetel")
    run(send(operator, line(number)))
    changed = run(send(operator, line(number, "Example LLC", "7 Oak Ave", "", *GOOD[3:], "")))
    assert changed.state == "done", result(changed)
    assert EmergencyRecord.objects.get(tn=number.tn).accepted_address1 == "7 OAK AVE"
    removed = run(send(operator, line(number, *[""] * 6, "remove")))
    assert removed.state == "done", result(removed)
    assert EmergencyRecord.objects.get(tn=number.tn).state == "removed"
    again = send(operator, line(number, *[""] * 6, "remove"))
    assert states(again) == {2: "no_change"}
    back = send(operator, line(number, "Example LLC", "7 Oak Ave", "", *GOOD[3:], "add"))
    assert states(back) == {2: "ready"}
    assert "own page" in undo.why_not(removed)


def test_what_is_wrong_is_told_without_asking_anybody(held, operator):
    numbers = held("voicetel", 6)
    calls = Exchange.objects.count()
    one = send(
        operator,
        line(numbers[0], "", *GOOD[1:], ""),
        line(numbers[1], GOOD[0], "", "", *GOOD[3:], ""),
        line(numbers[2], *GOOD[:3], "", "IL", "60601", ""),
        line(numbers[3], *GOOD[:4], "XX", "601", ""),
        line("+13125550199"),
        line(numbers[4], *GOOD, "delete"),
    )
    assert errors(one) == {
        2: ["caller_name:missing"],
        3: ["address1:missing"],
        4: ["city:missing"],
        5: ["state:bad_value", "zip:bad_value"],
        6: ["number:not_found"],
        7: ["operation:bad_value"],
    }
    assert Exchange.objects.count() == calls
    assert one.state == "invalid"


def test_an_unchanged_export_changes_nothing(held, operator, run, client_for):
    first, second = held("voicetel", 2)
    run(send(operator, line(first), line(second, "Example LLC", "PO Box 1", "", *GOOD[3:], "")))
    exported = page_text(client_for(operator).get("/e911/export/"))
    assert first.tn in exported
    assert second.tn in exported
    again = upload(operator, exported, kind="e911")
    assert set(states(again).values()) == {"no_change"}, errors(again)


def test_a_saved_place_stands_for_an_address(held, operator, run):
    from tests.factories import make_place

    (number,) = held("voicetel")
    place = make_place("Head office")
    head = ["number", "caller_name", "location_ref"]
    one = send(operator, [number.tn, "Example LLC", str(place.pk)], head=head)
    assert states(one) == {2: "ready"}
    run(one)
    assert one.state == "done", result(one)
    assert EmergencyRecord.objects.get(tn=number.tn).location == place
    missing = send(operator, [number.tn, "Example LLC", "999999"], head=head)
    assert errors(missing) == {2: ["location_ref:not_found"]}


ALERTS = ["number", "caller_name", "address1", "city", "state", "zip", "alert_emails"]


def with_alerts(number, emails: str) -> list[str]:
    return [number.tn, "Example LLC", "12 North Main Street", "Chicago", "IL", "60601", emails]


def alerts_of(number) -> list[str]:
    record = EmergencyRecord.objects.get(tn=number.tn)
    return sorted(record.alerts.filter(state="active").values_list("email", flat=True))


def test_who_is_told_follows_the_address_and_becomes_exactly_the_cell(held, operator, run):
    (number,) = held("voip_innovations")
    first = with_alerts(number, "desk@example.net; OPS@example.net")
    one = run(send(operator, first, head=ALERTS))
    assert (one.state, states(one)) == ("done", {2: "ok"}), result(one)
    assert alerts_of(number) == ["desk@example.net", "ops@example.net"]
    same = send(operator, with_alerts(number, "ops@example.net desk@example.net"), head=ALERTS)
    assert states(same) == {2: "no_change"}
    other = run(send(operator, with_alerts(number, "ops@example.net"), head=ALERTS))
    assert (other.state, other.plan["calls"]) == ("done", 3), result(other)
    assert alerts_of(number) == ["ops@example.net"]
    cleared = run(send(operator, with_alerts(number, "CLEAR"), head=ALERTS))
    assert (cleared.state, alerts_of(number)) == ("done", []), result(cleared)


def test_nobody_is_told_where_the_address_was_not_set(held, operator, run):
    (number,) = held("voip_innovations")
    cells = with_alerts(number, "desk@example.net")
    cells[2] = "PO Box 12"
    one = run(send(operator, cells, head=ALERTS))
    assert states(one) == {2: "failed"}
    assert not EmergencyRecord.objects.get(tn=number.tn).alerts.exists()


@pytest.mark.parametrize(
    ("slug", "emails", "words"),
    [
        ("voicetel", "desk@example.net", "VoiceTel sends no mail"),
        ("voip_innovations", "desk", "is no mail address"),
    ],
)
def test_a_cell_that_cannot_be_done_is_told_before_anything_is_sent(
    held, operator, slug, emails, words
):
    (number,) = held(slug)
    one = send(operator, with_alerts(number, emails), head=ALERTS)
    assert states(one) == {2: "invalid"}
    assert words in str(one.rows.get().errors)
