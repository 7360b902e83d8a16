"""Lookups as jobs: answered, known, refused, lost, out of budget; and their pages."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from inventory.lookups import KINDS
from inventory.models import Lookup
from inventory.operations.lookups import look_up
from inventory.services.lookups import LOST, spent_today
from portal import jobs
from portal.models import AccountFact, Exchange, Job, JobItem
from portal.providers.errors import (
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.tasks import run_job
from tests import factories
from tests.inventory.oracle import Oracle, oracle
from tests.portal.pages import HTMX, sql_count, text_of

__all__ = ["oracle"]
TN_1, TN_2, TN_3, NAMELESS = "+13125550101", "+13125550102", "+13125550103", "+13125550199"


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def ask(oracle, operator, run_jobs):
    def do(*tns: str, kind: str = "cnam", **options) -> Job:
        options.setdefault("caller", "+13125550188" if kind == "lrn" else "")
        job = look_up(KINDS[kind], tns, account=oracle, actor=operator, **options)
        run_jobs()
        job.refresh_from_db()
        return job

    return do


def rows(job: Job) -> list[tuple[str, str]]:
    return list(job.items.order_by("position").values_list("status", "code"))


def test_an_answer_is_kept_with_its_price(ask, operator):
    job = ask(TN_1, NAMELESS)
    assert job.status == "succeeded"
    found = {lookup.tn: lookup for lookup in Lookup.objects.all()}
    assert found[TN_1].answer == {"name": "NAME 0101"}
    assert found[NAMELESS].answer == {"name": ""}
    assert found[TN_1].cost == Decimal("0.0100")
    assert (found[TN_1].actor, found[TN_1].job) == (operator, job)


def test_routing_keeps_words_that_are_new(ask):
    ask(TN_1, kind="lrn")
    answer = Lookup.objects.get().answer
    assert answer["is_interstate"] == "false"
    assert answer["is_local"] == "MAYBE"
    shown = dict(KINDS["lrn"].shown(answer))
    assert shown["Interstate"] == "No"
    assert shown["Local call"] == "MAYBE"
    assert shown["Called from"] == "(312) 555-0188"


def test_portability_is_free(ask):
    ask(TN_1, NAMELESS, kind="portable")
    kind = KINDS["portable"]
    told = {lookup.tn: kind.summary(lookup.answer) for lookup in Lookup.objects.all()}
    assert told == {TN_1: "Yes", NAMELESS: "No"}
    assert set(Lookup.objects.values_list("cost", flat=True)) == {Decimal(0)}
    assert spent_today() == 0


def test_what_is_known_is_not_paid_again_unless_asked(ask):
    ask(TN_1)
    job = ask(TN_1, TN_2)
    assert job.status == "succeeded"
    assert Oracle.asked == [("cnam", TN_1), ("cnam", TN_2)]
    assert "not paid again" in job.items.get(target=TN_1).message
    ask(TN_1, again=True)
    assert Oracle.asked[2:] == [("cnam", TN_1)]
    assert Lookup.objects.count() == 2
    assert spent_today() == 3


@pytest.mark.parametrize("error", [ProviderTimeout, ProviderProtocolError])
def test_a_lost_answer_is_never_asked_again_by_itself(ask, run_jobs, error):
    Oracle.script = {TN_2: [error("Nothing came.")]}
    job = ask(TN_1, TN_2, TN_3)
    run_jobs()
    assert rows(job) == [("succeeded", ""), ("refused", LOST), ("succeeded", "")]
    assert job.status == "partial"
    assert [tn for _, tn in Oracle.asked] == [TN_1, TN_2, TN_3]
    assert "may have charged" in job.items.get(target=TN_2).message
    assert spent_today() == 3  # a lost one may have been paid


def test_a_worker_that_dies_after_asking_leaves_a_lost_row(oracle, operator, run_jobs):
    job = look_up(KINDS["cnam"], [TN_1, TN_2], account=oracle, actor=operator)
    job.items.filter(target=TN_1).update(status=JobItem.Status.SENT)
    past = timezone.now() - timedelta(minutes=5)
    Job.objects.filter(pk=job.pk).update(status="running", lease_until=past)
    jobs.sweep()
    run_jobs()
    job.refresh_from_db()
    assert rows(job) == [("refused", LOST), ("succeeded", "")]
    assert Oracle.asked == [("cnam", TN_2)]


def test_a_provider_that_was_not_reached_is_asked_again(ask):
    Oracle.script = {TN_1: [ProviderUnavailable("No connection.")]}
    job = ask(TN_1)
    assert job.status == "succeeded"
    assert len(Oracle.asked) == 2


def test_a_sign_in_without_an_answer_costs_nothing(ask, monkeypatch):
    from portal.providers.voicetel.methods import METHODS

    sign_in = next(m for m in METHODS.values() if "name_lookups" not in m.capability)
    monkeypatch.setattr(Oracle, "methods", {sign_in.name: sign_in})
    Oracle.script = {TN_1: [ProviderTimeout("Nothing came.", operation=sign_in.name)]}
    assert ask(TN_1).status == "succeeded"
    assert len(Oracle.asked) == 2


def test_a_free_question_is_repeated(ask):
    Oracle.script = {
        TN_1: [ProviderTimeout("Nothing came.")],
        TN_2: [ProviderProtocolError("Neither yes nor no.")],
    }
    job = ask(TN_1, TN_2, kind="portable")
    assert [status for status, _ in rows(job)] == ["succeeded", "refused"]


def test_a_service_that_is_off_stops_the_job(ask):
    Oracle.script = {TN_2: [ProviderRefused("CNAM service is not enabled.", code="402")]}
    job = ask(TN_1, TN_2, TN_3)
    assert [status for status, _ in rows(job)] == ["succeeded", "refused", "skipped"]
    assert "not enabled" in job.reason
    assert len(Oracle.asked) == 2


def test_another_refusal_is_that_numbers_own(ask):
    Oracle.script = {TN_1: [ProviderRefused("Lookup failed.", code="400")]}
    assert [status for status, _ in rows(ask(TN_1, TN_2))] == ["refused", "succeeded"]


def test_the_budget_of_a_day_holds_for_all_jobs(ask, settings):
    settings.LOOKUP_DAY_LIMIT = 2
    ask(TN_1, TN_2)
    with pytest.raises(jobs.NotAccepted, match="0 of 2"):
        ask(TN_3)
    assert ask(TN_1).status == "succeeded"  # known: costs nothing
    assert ask(TN_3, kind="portable").status == "succeeded"  # free
    Job.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert ask(TN_3).status == "succeeded"


def test_of_two_jobs_at_once_the_older_one_has_the_budget(oracle, operator, run_jobs, settings):
    first = look_up(KINDS["cnam"], [TN_1], account=oracle, actor=operator)
    second = look_up(KINDS["cnam"], [TN_2], account=oracle, actor=operator)
    settings.LOOKUP_DAY_LIMIT = 1
    run_jobs()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("succeeded", "failed")
    assert "budget" in second.reason


@given(st.dictionaries(st.sampled_from(["name", "lrn", "is_local", "caller", "x"]), st.text()))
def test_any_kept_answer_can_be_shown(answer):
    for kind in KINDS.values():
        assert kind.summary(answer)
        assert all(label and words for label, words in kind.shown(answer))


def post(client, **values):
    given = {"what": "", "numbers": "", "caller": "", "key": "k-1"} | values
    return client.post("/lookups/new/", given)


def test_the_price_comes_first_and_nothing_is_sent(client_for, operator, oracle):
    spelled = "(312) 555-0101, 312.555.0102\n+1 312 555 0101"
    response = post(client_for(operator), what=f"cnam:{oracle.pk}", numbers=spelled)
    page = text_of(response)
    assert response.status_code == 200
    assert "$0.01 each" in page
    assert "2 numbers" in page
    assert "Look up for $0.02" in page
    assert not Job.objects.exists()


def test_what_is_known_can_be_asked_again_at_its_price(client_for, operator, oracle, ask):
    ask(TN_1)
    values = {"what": f"cnam:{oracle.pk}", "numbers": TN_1, "step": "again"}
    page = text_of(post(client_for(operator), **values))
    assert "asked and paid again" in page
    assert "Look up for $0.01" in page
    assert len(Oracle.asked) == 1


def test_numbers_of_the_list_are_taken_over(client_for, operator, oracle, settings):
    for tn in (TN_1, TN_2, TN_3):
        factories.make_tn(tn, account=oracle)
    client = client_for(operator)
    assert 'formaction="/lookups/new/"' in text_of(client.get("/numbers/"))
    ticked = text_of(client.get("/lookups/new/", {"tn": [TN_1, TN_3]}))
    assert "(312) 555-0101\n(312) 555-0103</textarea>" in ticked
    every = text_of(client.get("/lookups/new/", {"all": "1", "filters": "state=stock"}))
    assert every.count("(312) 555-01") == 3
    settings.LOOKUP_JOB_LIMIT = 2
    assert "more than 2 numbers" in text_of(
        client.get("/lookups/new/", {"all": "1", "filters": ""})
    )
    assert not Oracle.asked


def test_confirmed_once_it_is_one_job(client_for, operator, oracle, run_jobs):
    client = client_for(operator)
    values = {"what": f"cnam:{oracle.pk}", "numbers": f"{TN_1},{TN_2}", "step": "confirm"}
    first, second = post(client, **values), post(client, **values)
    assert first.status_code == second.status_code == 302
    job = Job.objects.get()
    assert first["Location"] == f"/lookups/{job.pk}/"
    assert 'hx-trigger="poll"' in text_of(client.get(first["Location"]))
    run_jobs()
    page = text_of(client.get(first["Location"]))
    assert "NAME 0101" in page
    assert 'hx-trigger="poll"' not in page
    part = text_of(client.get(first["Location"], headers=HTMX))
    assert part.startswith('<div id="lookup-rows"')


def test_wrong_input_is_named(client_for, operator, oracle):
    what = f"cnam:{oracle.pk}"
    client = client_for(operator)
    for numbers, words in (
        ("555-0142", "no area code"),
        ("+442071838750", "no North American number"),
        ("", "This field is required"),
        ("x" * 10, "letters"),
    ):
        response = post(client, what=what, numbers=numbers)
        assert response.status_code == 422, numbers
        assert words in text_of(response)
    assert post(client, what="cnam:999", numbers=TN_1).status_code == 422
    assert post(client, what=f"lrn:{oracle.pk}", numbers=TN_1).status_code == 422  # from where?
    assert post(client, what=f"lrn:{oracle.pk}", numbers=TN_1, caller="x").status_code == 422


def test_a_number_of_ours_is_called_from(client_for, operator, oracle):
    factories.make_tn("+13125550177", account=oracle)
    page = text_of(post(client_for(operator), what=f"lrn:{oracle.pk}", numbers=TN_1))
    assert "(312) 555-0177" in page
    assert "$0.0005 each" in page


def test_too_many_say_so(client_for, operator, oracle, settings):
    settings.LOOKUP_JOB_LIMIT = 1
    response = post(client_for(operator), what=f"cnam:{oracle.pk}", numbers=f"{TN_1},{TN_2}")
    assert response.status_code == 422
    settings.LOOKUP_JOB_LIMIT, settings.LOOKUP_DAY_LIMIT = 5, 1
    values = {"what": f"cnam:{oracle.pk}", "numbers": f"{TN_1},{TN_2}", "step": "confirm"}
    response = post(client_for(operator), **values)
    assert response.status_code == 409
    assert "today&#x27;s budget" in text_of(response)
    assert "1 charged lookup of the day’s budget" in text_of(response)
    assert not Job.objects.exists()


def test_a_price_that_was_not_told_is_said(client_for, operator, oracle):
    AccountFact.objects.all().delete()
    page = text_of(post(client_for(operator), what=f"cnam:{oracle.pk}", numbers=TN_1))
    assert "price not told yet" in page


def test_nobody_to_ask(client_for, operator, oracle):
    oracle.delete()
    assert "No provider can be asked" in text_of(client_for(operator).get("/lookups/new/"))


def test_lost_answers_wait_for_a_person(client_for, operator, viewer, oracle, ask):
    Oracle.script = {TN_2: [ProviderTimeout("Nothing came.")]}
    job = ask(TN_1, TN_2)
    page = text_of(client_for(operator).get(f"/lookups/{job.pk}/"))
    assert "1 number was asked and no answer came" in page
    assert "Look it up again…" in page
    assert "up again…" not in text_of(client_for(viewer).get(f"/lookups/{job.pk}/"))
    again = post(client_for(operator), what=f"cnam:{oracle.pk}", numbers=TN_2)
    assert "Look up for $0.01" in text_of(again)
    only = text_of(client_for(operator).get(f"/lookups/{job.pk}/?only=lost"))
    assert "(312) 555-0102" in only
    assert "(312) 555-0101" not in only


def test_the_list_filters_and_exports(client_for, viewer, ask):
    ask(TN_1, TN_2)
    ask(TN_1, kind="portable")
    client = client_for(viewer)
    assert "NAME 0101" in text_of(client.get("/lookups/"))
    assert "NAME" not in text_of(client.get("/lookups/?kind=portable"))
    assert "NAME 0101" not in text_of(client.get("/lookups/?q=312.555.0102"))
    assert "NAME 0102" in text_of(client.get("/lookups/?q=0102"))
    assert "Nothing is listed" in text_of(client.get("/lookups/?kind=nonsense"))
    lines = text_of(client.get("/lookups/export/?kind=cnam")).splitlines()
    assert len(lines) == 3
    assert any(line.startswith(f"{TN_1},Caller name,Name: NAME 0101,") for line in lines)


def test_the_rows_of_a_job_as_csv(client_for, viewer, ask):
    Oracle.script = {TN_2: [ProviderTimeout("Nothing came.")]}
    job = ask(TN_1, TN_2)
    lines = text_of(client_for(viewer).get(f"/lookups/{job.pk}/export/")).splitlines()
    assert lines[0] == "number,outcome,name,looked_up_at,cost_usd,words"
    assert lines[1].startswith(f"{TN_1},succeeded,NAME 0101,")
    assert lines[2].startswith(f"{TN_2},unknown,,,,")


def test_an_empty_list_says_why(client_for, viewer, operator, db):
    assert "Nothing was looked up yet" in text_of(client_for(viewer).get("/lookups/"))
    assert 'href="/lookups/new/"' in text_of(client_for(operator).get("/lookups/"))


def test_a_numbers_page_shows_what_is_known_and_asks(client_for, operator, alice, lakeside, ask):
    number = factories.make_tn(TN_1, customer=lakeside)
    ask(TN_1)
    page = text_of(client_for(operator).get(number.get_absolute_url()))
    assert "NAME 0101" in page
    link = re.search(r'href="(/lookups/new/\?kind=cnam[^"]*)"', page)[1].replace("&amp;", "&")
    asked = text_of(client_for(operator).get(link))
    assert "Known already" in asked
    assert "Make a job of what is known" in asked
    assert Exchange.objects.count() == 1
    theirs = text_of(client_for(alice).get(number.get_absolute_url()))
    assert "NAME 0101" not in theirs
    assert "Caller name of" not in theirs


def test_a_jobs_page_leads_to_its_answers(client_for, operator, ask):
    job = ask(TN_1)
    assert f'href="/lookups/{job.pk}/"' in text_of(client_for(operator).get(f"/jobs/{job.pk}/"))


def test_other_jobs_are_no_lookups(client_for, viewer, db):
    assert client_for(viewer).get(f"/lookups/{factories.make_job().pk}/").status_code == 404


def test_the_lists_take_few_queries(client_for, viewer, ask):
    job = ask(*[f"+1312555{n:04}" for n in range(100, 160)])
    assert sql_count(client_for(viewer), "/lookups/") <= 10
    assert sql_count(client_for(viewer), f"/lookups/{job.pk}/") <= 10
