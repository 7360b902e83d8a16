"""The lifecycle as a whole: whatever is done and whatever a provider does, the promises hold."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from e911 import operations, services
from e911.addresses import Lines, parts_of
from e911.answers import told_of
from e911.models import (
    AddressCheck,
    AlertContact,
    CarrierRecord,
    Difference,
    EmergencyRecord,
    Standing,
    moves,
)
from e911.services import records, standings
from inventory.models import TelephoneNumber
from portal import jobs
from portal.jobs import reconcile
from portal.models import AuditEntry, Job
from tests.e911.conftest import MAIN, OAK
from tests.e911.post import BEHAVIOURS, Post, other, post  # noqa: F401 (a fixture)
from tests.factories import make_customer, make_tn

# An example takes a second: making it smaller would take many minutes.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
States = EmergencyRecord.State
NOWHERE = Lines(address1="1 Nowhere Lane", city="Chicago", region="IL", zip="60601")
VERBS = ("provision", "restore", "remove", "read", "sync", "adopt", "out", "back", "move", "theirs")


@pytest.mark.parametrize("before", States.values)
def test_only_listed_moves_are_made(post, operator, before):  # noqa: F811
    for place, to in enumerate(States.values):
        tn = f"+13125550{place:03}"
        record = EmergencyRecord(account=post, tn=tn, state=before, state_since=_now())
        record.take_accepted(MAIN, "EXAMPLE")
        record.not_required_reason, record.verified_at = "No voice.", _now()
        record.save()
        is_listed = before == to or to in moves.by_state().get(before, set())
        if is_listed:
            records.move(record, to, actor=operator)
        else:
            with pytest.raises(services.IllegalMove, match="cannot become"):
                records.move(record, to, actor=operator)
        record.refresh_from_db()
        assert record.state == (to if is_listed else before)
        assert AuditEntry.objects.filter(object_id=record.pk).exists() == is_listed


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


def test_every_state_can_be_left_and_reached():
    ways = moves.by_state()
    assert set(ways) == set(States.values)
    assert {to for ends in ways.values() for to in ends} == set(States.values)


def test_the_document_tells_every_move():
    text = (Path(site.BASE_DIR) / "docs" / "lifecycles.md").read_text()
    section = text.partition("## An E911 record")[2].partition("\n## ")[0]
    told = {
        tuple(cell.strip() for cell in line.split("|")[1:5])
        for line in section.splitlines()
        if line.startswith("| ") and line.count("|") == 6
    }
    for move in moves.MOVES:
        who = "who changes records" if move.who else "system"
        assert (move.before, move.to, move.trigger, who) in told


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=NO_SHRINKING,
)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(VERBS),
            st.sampled_from([MAIN, OAK, NOWHERE]),
            st.lists(st.sampled_from(BEHAVIOURS), max_size=2),
        ),
        min_size=1,
        max_size=7,
    )
)
def test_whatever_happens_no_number_is_silently_without_its_address(
    post,  # noqa: F811
    operator,
    run_jobs,
    steps,
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reconcile, "NOT_DONE_AFTER", timedelta(0))
        for model in (Difference, AlertContact, CarrierRecord, Standing, AddressCheck):
            model.objects.all().delete()
        EmergencyRecord.objects.all().delete()
        Job.objects.all().delete()
        TelephoneNumber.objects.all().delete()
        Post.reset()
        number = make_tn("+13125550142", account=post, customer=make_customer())
        for verb, lines, script in steps:
            Post.script = list(script)
            _do(verb, number, lines, operator, run_jobs)
            Post.script = []
            run_jobs(rounds=40)
            standings.rebuild()
            number.refresh_from_db()
            _promises(number)


def _do(verb: str, number: TelephoneNumber, lines: Lines, operator: Any, run_jobs: Any) -> None:
    """Do one thing as a person, the inventory or a stranger would; a refusal changes nothing."""
    record = EmergencyRecord.objects.of_tn(number.tn).select_related("account", "number").first()
    try:
        if verb == "provision":
            check = services.new_check(
                account=number.account,
                parts=parts_of(lines),
                caller_name="Example LLC",
                customer=number.customer,
                numbers=[number],
                actor=operator,
            )
            operations.validate(check, actor=operator)
            script, Post.script = Post.script, []
            run_jobs()
            Post.script = script
            check.refresh_from_db()
            operations.provision(check, numbers=[number], actor=operator)
        elif verb == "sync":
            operations.sync_records(number.account, actor=operator)
        elif verb == "theirs":
            Post.active[number.tn] = Post.record(  # somebody else, at the provider's own site
                number.value, other(), "STRANGER"
            )
        elif verb in {"out", "back", "move"}:
            _inventory(verb, number)
        elif record is not None:
            _of_record(verb, record, operator)
    except (jobs.NotAccepted, services.IllegalMove):
        pass


def _inventory(verb: str, number: TelephoneNumber) -> None:
    rows = TelephoneNumber.objects.filter(pk=number.pk)
    if verb == "out":
        rows.update(state="aging", customer=None, last_customer=number.customer)
    else:
        customer = make_customer() if verb == "move" else number.customer or make_customer()
        rows.update(state="in_service", customer=customer)
    standings.rebuild()


def _of_record(verb: str, record: EmergencyRecord, operator: Any) -> None:
    if verb == "restore":
        operations.restore([record], actor=operator)
    elif verb == "remove":
        operations.remove([record], actor=operator, reason="On purpose.")
    elif verb == "read":
        operations.read([record], actor=operator)
    elif verb == "adopt":
        services.adopt(record, reason="Right.", actor=operator)


def _promises(number: TelephoneNumber) -> None:
    assert not Job.objects.open().exists(), list(Job.objects.open().values("kind", "status"))
    told = told_of(Post.active.get(number.tn))
    record = EmergencyRecord.objects.of_tn(number.tn).first()
    in_use = number.state == "in_service"
    assert Standing.objects.filter(number=number).count() == in_use
    if record is None:
        return
    assert record.state not in {"provisioning", "changing", "removing", "validating"}
    assert number.e911_state == record.state
    if record.state == "verified":
        assert record.verified_at is not None
        assert record.accepted_at is not None
    if record.state in {"provisioned", "verified"}:
        assert in_use or record.is_kept
        # Set, as we believe: it is there, unless somebody else took it away since we looked.
        assert told is not None
    if record.is_location_lost:
        assert record.last_valid_lines
        assert Standing.objects.get(number=number).bucket == Standing.Bucket.LOST
    was_taken_off = AuditEntry.objects.filter(
        object_id=number.pk, verb__in=["e911.record.removed", "e911.record.none"]
    ).exists()
    was_set = AuditEntry.objects.filter(
        object_id=number.pk, verb__in=["e911.record.provisioned", "e911.record.verified"]
    ).exists()
    if in_use and was_set and told is None and not was_taken_off:
        assert record.is_location_lost
