"""The repairs: what each does, to which differences, and that all of it is on record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.drift.repair import REPAIRS, carry_out, plan
from inventory.lifecycle import today
from inventory.models import Assignment, CarrierNumber, Finding, TelephoneNumber
from inventory.models.moves import by_state
from inventory.services.drift import why_not_gone
from portal import jobs
from portal.jobs.submit import new_key
from portal.models import AuditEntry, Job
from portal.providers.errors import ProviderTimeout
from portal.tn import TN
from tests import factories
from tests.inventory.desk import Desk, desks, make_number
from tests.inventory.differing import HERE, THERE, also_listed, differing, find, missing, unknown

__all__ = ["desks"]


@pytest.fixture
def desk(desks):
    return desks["desk"]


@pytest.fixture
def repair(operator):
    def run(name: str, *findings: Finding, **facts):
        facts = {"actor": operator, "key": new_key()} | facts
        return carry_out(REPAIRS[name], [finding.pk for finding in findings], **facts)

    return run


def states(finding: Finding) -> tuple[str, str]:
    finding.refresh_from_db()
    return finding.status, TelephoneNumber.objects.get(tn=finding.tn).sync_state


# --- Push ours


def test_our_value_is_pushed_and_the_finding_repaired(desk, repair, operator, run_jobs):
    finding = differing(desk)
    done = repair("push", finding, reason="Theirs is wrong")
    (job,) = done.jobs
    assert states(finding) == ("repairing", "pending_push")
    assert finding.job == job
    run_jobs()
    assert ("forward", finding.tn, HERE) in Desk.sent
    assert states(finding) == ("fixed", "in_sync")
    told = AuditEntry.objects.get(verb="inventory.tn.feature_changed")
    assert (told.before, told.after) == ({"forward_to": THERE}, {"forward_to": HERE})
    assert (told.actor, told.reason) == (operator, "Theirs is wrong")


def test_a_refused_push_opens_the_finding_again(desk, repair, run_jobs):
    Desk.script = ["Not today."]
    finding = differing(desk)
    repair("push", finding)
    run_jobs()
    assert states(finding) == ("open", "push_failed")


def test_a_lost_answer_keeps_it_in_repair_until_the_provider_says_so(desk, repair, run_jobs):
    Desk.script = [ProviderTimeout("no answer", code="done")]
    finding = differing(desk)
    repair("push", finding)
    run_jobs()
    assert states(finding) == ("fixed", "in_sync")
    assert len(Desk.sent) == 0  # nothing was sent a second time


def test_the_same_key_pushes_once(desk, repair):
    first, second = differing(desk), differing(desk, "+13125550104")
    key = new_key()
    repair("push", first, key=key)
    with pytest.raises(jobs.NotAccepted, match="being repaired"):
        repair("push", first, key=key)
    assert repair("push", second, key=key).count == 1  # another difference is another intent
    assert Job.objects.count() == 2


def test_what_is_pushed_at_two_accounts_is_a_group_and_each_finding_names_its_part(
    desks, repair, run_jobs
):
    found = [
        differing(desks["desk"], wanted={"route": "13551"}, values={"x": "y"}),
        differing(desks["booth"], "+13125550105", wanted={"route": "13551"}, values={"x": "y"}),
    ]
    done = repair("push", *found)
    assert done.jobs[0].is_group
    for finding in found:
        finding.refresh_from_db()
        assert finding.job.account == finding.account
        assert finding.job.parent == done.jobs[0]
    run_jobs()
    assert {states(finding) for finding in found} == {("fixed", "in_sync")}


def test_what_a_provider_cannot_change_stays_with_its_sentence(desks):
    finding = differing(desks["booth"])
    found = plan(REPAIRS["push"], [finding])
    assert (found.going, found.staying) == ([], {"The booth does not offer this.": 1})


# --- Adopt theirs


def test_their_value_becomes_ours_and_nothing_is_sent(desk, repair, operator):
    finding = differing(desk)
    repair("adopt", finding, reason="They asked for it")
    assert states(finding) == ("fixed", "in_sync")
    assert TelephoneNumber.objects.get(tn=finding.tn).wanted == {"forward_to": THERE}
    told = AuditEntry.objects.get(verb="inventory.tn.drift_adopted")
    assert (told.before, told.after, told.actor, told.reason) == (
        {"forward_to": HERE},
        {"forward_to": THERE},
        operator,
        "They asked for it",
    )
    assert not Desk.sent
    find(desk)
    assert not Finding.objects.live().exists()


def test_two_differences_of_one_number_are_adopted_together(desk, repair):
    make_number(
        desk,
        "+13125550101",
        wanted={"forward_to": HERE, "inbound_cnam": "true"},
        values={"forward_to": "312-555-0178", "inbound_cnam": False},
    )
    find(desk)
    repair("adopt", *Finding.objects.all())
    number = TelephoneNumber.objects.get()
    assert number.wanted == {"forward_to": THERE, "inbound_cnam": "false"}
    assert number.sync_state == "in_sync"


def test_a_value_that_changed_since_is_not_adopted(desk, repair):
    finding = differing(desk)
    CarrierNumber.objects.update(values={"forward_to": "+13125550179"})
    with pytest.raises(jobs.NotAccepted, match="another value by now"):
        repair("adopt", finding)
    assert TelephoneNumber.objects.get().wanted == {"forward_to": HERE}


def test_nothing_is_adopted_while_a_job_about_the_number_is_open(desk, repair):
    finding = differing(desk)
    repair("push", differing(desk, "+13125550104"))
    other = Finding.objects.get(tn="+13125550104")
    Finding.objects.filter(pk=other.pk).update(status="open")
    done = repair("adopt", finding, other)
    assert (done.count, done.stayed) == (1, 1)


# --- Take into stock


def test_a_number_that_we_lack_comes_into_stock(desk, repair, operator):
    finding = unknown(desk)
    repair("import", finding)
    number = TelephoneNumber.objects.get(tn=finding.tn)
    assert (number.state, number.rate_center, number.sync_state) == ("stock", "CHICAGO", "in_sync")
    assert states(finding) == ("fixed", "in_sync")
    entry = AuditEntry.objects.get(verb="inventory.tn.imported", object_id=number.pk)
    assert (entry.actor, entry.object_text) == (operator, "(312) 555-0102")


def test_only_the_chosen_ones_are_taken(desk, repair):
    chosen, other = unknown(desk), unknown(desk, "+13125550106")
    repair("import", chosen)
    assert not TelephoneNumber.objects.filter(tn=other.tn).exists()
    other.refresh_from_db()
    assert other.status == "open"


def test_a_number_that_comes_back_wants_nothing_from_its_former_time(desk, repair):
    factories.make_tn("+13125550102", account=desk, state="released", wanted={"forward_to": HERE})
    repair("import", unknown(desk))
    assert TelephoneNumber.objects.get().wanted == {}


# --- Mark ported out


def test_a_missing_number_is_filed_as_ported_out(desk, repair, lakeside):
    finding = missing(desk, customer=lakeside, state="in_service")
    repair("ported_out", finding, reason="Their new carrier has it")
    number = TelephoneNumber.objects.get()
    assert (number.state, number.previous_state, number.customer, number.last_customer) == (
        "ported_out",
        "in_service",
        None,
        lakeside,
    )
    assert states(finding) == ("fixed", "in_sync")
    assert not CarrierNumber.objects.exists()
    assert Assignment.objects.get().until is not None
    told = AuditEntry.objects.get(verb="inventory.tn.ported_out")
    assert (told.before["customer"], told.reason) == ("Lakeside Dental", "Their new carrier has it")
    find(desk)
    assert not Finding.objects.live().exists()


@pytest.mark.parametrize("to", ["ported_out", "released", "lost"])
@pytest.mark.parametrize("state", TelephoneNumber.State.values)
def test_only_where_the_table_of_moves_leads_there(state, to):
    moves = by_state()
    leads = to in moves.get(state, ()) or "lost" in moves.get(state, ())
    number = TelephoneNumber(tn=TN("+13125550101"), state=state)
    assert (why_not_gone(number, to) == "") is leads


def test_what_was_given_back_elsewhere_stands_in_the_disconnect_report(desk, repair, lakeside):
    finding = missing(desk, customer=lakeside, state="in_service")
    repair("released", finding, reason="Given back at their portal")
    number = TelephoneNumber.objects.get()
    assert (number.state, number.customer, number.last_customer) == ("released", None, lakeside)
    assert number.disconnected_on == today()
    time = Assignment.objects.get()
    assert (time.is_disconnect, time.reason) == (True, "Given back at their portal")
    assert states(finding) == ("fixed", "in_sync")


@pytest.mark.parametrize("state", ["stock", "held", "in_service", "suspended", "aging"])
def test_a_lost_number_that_is_found_again_is_what_it_was(desk, repair, lakeside, state):
    theirs = None if state in {"stock", "aging"} else lakeside
    wanted = {"forward_to": HERE}
    finding = missing(desk, customer=theirs, state=state, wanted=wanted)
    repair("lost", finding, reason="Nobody knows")
    number = TelephoneNumber.objects.get()
    assert (number.state, number.previous_state, number.customer) == ("lost", state, theirs)
    assert not Assignment.objects.filter(until=None).exists()
    find(desk)
    assert not Finding.objects.live().exists()
    CarrierNumber.objects.update(missing_since=None, missing_count=0)
    find(desk)
    repair("import", Finding.objects.live().get())
    number.refresh_from_db()
    assert (number.state, number.customer, number.wanted) == (state, theirs, wanted)
    told = AuditEntry.objects.get(verb="inventory.tn.imported")
    assert told.after["state"] == state


# --- Ignore


def test_it_is_ignored_until_its_day_with_a_reason(desk, repair):
    finding = differing(desk)
    until = timezone.localdate() + timedelta(days=30)
    repair("ignore", finding, reason="A test of theirs", until=until)
    assert states(finding) == ("ignored", "ignored")
    assert (finding.ignored_until, finding.reason) == (until, "A test of theirs")
    told = AuditEntry.objects.get(verb="inventory.tn.drift_ignored")
    assert told.after == {"difference": "forward_to", "ignored_until": until.isoformat()}
    repair("open", finding)
    assert states(finding) == ("open", "drifted")
    assert finding.ignored_until is None


def test_a_number_that_is_not_ours_can_be_ignored_too(desk, repair):
    finding = unknown(desk)
    repair("ignore", finding, reason="Theirs", until=timezone.localdate() + timedelta(days=1))
    finding.refresh_from_db()
    assert finding.status == "ignored"
    assert AuditEntry.objects.get(verb="inventory.tn.drift_ignored").object_id == finding.pk


# --- Which repair is for which difference


@pytest.mark.parametrize("name", list(REPAIRS))
def test_each_repair_goes_to_its_kinds_only(desks, desk, name):
    twice = also_listed(desks["booth"], desk)
    gone_from(twice, desks["booth"])
    found = [differing(desk), unknown(desk), missing(desk), twice]
    if name == "open":
        Finding.objects.update(status="ignored")
        found = list(Finding.objects.select_related("account", "number"))
    going = {finding.kind for finding in plan(REPAIRS[name], found).going}
    assert going == set(REPAIRS[name].kinds)


def test_what_is_gone_is_not_repaired(desk, repair):
    finding = differing(desk)
    CarrierNumber.objects.update(values={"forward_to": HERE})
    find(desk)
    for name in ("push", "adopt", "ignore", "open"):
        with pytest.raises(jobs.NotAccepted, match="gone already"):
            repair(name, finding, reason="x", until=timezone.localdate() + timedelta(days=1))


# --- After a refused push


def test_theirs_is_adopted_after_a_refused_push_and_nothing_failed_any_more(desk, repair, run_jobs):
    Desk.script = ["Not today."]
    finding = differing(desk)
    repair("push", finding)
    run_jobs()
    finding.refresh_from_db()
    repair("adopt", finding)
    number = TelephoneNumber.objects.get(tn=finding.tn)
    assert (number.sync_state, number.sync_note) == ("in_sync", "")


def test_a_refused_push_is_forgotten_when_both_are_equal_again(desk, repair, run_jobs):
    Desk.script = ["Not today."]
    finding = differing(desk)
    repair("push", finding)
    run_jobs()
    CarrierNumber.objects.update(values={"forward_to": HERE})
    find(desk)
    number = TelephoneNumber.objects.get(tn=finding.tn)
    assert (number.sync_state, number.sync_note) == ("in_sync", "")


# --- Also listed elsewhere


def gone_from(finding: Finding, home) -> None:
    """Let the account where we hold a number no longer list it."""
    CarrierNumber.objects.filter(account=home, tn=finding.tn).update(
        missing_since=timezone.now(), missing_count=1
    )


def test_a_number_is_moved_to_the_account_that_lists_it(desks, repair, lakeside, operator):
    home, there = desks["desk"], desks["booth"]
    finding = also_listed(home, there, wanted={"forward_to": HERE}, customer=lakeside)
    gone_from(finding, home)
    repair("move", finding, reason="Moved there by hand")
    number = TelephoneNumber.objects.get(tn=finding.tn)
    assert (number.account, number.customer, number.wanted) == (there, lakeside, {})
    assert states(finding) == ("fixed", "in_sync")
    assert list(CarrierNumber.objects.filter(tn=finding.tn).values_list("account", flat=True)) == [
        there.pk
    ]
    told = AuditEntry.objects.get(verb="inventory.tn.account_changed")
    assert (told.before, told.after) == ({"provider": "Desk main"}, {"provider": "Booth main"})
    assert (told.actor, told.reason) == (operator, "Moved there by hand")
    find(there)
    find(home)
    assert not Finding.objects.live().exists()


def test_a_number_that_both_list_stays_where_it_is(desks, repair):
    finding = also_listed(desks["desk"], desks["booth"])
    with pytest.raises(jobs.NotAccepted, match="Desk main still lists it too"):
        repair("move", finding)
    assert TelephoneNumber.objects.get().account == desks["desk"]


def test_what_was_missing_at_the_former_account_is_gone_with_the_move(desks, repair):
    home, there = desks["desk"], desks["booth"]
    finding = also_listed(home, there)
    TelephoneNumber.objects.update(sync_state="missing")
    gone_from(finding, home)
    find(home)
    assert Finding.objects.live().count() == 2
    repair("move", finding)
    assert set(Finding.objects.values_list("kind", "status")) == {
        ("also_listed", "fixed"),
        ("missing", "vanished"),
    }
    assert states(finding) == ("fixed", "in_sync")


def test_it_can_be_ignored_and_opened_again(desks, repair):
    finding = also_listed(desks["desk"], desks["booth"])
    repair("ignore", finding, reason="A port is under way", until=today() + timedelta(days=9))
    find(desks["booth"])
    assert states(finding)[0] == "ignored"
    repair("open", finding)
    assert states(finding)[0] == "open"


def test_no_other_repair_is_for_it(desks):
    finding = also_listed(desks["desk"], desks["booth"])
    for name in set(REPAIRS) - {"move", "ignore", "open"}:
        assert not plan(REPAIRS[name], [finding]).going
    make_number(desks["booth"], "+13125550177")
    TelephoneNumber.objects.filter(tn=finding.tn).update(account=desks["booth"])
    finding.refresh_from_db()
    assert list(plan(REPAIRS["move"], [finding]).staying) == [
        "The number is at this provider account by now."
    ]
