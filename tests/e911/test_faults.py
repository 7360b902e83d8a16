"""What goes wrong at a provider: refused, lost, late, wiped. No number is silently without 911."""

from __future__ import annotations

from datetime import timedelta

import pytest

from e911 import operations, services
from e911.addresses import Lines, parts_of
from e911.models import CarrierRecord, EmergencyRecord, Standing
from portal import jobs
from portal.jobs import reconcile
from portal.models import AuditEntry, Job
from tests.e911.conftest import MAIN, OAK
from tests.e911.post import Post, post  # noqa: F401 (a fixture)
from tests.factories import make_customer, make_tn


@pytest.fixture(autouse=True)
def believe_at_once(monkeypatch):
    """Believe “not done” without waiting half a minute."""
    monkeypatch.setattr(reconcile, "NOT_DONE_AFTER", timedelta(0))


@pytest.fixture
def number(post):  # noqa: F811
    """Return a number in service at the post."""
    return make_tn("+13125550142", account=post, customer=make_customer())


@pytest.fixture
def wish(operator, run_jobs):
    """Return a function that has an address checked for a number and submits it."""

    def put(number, lines: Lines = MAIN) -> Job:
        check = services.new_check(
            account=number.account,
            parts=parts_of(lines),
            caller_name="Example LLC",
            customer=number.customer,
            numbers=[number],
            actor=operator,
        )
        operations.validate(check, actor=operator)
        run_jobs()
        check.refresh_from_db()
        return operations.provision(check, numbers=[number], actor=operator)

    return put


@pytest.fixture
def verified(number, wish, run_jobs) -> EmergencyRecord:
    """Return a record that was set and verified."""
    wish(number)
    run_jobs()
    record = EmergencyRecord.objects.get()
    assert record.state == "verified"
    Post.sent.clear()
    return record


def standing() -> int:
    """Return the bucket of the one number."""
    return Standing.objects.get().bucket


@pytest.mark.parametrize(
    ("behaviour", "state", "job_status", "writes"),
    [
        ("done", "verified", "succeeded", 1),
        ("refused", "provision_failed", "failed", 1),
        ("unavailable", "verified", "succeeded", 1),
        ("lost-done", "verified", "succeeded", 1),
        ("lost", "verified", "succeeded", 2),  # asked twice, was not carried out, sent again
        ("silent", "verified", "succeeded", 2),
    ],
)
def test_setting_an_address(number, wish, run_jobs, behaviour, state, job_status, writes):
    Post.script = [behaviour]
    job = wish(number)
    assert EmergencyRecord.objects.get().state == "provisioning"
    run_jobs()
    job.refresh_from_db()
    record = EmergencyRecord.objects.get()
    assert (record.state, job.status) == (state, job_status)
    assert len(Post.sent) == writes
    assert not record.is_location_lost
    number.refresh_from_db()
    assert number.e911_state == state


@pytest.mark.parametrize(
    ("behaviour", "street", "job_status", "writes"),
    [
        ("done", "7 Oak Avenue", "succeeded", 1),
        ("refused", "12 North Main Street", "failed", 1),
        ("unavailable", "7 Oak Avenue", "succeeded", 1),
        ("lost-done", "7 Oak Avenue", "succeeded", 1),
        ("lost", "7 Oak Avenue", "succeeded", 2),
        ("silent", "7 Oak Avenue", "succeeded", 2),
    ],
)
def test_changing_an_address(verified, wish, run_jobs, behaviour, street, job_status, writes):
    Post.script = [behaviour]
    job = wish(verified.number, OAK)
    run_jobs()
    job.refresh_from_db()
    verified.refresh_from_db()
    assert (verified.state, job.status) == ("verified", job_status)
    assert verified.accepted_address1 == street
    assert verified.lines.address1 == street
    assert Post.active[verified.tn].address.address1 == street.upper()
    assert not verified.is_location_lost
    assert verified.last_valid == {}
    assert len(Post.sent) == writes


