"""The statement of an account: asked as jobs, kept with its age, shown without asking anybody."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from portal import account_facts, jobs, scheduled_reads
from portal.models import AccountFact, BudgetSpend, CallRecord, Exchange, Job, ProviderAccount
from portal.providers.dto.account import Registration
from portal.providers.errors import ProviderProtocolError
from portal.tasks import run_job
from tests import factories
from tests.portal.bank import Bank, ago, banks, made_call
from tests.portal.pages import HTMX, sql_count, text_of

__all__ = ["banks"]


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def bank(banks) -> ProviderAccount:
    return banks["bank"]


@pytest.fixture
def ask(operator, bank, run_jobs, client_for):
    """Return a function that presses Refresh for one answer and lets the job run."""

    def do(what: str) -> Job:
        client_for(operator).post(f"/providers/{bank.pk}/refresh/", {"what": what})
        run_jobs()
        return Job.objects.latest("pk")

    return do


def page(client_for, user, account, path: str = "statement/") -> str:
    return text_of(client_for(user).get(f"/providers/{account.pk}/{path}"))


def test_a_refresh_is_a_job_and_its_answer_is_shown_with_its_age(client_for, viewer, bank, ask):
    for what in ("profile", "charges", "credits", "payments", "registration"):
        assert ask(what).status == "succeeded"
    before = Exchange.objects.count()
    shown = page(client_for, viewer, bank)
    for words in (
        *("125.40", "8 numbers", "5.50", "100.00", "Oddword", "99.00", "No device is registered"),
        *("America/New_York", "0.0085", "Example Desk"),
    ):
        assert words in shown
    assert Exchange.objects.count() == before  # the page asked nobody
    bank.refresh_from_db()
    assert bank.balance == Decimal("125.40")


def test_a_registered_device_is_shown(client_for, viewer, bank, ask):
    Bank.state["registration"] = Registration(device="Phone <1>", address="sip:192.0.2.7")
    ask("registration")
    shown = page(client_for, viewer, bank)
    assert "Phone &lt;1&gt;" in shown
    assert "sip:192.0.2.7" in shown


@pytest.mark.parametrize("kind", ["portal.read_registration", "inventory.read_network"])
def test_a_device_reads_alike_whichever_job_asked(
    kind, client_for, viewer, operator, bank, run_jobs
):
    Bank.state["registration"] = Registration(device="Phone 1", address="sip:192.0.2.7")
    jobs.submit(kind, actor=operator, account=bank, params={"account": bank.name})
    run_jobs()
    shown = page(client_for, viewer, bank)
    assert "<dd>Phone 1</dd>" in shown
    assert "<dd>sip:192.0.2.7</dd>" in shown


def test_the_balance_has_a_history_with_a_point_an_hour(client_for, viewer, bank):
    for balance in ("10.00", "9.00", "8.00"):
        account_facts.note_balance(bank, Decimal(balance))
    fact = AccountFact.objects.get(account=bank, kind="balances")
    assert [point[1] for point in fact.content["points"]] == ["10.00", "8.00"]
    shown = page(client_for, viewer, bank)
    assert 'data-plot="balances"' in shown
    assert "$8.00" in shown


def test_a_test_call_adds_to_the_history_too(operator, banks, run_jobs):
    kiosk = banks["kiosk"]
    jobs.submit("inventory.check_account", actor=operator, account=kiosk)
    run_jobs()
    points = AccountFact.objects.get(account=kiosk, kind="balances").content["points"]
    assert [point[1] for point in points] == ["7.50"]


def test_what_a_provider_does_not_tell_is_a_sentence_and_no_button(client_for, operator, banks):
    shown = page(client_for, operator, banks["kiosk"])
    assert "The kiosk does not offer this." in shown
    assert 'value="charges"' not in shown
    assert "/calls/" not in shown
    assert client_for(operator).get(f"/providers/{banks['kiosk'].pk}/calls/").status_code == 404


def test_a_refresh_of_what_is_not_offered_sends_nothing(client_for, operator, banks):
    kiosk = banks["kiosk"]
    answer = client_for(operator).post(
        f"/providers/{kiosk.pk}/refresh/", {"what": "charges"}, follow=True
    )
    assert "Nothing was sent." in text_of(answer)
    assert not Job.objects.exists()


def test_an_answer_that_nobody_knows_is_not_found(client_for, operator, bank):
    answer = client_for(operator).post(f"/providers/{bank.pk}/refresh/", {"what": "secrets"})
    assert answer.status_code == 404


def test_a_broken_answer_leaves_the_old_one(client_for, viewer, bank, ask):
    ask("charges")
    Bank.script.append(ProviderProtocolError("Not understood."))
    assert ask("charges").status == "failed"
    assert "8 numbers" in page(client_for, viewer, bank)


def test_a_used_up_budget_shows_when_it_may_be_asked_again(client_for, operator, db):
    from tests import factories

    account = factories.make_account("voicetel")
    until = timezone.now() + timedelta(minutes=25)
    for _ in range(6):
        BudgetSpend.objects.create(
            scope="source:voicetel",
            bucket="GET /v2.2/account/recurring-charges",
            allowed=6,
            expires_at=until,
        )
    client = client_for(operator)
    shown = text_of(client.get(f"/providers/{account.pk}/statement/"))
    assert "again" in shown
    assert 'value="charges"' not in shown
    assert 'value="payments"' in shown
    answer = client.post(f"/providers/{account.pk}/refresh/", {"what": "charges"}, follow=True)
    assert timezone.localtime(until).strftime("%H:%M") in text_of(answer)
    assert not Job.objects.exists()


def test_a_paused_account_is_not_asked_and_says_why(client_for, operator, bank):
    ProviderAccount.objects.filter(pk=bank.pk).update(
        paused_at=timezone.now(), pause_reason="Contract ends."
    )
    client, url = client_for(operator), f"/providers/{bank.pk}/statement/"
    shown = text_of(client.get(url))
    assert "Calls are paused" in shown
    assert 'value="charges"' not in shown
    answer = client.post(f"/providers/{bank.pk}/refresh/", {"what": "charges"}, follow=True)
    assert "Bank main is paused: Contract ends. Nothing was sent." in text_of(answer)
    assert not Job.objects.exists()


def test_an_answer_on_its_way_is_followed_and_one_that_waits_says_until_when(
    client_for, operator, bank
):
    client, url = client_for(operator), f"/providers/{bank.pk}/statement/"
    client.post(f"/providers/{bank.pk}/refresh/", {"what": "charges"})
    shown = text_of(client.get(url))
    assert 'hx-select="#part-charges"' in shown
    assert 'hx-select="#part-credits"' not in shown
    Job.objects.update(
        status="waiting", reason="Too many requests.", run_after=timezone.now() + timedelta(hours=1)
    )
    shown = " ".join(text_of(client.get(url)).split())
    assert "Too many requests. Asked again <time" in shown
    assert ">in 1 h</time>" in shown


def test_a_refresh_in_vain_is_told_until_one_succeeds(client_for, viewer, bank, ask):
    ask("charges")
    Bank.script.append(ProviderProtocolError("Not understood."))
    ask("charges")
    shown = page(client_for, viewer, bank)
    assert "Not refreshed." in shown
    assert "Not understood. What stands here is from before." in shown
    ask("charges")
    assert "Not refreshed." not in page(client_for, viewer, bank)


def test_a_balance_that_a_test_call_told_has_its_age(client_for, viewer, operator, banks, run_jobs):
    kiosk = banks["kiosk"]
    assert "not asked yet" in page(client_for, viewer, kiosk)
    jobs.submit("inventory.check_account", actor=operator, account=kiosk)
    run_jobs()
    assert "not asked yet" not in page(client_for, viewer, kiosk)


def test_calls_come_in_once_however_often_they_are_fetched(client_for, viewer, bank, ask):
    Bank.state["calls"] = [made_call("a", ago(hours=1)), made_call("b", ago(hours=5))]
    assert ask("calls").result["new"] == 2
    Bank.state["calls"].append(made_call("c", ago(minutes=30)))
    assert ask("calls").result["new"] == 1
    assert CallRecord.objects.count() == 3
    shown = page(client_for, viewer, bank, "calls/")
    assert shown.count('scope="row"') == 3
    assert ">2 min<" in shown
    assert "Listed: 4 min, $0.04 in all." in " ".join(shown.split())


def test_a_list_that_breaks_off_is_fetched_again(bank, ask):
    Bank.state |= {
        "calls": [made_call("a", ago(hours=1))],
        "break_off": ProviderProtocolError("Cut."),
    }
    assert ask("calls").status == "failed"
    assert account_facts.covered(bank) == []
    ask("calls")
    assert CallRecord.objects.count() == 1
    assert len(account_facts.covered(bank)) == 1


def test_the_schedule_goes_back_a_day_at_a_time(bank, run_jobs):
    for _ in range(3):
        Job.objects.update(created_at=ago(hours=1))
        scheduled_reads.submit_due()
        run_jobs()
    (newest, *older) = Bank.state["windows"]
    assert newest[1] - newest[0] == timedelta(days=1)
    assert [until for _, until in older] == [newest[0], older[0][0]]


def test_the_schedule_asks_for_what_is_old_and_for_nothing_twice(banks, run_jobs):
    kinds = sorted((job.kind, job.account.slug) for job in scheduled_reads.submit_due())
    assert kinds == [
        ("inventory.check_account", "kiosk"),
        ("portal.pull_calls", "bank"),
        ("portal.read_charges", "bank"),
        ("portal.read_clients", "bank"),
        ("portal.read_credits", "bank"),
        ("portal.read_payments", "bank"),
        ("portal.read_profile", "bank"),
        ("portal.read_registration", "bank"),
        ("portal.sync_tickets", "bank"),
    ]
    run_jobs()
    assert scheduled_reads.submit_due() == []
    Job.objects.update(created_at=ago(minutes=30))
    # Calls of earlier days are not known yet.
    kinds = [job.kind for job in scheduled_reads.submit_due()]
    assert kinds == ["portal.pull_calls", "portal.sync_tickets"]


def test_the_schedule_leaves_paused_accounts_and_those_without_credentials_alone(banks):
    ProviderAccount.objects.filter(slug="bank").update(paused_at=timezone.now())
    kiosk = banks["kiosk"]
    kiosk.credentials = {}
    kiosk.save()
    assert scheduled_reads.submit_due() == []


@pytest.fixture
def calls(bank) -> None:
    from portal.account_operations.calls import keep_calls

    told = [made_call(f"c{n}", ago(hours=n), caller=f"1212555{n:04}") for n in range(60)]
    keep_calls(bank, [*told, made_call("own", ago(days=3), called="13125550199")])


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 61),
        ("number=%28312%29+555-0199", 1),
        ("number=%2B13125550199", 1),
        ("number=5550007", 1),
        ("number=55", 0),
        ("number=words", 0),
        ("since=2999-01-01", 0),
        ("until=1999-01-01", 0),
        ("since=nonsense", 0),
    ],
)
def test_calls_are_found_by_number_and_day_and_exported_alike(
    query, count, client_for, viewer, bank, calls
):
    exported = page(client_for, viewer, bank, f"calls/export/?{query}")
    assert len(exported.splitlines()) == count + 1
    listed = page(client_for, viewer, bank, f"calls/?{query}&size=100")
    assert listed.count('data-label="Began"') == count


def test_pages_of_calls_go_on_from_the_last_row(client_for, viewer, bank, calls):
    client = client_for(viewer)
    first = client.get(f"/providers/{bank.pk}/calls/")
    rows = first.context["page"].rows
    second = client.get(f"/providers/{bank.pk}/calls/?{first.context['page'].next_query}")
    more = second.context["page"].rows
    assert (len(rows), len(more)) == (50, 11)
    assert rows[-1].started_at > more[0].started_at


def test_htmx_gets_the_table_alone(client_for, viewer, bank, calls):
    answer = client_for(viewer).get(f"/providers/{bank.pk}/calls/?number=0199", headers=HTMX)
    assert text_of(answer).lstrip().startswith('<div id="call-table"')


def test_calls_of_another_account_are_not_shown(client_for, viewer, bank, banks, calls):
    other = ProviderAccount.objects.create(
        slug="bank", name="Other", base_url="http://127.0.0.1:9", credentials={}
    )
    assert "No calls yet" in page(client_for, viewer, other, "calls/")


def test_the_pages_take_few_queries(client_for, viewer, bank, calls):
    for path in ("statement", "calls"):
        assert sql_count(client_for(viewer), f"/providers/{bank.pk}/{path}/") <= 10, path


def test_odd_text_of_a_provider_is_kept_without_what_the_database_cannot_hold(bank):
    from portal.account_operations.calls import keep_calls

    keep_calls(bank, [made_call("x" * 80, ago(hours=1), caller_name="A\x00" * 80, seconds=-4)])
    call = CallRecord.objects.get()
    assert (call.caller_name, call.seconds, len(call.call_ref)) == ("A" * 80, 0, 64)


def test_ends_of_calls_read_as_numbers_and_lead_to_ours(client_for, viewer, bank):
    from portal.account_operations.calls import keep_calls

    factories.make_tn("+13125550142", account=bank)
    keep_calls(bank, [made_call("a", ago(hours=1), caller="3125550142", called="anonymous")])
    keep_calls(bank, [made_call("b", ago(hours=2), caller="12125550177", called="8005550100")])
    shown = page(client_for, viewer, bank, "calls/")
    assert 'href="/numbers/+13125550142/">(312) 555-0142</a>' in shown
    assert "anonymous" in shown
    assert "(800) 555-0100" in shown
    assert shown.count('class="nd-tn"') == 1
