"""The rows of the list of lookups."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from inventory.models import Lookup
from portal.models import JobItem, ProviderAccount
from tests import factories
from tests.portal.pages import ESCAPED, HOSTILE, body_of, next_query, sql_count, text_of


@pytest.fixture
def account(db) -> ProviderAccount:
    return factories.make_account("voicetel", name="VT main")


def keep(account: ProviderAccount, tn: str = "+13125550142", **fields) -> Lookup:
    fields = {"kind": "cnam", "answer": {"name": "EXAMPLE"}} | fields
    fields.setdefault("looked_up_at", timezone.now() - timedelta(hours=3))
    return Lookup.objects.create(account=account, tn=tn, **fields)


def row_of(client) -> str:
    return body_of(client.get("/lookups/"))


def test_an_answer_is_shown_with_everything_that_was_told(client_for, viewer, account):
    answer = {"carrier": "Example Telecom", "ocn": "1234", "is_local": "true"}
    keep(account, kind="lrn", answer=answer)
    row = row_of(client_for(viewer))
    assert '<th scope="row"><span class="nd-tn">(312) 555-0142</span></th>' in row
    assert 'data-label="What">Carrier and routing (LRN)</td>' in row
    told = "<span>Example Telecom</span><small>OCN: 1234 · Local call: Yes</small>"
    assert f'data-label="Answer">{told}</td>' in row
    assert 'data-label="Asked">VT main</td>' in row
    assert "3 h ago" in row


def test_an_answer_without_its_first_field_says_what_that_means(client_for, viewer, account):
    keep(account, answer={})
    assert "<span>No name is stored</span></td>" in row_of(client_for(viewer))


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (None, '<span class="nd-quiet">not told</span>'),
        (Decimal("0.0100"), "$0.0100"),
        (Decimal("1234.5"), "$1,234.5000"),
        (Decimal(0), "free"),
    ],
)
def test_the_cost_is_as_it_was_told(client_for, viewer, account, cost, words):
    keep(account, cost=cost)
    assert f'data-label="Cost">{words}</td>' in row_of(client_for(viewer))


def test_the_time_leads_to_the_job_where_there_is_one(client_for, viewer, account):
    kept = keep(account)
    client = client_for(viewer)
    assert 'data-label="When"><time' in row_of(client)
    kept.job = factories.make_job(kind="inventory.look_up_names")
    kept.save()
    assert f'data-label="When"><a href="/lookups/{kept.job_id}/"><time' in row_of(client)


def test_what_others_made_up_stays_text(client_for, viewer, account):
    ProviderAccount.objects.update(name=HOSTILE)
    answer = {"carrier": HOSTILE, "ocn": HOSTILE, "rate_center": HOSTILE}
    keep(account, kind="lrn", answer=answer)
    page = text_of(client_for(viewer).get("/lookups/"))
    assert HOSTILE not in page
    assert page.count(ESCAPED) == 4


def test_the_newest_come_first_on_every_page(client_for, viewer, account):
    now = timezone.now()
    for n in range(30):
        keep(account, f"+131255501{n:02}", looked_up_at=now - timedelta(minutes=n // 2))
    client = client_for(viewer)
    first = client.get("/lookups/?size=25")
    second = client.get(f"/lookups/?{next_query(first)}")
    assert "(312) 555-0100" in body_of(first)
    assert "(312) 555-0129" not in body_of(first)
    assert (body_of(first).count("<tr>"), body_of(second).count("<tr>")) == (25, 5)


def test_a_new_answer_is_seen_though_the_page_is_kept(client_for, viewer, account):
    client = client_for(viewer)
    assert "Nothing was looked up yet" in text_of(client.get("/lookups/"))
    keep(account)
    assert "EXAMPLE" in row_of(client)
    Lookup.objects.update(answer={"name": "ANOTHER"})
    assert "ANOTHER" in row_of(client)


@pytest.mark.parametrize("query", ["", "?size=100", "?kind=cnam&q=555"])
def test_the_list_takes_few_statements(client_for, viewer, account, query):
    for n in range(99):
        keep(account, f"+131255501{n:02}")
    assert sql_count(client_for(viewer), f"/lookups/{query}") <= 8


# -- the rows of a job ------------------------------------------------------------------------


def test_a_jobs_rows_show_answers_or_why_there_is_none(client_for, viewer, account):
    job = factories.make_job(
        kind="inventory.look_up_names", account=account, status="partial", total_count=3
    )
    ends = [("succeeded", "", ""), ("refused", "", HOSTILE), ("refused", "answer_lost", "")]
    for position, (status, code, message) in enumerate(ends):
        tn = f"+1312555010{position}"
        told = {"status": status, "code": code, "message": message}
        JobItem.objects.create(job=job, position=position, target=tn, **told)
    keep(account, "+13125550100", answer={"name": HOSTILE})
    page = text_of(client_for(viewer).get(f"/lookups/{job.pk}/"))
    rows = [row for row in page.split("<tr>") if "(312) 555-010" in row]
    assert f'data-label="Answer"><span>{ESCAPED}</span></td>' in rows[0]
    assert "3 h ago" in rows[0]
    assert f'<span class="nd-quiet">{ESCAPED}</span>' in rows[1]
    assert 'data-label="Known since">–</td>' in rows[1]
    assert "Outcome unknown" in rows[2]
    assert HOSTILE not in page