@pytest.mark.parametrize("behaviour", ["refused-wiped", "unclear-wiped", "lost-wiped"])
def test_a_lost_location_raises_the_alarm_and_is_restored_by_one_operation(
    verified,
    wish,
    run_jobs,
    operator,
    admin,
    viewer,
    mailoutbox,
    django_capture_on_commit_callbacks,
    behaviour,
):
    Post.script = [behaviour]
    job = wish(verified.number, OAK)
    with django_capture_on_commit_callbacks(execute=True):
        run_jobs()
    verified.refresh_from_db()
    job.refresh_from_db()
    assert job.status == "failed"
    assert (verified.state, verified.is_location_lost) == ("provision_failed", True)
    assert standing() == Standing.Bucket.LOST
    assert AuditEntry.objects.filter(verb="e911.location.lost").count() == 1
    assert {to for mail in mailoutbox for to in mail.to} == {operator.email, admin.email}
    assert "12 North Main Street" in mailoutbox[0].body
    assert "lost" in job.items.get().after["values"]

    operations.restore([verified], actor=operator)
    with django_capture_on_commit_callbacks(execute=True):
        run_jobs()
    verified.refresh_from_db()
    assert (verified.state, verified.is_location_lost) == ("verified", False)
    assert verified.accepted_address1 == "12 North Main Street"
    assert Post.active[verified.tn].address.address1 == "12 NORTH MAIN STREET"
    assert AuditEntry.objects.filter(verb="e911.location.restored").count() == 1
    assert standing() == Standing.Bucket.NO_ALERT


@pytest.mark.parametrize("behaviour", ["refused", "lost", "lost-done"])
def test_restoring_can_fail_and_be_tried_again(verified, wish, run_jobs, operator, behaviour):
    Post.script = ["refused-wiped"]
    wish(verified.number, OAK)
    run_jobs()
    Post.script = [behaviour]
    operations.restore([verified], actor=operator)
    run_jobs()
    verified.refresh_from_db()
    if behaviour == "refused":
        assert (verified.state, verified.is_location_lost) == ("provision_failed", True)
        operations.restore([verified], actor=operator)
        run_jobs()
        verified.refresh_from_db()
    assert (verified.state, verified.is_location_lost) == ("verified", False)


def test_a_new_address_ends_the_alarm_too(verified, wish, run_jobs):
    Post.script = ["refused-wiped"]
    wish(verified.number, OAK)
    run_jobs()
    wish(verified.number, OAK)
    run_jobs()
    verified.refresh_from_db()
    assert (verified.state, verified.is_location_lost) == ("verified", False)
    assert verified.accepted_address1 == "7 Oak Avenue"


def test_a_reading_that_finds_an_address_ends_the_alarm(verified, wish, run_jobs, operator):
    kept = Post.active[verified.tn]
    Post.script = ["lost-wiped"]
    wish(verified.number, OAK)
    run_jobs()
    Post.active[verified.tn] = kept
    operations.read([verified], actor=operator)
    run_jobs()
    verified.refresh_from_db()
    assert not verified.is_location_lost
    assert verified.state == "provisioned"  # what was asked for last is another address


def test_what_could_not_be_read_back_is_read_soon(
    number, wish, run_jobs, django_capture_on_commit_callbacks
):
    job = wish(number)
    original = Post._write

    def write_and_leave(self, *args):
        Post.reads_fail = 1
        return original(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Post, "_write", write_and_leave)
        with django_capture_on_commit_callbacks(execute=True):
            run_jobs(rounds=1)
    job.refresh_from_db()
    record = EmergencyRecord.objects.get()
    assert (job.status, record.state) == ("succeeded", "provisioned")
    assert standing() == Standing.Bucket.UNCONFIRMED
    run_jobs()
    record.refresh_from_db()
    assert record.state == "verified"
    assert len(Post.sent) == 1


def test_a_refused_change_that_cannot_be_read_back_is_asked_about(verified, wish, run_jobs):
    Post.script = ["refused-wiped"]
    job = wish(verified.number, OAK)
    original = Post._write

    def write_and_leave(self, *args):
        Post.reads_fail = 1
        return original(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Post, "_write", write_and_leave)
        run_jobs(rounds=1)
    job.refresh_from_db()
    assert job.status == "unknown"
    run_jobs()
    verified.refresh_from_db()
    assert (verified.state, verified.is_location_lost) == ("provision_failed", True)


@pytest.mark.parametrize(
    ("behaviour", "state", "writes"),
    [
        ("done", "removed", 1),
        ("refused", "verified", 1),
        ("lost-done", "removed", 1),
        ("lost", "removed", 2),
        ("silent", "removed", 2),
        ("unavailable", "removed", 1),
    ],
)
def test_removing(verified, run_jobs, operator, behaviour, state, writes):
    Post.script = [behaviour]
    operations.remove([verified], actor=operator, reason="No calls go out any more.")
    verified.refresh_from_db()
    assert verified.state == "removing"
    run_jobs()
    verified.refresh_from_db()
    assert verified.state == state
    assert len(Post.sent) == writes
    assert CarrierRecord.objects.exists() == (state != "removed")


