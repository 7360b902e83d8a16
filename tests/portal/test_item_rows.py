"""The rows of a job and of billed calls."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from portal.models import CallRecord, Job, JobItem, User
from tests import factories
from tests.portal.pages import ESCAPED, HOSTILE, body_of

TN = "+13125550142"


@pytest.fixture
def job(operator, lakeside) -> Job:
    return factories.make_job(operator, status="partial", customer=lakeside, total_count=1)


def item_of(job: Job, target: str = TN, **fields) -> JobItem:
    return JobItem.objects.create(job=job, position=job.items.count(), target=target, **fields)


def test_a_row_says_what_became_of_it(client_for, operator, job):
    factories.make_tn(TN)
    told = {"code": "E7", "message": "Not possible", "advice": "Ask them"}
    item_of(job, status="refused", **told)
    item_of(job, "+13125550199", status="succeeded")
    rows = body_of(client_for(operator).get(f"/jobs/{job.pk}/"))
    named = f'<a class="nd-tn" href="/numbers/{TN}/">(312) 555-0142</a>'
    assert f'<th scope="row" class="nd-tn" data-label="Number">{named}</th>' in rows
    assert 'class="nd-tn" data-label="Number">(312) 555-0199</th>' in rows, "it has no page"
    assert "Refused" in rows
    for label, words in (("Code", "E7"), ("Words", "Not possible"), ("What to do", "Ask them")):
        assert f'<td data-label="{label}">{words}</td>' in rows


def test_a_customer_reads_the_outcome_alone(client_for, alice, lakeside, job):
    factories.make_tn(TN, customer=lakeside)
    item_of(job, status="refused", code="E7", message="Internal", advice="Ask them")
    rows = body_of(client_for(alice).get(f"/jobs/{job.pk}/"))
    assert f'href="/numbers/{TN}/"' in rows
    assert "Refused" in rows
    assert not any(words in rows for words in ("E7", "Internal", "Ask them"))


def test_what_a_provider_wrote_in_a_row_stays_text(client_for, operator, job):
    item_of(job, HOSTILE, status="refused", code=HOSTILE, message=HOSTILE, advice=HOSTILE)
    rows = body_of(client_for(operator).get(f"/jobs/{job.pk}/"))
    assert HOSTILE not in rows
    assert rows.count(ESCAPED) == 4


@pytest.fixture
def calls(operator) -> str:
    """Return the address of a list with one call, in the zone of Chicago."""
    account = factories.make_account("voicetel", name="VT main")
    factories.make_tn(TN, account=account)
    CallRecord.objects.create(
        account=account,
        call_ref="a",
        started_at=datetime(2026, 3, 3, 3, 4, 5, tzinfo=UTC),
        seconds=1500,
        caller="3125550142",
        callee="anonymous",
        rate=Decimal("0.006"),
    )
    User.objects.update(time_zone="America/Chicago")
    return f"/providers/{account.pk}/calls/"


def test_a_call_shows_its_ends_its_length_and_its_price(client_for, operator, calls):
    row = body_of(client_for(operator).get(calls))
    assert '<th scope="row" data-label="Began">Mar 2, 2026 21:04:05</th>' in row
    assert f'data-label="From"><a class="nd-tn" href="/numbers/{TN}/">(312) 555-0142</a>' in row
    assert 'data-label="To">anonymous</td>' in row
    assert '<span title="1,500 seconds">25 min</span>' in row
    assert 'data-label="Device">–</td>' in row
    assert 'data-label="A minute">$0.0060</td>' in row
    assert 'data-label="Billed">–</td>' in row


def test_what_callers_call_themselves_stays_text(client_for, operator, calls):
    CallRecord.objects.update(caller_name=HOSTILE, callee=HOSTILE, address=HOSTILE)
    row = body_of(client_for(operator).get(calls))
    assert HOSTILE not in row
    assert row.count(ESCAPED) == 3
