"""Release with a hold, whole: in service, set aside, restored; set aside again and given back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from inventory.lifecycle import today
from inventory.models import TelephoneNumber
from inventory.operations.sync import sync_account
from inventory.tasks import move_lifecycle
from portal.models import Job
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests import factories
from tests.portal.pages import text_of

NUMBERS = TelephoneNumber.objects


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.mark.parametrize("slug", ["voicetel", "voip_innovations", "custom_toll_free"])
def test_release_with_a_hold(slug, sandbox, operator, client_for, lakeside, run_jobs):
    sandbox.control("reset")
    account = factories.make_account(slug, base_url=sandbox.url)
    sync_account(account, actor=operator)
    run_jobs()
    number = NUMBERS.filter(account=account, state="stock").order_by("tn").first()
    assert number, "the sandbox's account has numbers"
    staff = client_for(operator)
    form = {"tns": number.tn, "customer": lakeside.pk, "e911": "later"}
    assert staff.post("/numbers/assign/", form).status_code == 302
    set_aside = {"tns": number.tn, "after": "release", "reason": "Customer canceled"}
    assert staff.post("/numbers/out/", set_aside).status_code == 302
    assert staff.post("/numbers/restore/", {"tns": number.tn}).status_code == 302
    number.refresh_from_db()
    assert (number.state, number.customer) == ("in_service", lakeside)

    assert staff.post("/numbers/out/", set_aside).status_code == 302
    move_lifecycle()
    number.refresh_from_db()
    assert number.state == "aging", "its day has not come"
    month_ago = datetime.now(UTC) - timedelta(days=31)
    NUMBERS.filter(pk=number.pk).update(state_since=month_ago, release_on=today())
    move_lifecycle()
    run_jobs()
    job = Job.objects.get(kind="inventory.release_tns")
    number.refresh_from_db()
    assert (job.status, number.state) == ("succeeded", "released"), job.reason
    page = text_of(staff.get(f"/numbers/{number.tn}/"))
    for words in ("Given back", "Taken out of service", "Restored", "Assigned to a customer"):
        assert words in page
