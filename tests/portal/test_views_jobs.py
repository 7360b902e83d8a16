"""Jobs: what staff and customers see of them, and what a person can do with one."""

from __future__ import annotations

import csv
import io
import re

import pytest

from portal.jobs.submit import new_key
from portal.models import AuditEntry, Exchange, Job, ProviderAccount
from tests import factories
from tests.portal.ledger import TN, WORDS, account, make_job
from tests.portal.pages import HTMX, sql_count, text_of

__all__ = ["account", "make_job"]


def csv_of(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_list_shows_jobs_newest_first(client_for, viewer, make_job):
    old, new = make_job(title="Older"), make_job(title="Newer")
    page = text_of(client_for(viewer).get("/jobs/"))
    assert page.index("Newer") < page.index("Older")
    assert f'id="job-row-{old.pk}"' in page
    assert f'id="job-row-{new.pk}"' in page


def test_htmx_gets_the_table_and_everybody_else_the_page(client_for, viewer, make_job):
    make_job()
    client = client_for(viewer)
    part = client.get("/jobs/", headers=HTMX)
    assert text_of(part).lstrip().startswith('<div id="job-table"')
    assert "HX-Request" in part["Vary"]
    assert "<!doctype html>" in text_of(client.get("/jobs/"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=open", {"waiting"}),
        ("status=failed", {"failed"}),
        ("q=wait", {"waiting"}),
        ("q=312.555.0142", {"failed"}),
        ("q=%2B1+(312)+555-0142", {"failed"}),
        ("mine=on", {"waiting"}),
        ("by=people", {"waiting", "failed"}),
        ("by=numberdesk", {"nightly"}),
        ("q=nothing+of+that+name", set()),
    ],
)
def test_filters_narrow_the_list(client_for, operator, admin, make_job, query, found):
    make_job(title="waiting", status="waiting")
    failed = make_job((TN, "refused"), title="failed", status="failed")
    Job.objects.filter(pk=failed.pk).update(actor=admin)
    nightly = make_job(title="nightly", status="succeeded", source="schedule")
    Job.objects.filter(pk=nightly.pk).update(actor=None)
    page = text_of(client_for(operator).get(f"/jobs/?{query}", headers=HTMX))
    assert {word for word in ("waiting", "failed", "nightly") if f">{word}</a>" in page} == found


def test_who_started_jobs_is_a_filter_with_words(client_for, viewer, make_job):
    make_job()
    page = text_of(client_for(viewer).get("/jobs/?by=numberdesk"))
    assert "Started by: Numberdesk itself" in page
    assert '<option value="people">People</option>' in page


def test_a_job_is_found_by_its_number_and_by_its_account(client_for, viewer, make_job):
    job, other = make_job(title="this one"), factories.make_job(title="that one")
    client = client_for(viewer)
    by_id = text_of(client.get(f"/jobs/?q=job+{job.pk}", headers=HTMX))
    by_account = text_of(client.get(f"/jobs/?account={job.account_id}", headers=HTMX))
    for page in (by_id, by_account):
        assert "this one" in page
        assert f"job-row-{other.pk}" not in page
    assert "Provider: VoiceTel main" in by_account


def test_a_group_is_found_by_a_number_in_one_of_its_parts(client_for, viewer, make_job):
    group = factories.make_job(title="the group", is_group=True, status="running")
    make_job((TN, "sent"), parent=group, status="running")
    page = text_of(client_for(viewer).get("/jobs/?q=3125550142", headers=HTMX))
    assert f"job-row-{group.pk}" in page


@pytest.mark.parametrize("query", ["status=nonsense", "account=999", "q=%00", "account=%C2%B2"])
def test_a_filter_that_makes_no_sense_lists_nothing_and_says_so(
    client_for, viewer, make_job, query
):
    job = make_job()
    page = text_of(client_for(viewer).get(f"/jobs/?{query}"))
    assert "Nothing is listed, because a filter makes no sense" in page
    assert f"job-row-{job.pk}" not in page


def test_an_empty_list_says_why(client_for, viewer):
    client = client_for(viewer)
    assert "No jobs yet" in text_of(client.get("/jobs/"))
    assert "No job fits these filters" in text_of(client.get("/jobs/?q=x"))


@pytest.mark.parametrize("count", [10, 200])
def test_the_list_takes_few_queries_whatever_its_length(client_for, viewer, make_job, count):
    for _ in range(count):
        make_job()
    assert sql_count(client_for(viewer), "/jobs/?size=250") <= 10


def test_the_page_shows_rows_and_calls_to_staff(client_for, viewer, make_job):
    job = make_job((TN, "refused"), status="failed", failed_count=1)
    exchange = Exchange.objects.create(
        job=job, account=job.account, operation="disconnectDIDs", is_write=True, method="POST"
    )
    page = text_of(client_for(viewer).get(f"/jobs/{job.pk}/"))
    for shown in ("(312) 555-0142", WORDS, "Call VoiceTel", f"/exchanges/{exchange.pk}/"):
        assert shown in page
    assert "Send 1 failed row again" not in page  # a viewer only looks


def test_a_customer_sees_what_became_of_his_numbers_and_no_provider(
    client_for, alice, lakeside, make_job
):
    job = make_job(
        (TN, "refused"), status="failed", failed_count=1, customer=lakeside, reason=WORDS
    )
    Exchange.objects.create(
        job=job, account=job.account, operation="disconnectDIDs", is_write=True, method="POST"
    )
    client = client_for(alice)
    for url in (f"/jobs/{job.pk}/", f"/jobs/{job.pk}/status/", "/jobs/", "/"):
        page = text_of(client.get(url))
        assert "Give back numbers" in page or "(312) 555-0142" in page
        for hidden in ("VoiceTel", "Carrier words", "disconnectDIDs", "REF-1", ">77<"):
            assert hidden not in page, f"{hidden} on {url}"


@pytest.mark.parametrize(
    "status", ["queued", "running", "waiting", "unknown", "needs_review", "failed", "partial"]
)
def test_no_state_tells_a_customer_the_providers_words(client_for, bob, lakeside, make_job, status):
    group = make_job(title="All of it", is_group=True, status="running", customer=lakeside)
    job = make_job(
        (TN, "sent"), status=status, customer=lakeside, reason=WORDS, parent=group, asked_count=2
    )
    for pk in (job.pk, group.pk):
        page = text_of(client_for(bob).get(f"/jobs/{pk}/"))
        assert "VoiceTel" not in page


def test_a_customers_rows_as_csv_hold_no_provider(client_for, alice, lakeside, make_job):
    job = make_job((TN, "refused"), status="failed", customer=lakeside)
    rows = csv_of(client_for(alice).get(f"/jobs/{job.pk}/rows.csv"))
    assert rows == [["number", "row_state"], [TN, "refused"]]


def test_rows_as_csv_hold_all_or_only_what_failed(client_for, viewer, make_job):
    job = make_job((TN, "succeeded"), ("+13125550143", "refused"), status="partial")
    client = client_for(viewer)
    everything = csv_of(client.get(f"/jobs/{job.pk}/rows.csv"))
    failed = csv_of(client.get(f"/jobs/{job.pk}/rows.csv?failed=1"))
    assert [row[0] for row in everything] == ["number", TN, "+13125550143"]
    assert failed[1:] == [["+13125550143", "refused", "77", WORDS, "Call VoiceTel", "REF-1"]]


def test_a_groups_csv_holds_the_rows_of_its_parts(client_for, viewer, make_job):
    group = make_job(is_group=True, status="running")
    make_job((TN, "succeeded"), parent=group)
    assert csv_of(client_for(viewer).get(f"/jobs/{group.pk}/rows.csv"))[1][0] == TN


def test_rows_can_be_looked_at_by_outcome(client_for, viewer, make_job):
    job = make_job((TN, "succeeded"), ("+13125550143", "refused"), status="partial")
    client = client_for(viewer)
    page = text_of(client.get(f"/jobs/{job.pk}/?row=refused"))
    assert "(312) 555-0143" in page
    assert "(312) 555-0142" not in page
    assert "(312) 555-0142" in text_of(client.get(f"/jobs/{job.pk}/?row=nonsense"))


def test_rows_lead_to_numbers_that_one_may_see_and_to_no_others(
    client_for, viewer, alice, lakeside, make_job
):
    factories.make_tn(TN, customer=lakeside)
    factories.make_tn("+13125550143")
    rows = ((TN, "succeeded"), ("+13125550143", "succeeded"), ("+13125550144", "refused"))
    url = f"/jobs/{make_job(*rows, status='partial', customer=lakeside).pk}/"
    for user, leading in ((viewer, {"42", "43"}), (alice, {"42"})):
        page = text_of(client_for(user).get(url))
        assert set(re.findall(r'href="/numbers/\+131255501(\d\d)/"', page)) == leading
        assert "(312) 555-0144" in page


@pytest.fixture
def long_job(make_job):
    """Return a job of 120 rows, the last one refused."""
    rows = [(f"+1312555{n:04}", "refused" if n == 119 else "succeeded") for n in range(120)]
    return make_job(*rows, status="partial")


def drawn(response) -> list[str]:
    """Return the last digits of the numbers whose rows a page shows."""
    return re.findall(r'data-label="Number">\(312\) 555-(\d{4})', text_of(response))


def test_a_long_job_comes_a_page_at_a_time(client_for, viewer, long_job):
    client = client_for(viewer)
    first = client.get(f"/jobs/{long_job.pk}/")
    assert drawn(first) == [f"{n:04}" for n in range(50)]
    assert "120 rows" in text_of(first)
    after = f"/jobs/{long_job.pk}/?{first.context['page'].next_query}"
    part = client.get(after, headers=HTMX)
    assert text_of(part).startswith('<div id="job-live"')
    assert drawn(part) == [f"{n:04}" for n in range(50, 100)]
    assert drawn(client.get(f"/jobs/{long_job.pk}/?last=1"))[-1] == "0119"


def test_a_page_of_rows_stays_while_the_job_is_followed(client_for, viewer, make_job):
    rows = [(f"+1312555{n:04}", "queued") for n in range(60)]
    job = make_job(*rows, status="running")
    page = text_of(client_for(viewer).get(f"/jobs/{job.pk}/?last=1&row=queued"))
    assert f'hx-get="/jobs/{job.pk}/status/?last=1&amp;row=queued"' in page
    part = client_for(viewer).get(f"/jobs/{job.pk}/status/?last=1", headers=HTMX)
    assert drawn(part)[-1] == "0059"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("about=3125550007", ["0007"]),
        ("about=(312)+555-0007", ["0007"]),
        ("about=0011", ["0011"]),
        ("about=0119&row=succeeded", []),
        ("about=0119&row=refused", ["0119"]),
        ("about=nothing", []),
    ],
)
def test_rows_are_found_by_number(client_for, viewer, long_job, query, found):
    answer = client_for(viewer).get(f"/jobs/{long_job.pk}/?{query}")
    assert drawn(answer) == found
    assert ("No row is like that" in text_of(answer)) == (not found)