def test_the_same_key_is_one_job(verified, operator, run_jobs):
    first = operations.remove([verified], actor=operator, reason="Gone.", key="k1")
    second = operations.remove([verified], actor=operator, reason="Gone.", key="k1")
    assert first == second
    run_jobs()
    assert len(Post.sent) == 1


def test_a_number_on_its_way_takes_no_second_change(verified, wish, operator):
    wish(verified.number, OAK)
    verified.refresh_from_db()
    with pytest.raises(jobs.NotAccepted):
        operations.remove([verified], actor=operator, reason="Gone.")


def test_an_address_that_became_bad_is_not_sent(verified, wish, run_jobs, monkeypatch):
    job = wish(verified.number, OAK)
    monkeypatch.setattr(Post, "validate_address", bad)
    run_jobs()
    job.refresh_from_db()
    verified.refresh_from_db()
    assert job.status == "failed"
    assert "Nothing was sent" in job.items.get().advice
    assert Post.sent == []
    assert (verified.state, verified.accepted_address1) == ("verified", "12 North Main Street")


def bad(self, address, *, caller_name=""):
    """Say that an address is not valid."""
    from portal.providers.dto.e911 import AddressCheck

    return AddressCheck(is_valid=False, code="101", message="Not valid any more.")


def test_a_canceled_job_puts_things_back(verified, wish, operator):
    job = wish(verified.number, OAK)
    jobs.cancel(job, actor=operator)
    verified.refresh_from_db()
    assert (verified.state, verified.accepted_address1) == ("verified", "12 North Main Street")
    assert verified.lines.address1 == "12 North Main Street"


def test_a_check_that_is_too_old_is_refused(number, operator, run_jobs, settings):
    check = services.new_check(
        account=number.account,
        parts=parts_of(MAIN),
        caller_name="Example LLC",
        customer=number.customer,
        numbers=[number],
        actor=operator,
    )
    operations.validate(check, actor=operator)
    run_jobs()
    check.refresh_from_db()
    settings.E911_CHECK_HOURS = 0
    with pytest.raises(jobs.NotAccepted, match="more than 0 hours ago"):
        operations.provision(check, numbers=[number], actor=operator)


def test_a_check_can_be_answered_on_the_way(number, operator, run_jobs):
    def pending(lines: Lines):
        return services.new_check(
            account=number.account,
            parts=parts_of(lines),
            caller_name="Example LLC",
            customer=number.customer,
            actor=operator,
        )

    check = pending(Lines(address1="1 Nowhere Lane", city="Chicago", region="IL", zip="60601"))
    with pytest.raises(jobs.NotAccepted, match="still being checked"):
        operations.provision(check, numbers=[number], actor=operator)
    operations.provision(check, numbers=[number], actor=operator, with_check=True)
    run_jobs()
    assert EmergencyRecord.objects.get().state == "invalid"
    assert Post.sent == []
    operations.provision(pending(MAIN), numbers=[number], actor=operator, with_check=True)
    run_jobs()
    record = EmergencyRecord.objects.get()
    assert (record.state, record.accepted_by) == ("verified", operator)


def test_a_worker_killed_between_send_and_answer_sends_nothing_twice(number, wish, run_jobs):
    """The exchange is open, the row is marked as sent, the lease has lapsed."""
    job = wish(number)
    original = Post._exchange

    def die(self, operation, *, is_write, outcome="answered"):
        original(self, operation, is_write=is_write, outcome=outcome)
        if is_write:
            Post.active[number.tn] = self.record(
                number.value, _wire(MAIN), "Example LLC"
            )  # it was carried out
            Post.sent.append(("set", number.tn))
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Post, "_exchange", die)
        with pytest.raises(KeyboardInterrupt):
            jobs.execute(job.pk)
    job.refresh_from_db()
    assert job.items.get().status == "sent"
    Job.objects.filter(pk=job.pk).update(lease_until="2020-01-01T00:00:00Z")
    jobs.sweep()
    run_jobs()
    job.refresh_from_db()
    assert job.status == "succeeded"
    assert EmergencyRecord.objects.get().state == "verified"
    assert len(Post.sent) == 1


def _wire(lines: Lines):
    from e911.models.address import wire

    return wire(lines)