def test_the_rows_of_a_group_come_part_by_part(client_for, viewer, make_job):
    group = make_job(is_group=True, status="running")
    for part in (1, 2):
        rows = [(f"+1312555{part}{n:03}", "succeeded") for n in range(30)]
        make_job(*rows, parent=group, status="succeeded")
    client = client_for(viewer)
    assert drawn(client.get(f"/jobs/{group.pk}/"))[28:32] == ["1028", "1029", "2000", "2001"]
    assert len(drawn(client.get(f"/jobs/{group.pk}/?last=1&size=25"))) == 25


def test_an_open_job_polls_and_a_settled_one_tells_once(client_for, viewer, make_job):
    job = make_job((TN, "sent"), status="running")
    client = client_for(viewer)
    running = client.get(f"/jobs/{job.pk}/status/", headers=HTMX)
    assert "data-poll" in text_of(running)
    assert "HX-Trigger" not in running
    Job.objects.filter(pk=job.pk).update(status="succeeded")
    settled = client.get(f"/jobs/{job.pk}/status/", headers=HTMX)
    assert "data-poll" not in text_of(settled)
    assert '"job-finished"' in settled["HX-Trigger"]


def test_a_job_that_waits_for_a_person_does_not_poll(client_for, viewer, make_job):
    job = make_job((TN, "unknown"), status="needs_review")
    assert "data-poll" not in text_of(client_for(viewer).get(f"/jobs/{job.pk}/status/"))


def test_an_unknown_outcome_says_that_nothing_is_sent_again(client_for, operator, make_job):
    job = make_job((TN, "unknown"), status="unknown", asked_count=3)
    page = text_of(client_for(operator).get(f"/jobs/{job.pk}/"))
    assert "no answer came. Nothing is sent again until the provider says what it has." in page
    assert "Asked 3 times" in page
    assert "Ask now" in page
    assert "failed row" not in page
    assert "Cancel what was not sent" not in page


@pytest.fixture
def going(make_job, account):
    """Return a queued job that gives a number back."""
    factories.make_tn(TN, account=account, state="releasing", previous_state="stock")
    return make_job((TN, "queued"))


def test_cancel_says_what_happens_now(client_for, operator, going):
    response = client_for(operator).post(f"/jobs/{going.pk}/cancel/", follow=True)
    going.refresh_from_db()
    assert going.status == "canceled"
    assert "Canceled. Nothing more is sent." in text_of(response)
    again = client_for(operator).post(f"/jobs/{going.pk}/cancel/", follow=True)
    assert "settled already. Nothing was changed." in text_of(again)


def test_cancel_by_htmx_returns_the_live_part_and_the_message(client_for, operator, going):
    response = client_for(operator).post(f"/jobs/{going.pk}/cancel/", headers=HTMX)
    part = text_of(response)
    assert response.status_code == 200
    assert part.lstrip().startswith('<div id="job-live"')
    assert 'hx-swap-oob="true"' in part
    assert "Canceled. Nothing more is sent." in part
    assert '"job-changed"' in response["HX-Trigger"]


def test_hurry_makes_a_waiting_job_due(client_for, operator, make_job):
    job = make_job((TN, "unknown"), status="unknown")
    response = client_for(operator).post(f"/jobs/{job.pk}/hurry/", follow=True)
    assert "The provider is asked now." in text_of(response)
    assert AuditEntry.objects.filter(verb="jobs.hurried", job=job).count() == 1


def test_hurry_leaves_a_settled_job_alone(client_for, operator, make_job):
    job = make_job((TN, "succeeded"), status="succeeded")
    response = client_for(operator).post(f"/jobs/{job.pk}/hurry/", follow=True)
    assert "Nothing was changed." in text_of(response)


@pytest.fixture
def refused(make_job, account):
    """Return a failed job of two refused rows whose numbers may be given back."""
    rows = ((TN, "refused"), ("+13125550143", "refused"))
    for tn, _ in rows:
        factories.make_tn(tn, account=account)
    return make_job(*rows, status="failed", failed_count=2)


def test_failed_rows_are_sent_again_once_whatever_is_clicked(
    client_for, operator, refused, settings
):
    settings.APPROVAL_ABOVE = 0  # else a second person would have to agree to two
    client, key = client_for(operator), new_key()
    answers = [client.post(f"/jobs/{refused.pk}/retry/", {"key": key}) for _ in range(2)]
    again = Job.objects.exclude(pk=refused.pk).get()
    assert {answer["Location"] for answer in answers} == {f"/jobs/{again.pk}/"}
    assert set(again.items.values_list("target", flat=True)) == {TN, "+13125550143"}


def test_the_form_that_sends_again_carries_a_key(client_for, operator, refused):
    page = text_of(client_for(operator).get(f"/jobs/{refused.pk}/"))
    assert "Send 2 failed rows again" in page
    assert 'name="key" value="' in page


def test_sending_again_says_what_stands_against_it(client_for, operator, refused):
    from inventory.models import TelephoneNumber

    TelephoneNumber.objects.filter(tn=TN).update(deletion_lock=True)
    response = client_for(operator).post(f"/jobs/{refused.pk}/retry/", follow=True)
    assert "has a deletion lock. It was not given back." in text_of(response)
    assert Job.objects.count() == 1


def test_an_operator_may_not_send_again_what_he_may_not_do(client_for, operator, make_job):
    job = make_job((TN, "refused"), status="failed", failed_count=1, kind="gone.for_good")
    response = client_for(operator).post(f"/jobs/{job.pk}/retry/", follow=True)
    assert "Nothing was sent." in text_of(response)
    assert Job.objects.count() == 1


def test_an_exchange_is_shown_as_it_was_kept(client_for, viewer, make_job):
    exchange = Exchange.objects.create(
        job=make_job(),
        account=ProviderAccount.objects.get(),
        operation="getDIDs",
        is_write=False,
        method="POST",
        url="http://127.0.0.1:9/x",
        request_body="<login>[redacted]</login>",
        reply_body='{"a":1}',
        reply_status=200,
        outcome="answered",
    )
    page = text_of(client_for(viewer).get(f"/exchanges/{exchange.pk}/"))
    assert "&lt;login&gt;[redacted]&lt;/login&gt;" in page
    assert "getDIDs" in page


def words_of(response) -> str:
    """Return the text of a part as it is read."""
    return " ".join(re.sub(r"<[^>]*>", "", text_of(response)).split())


def test_the_indicator_counts_only_jobs_that_one_may_see(client_for, alice, viewer, make_job):
    make_job(status="running")
    assert "1 job open" in words_of(client_for(viewer).get("/jobs/open/"))
    make_job(status="waiting")
    assert "2 jobs open" in words_of(client_for(viewer).get("/jobs/open/"))
    assert "No open jobs" in text_of(client_for(alice).get("/jobs/open/"))
