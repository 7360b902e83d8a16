"""Support tickets: brought here, read, answered, closed, deleted; lost writes are settled by reading."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from portal import jobs, ticket_page, tickets, unsafe_html
from portal.account_operations.tickets import plain_text
from portal.jobs.submit import new_key
from portal.models import AuditEntry, Exchange, Job, ProviderAccount, SupportMessage, SupportTicket
from portal.providers.dto.support import Attachment, TicketStatus
from portal.providers.errors import ProviderTimeout, ProviderUnavailable
from portal.tasks import run_job
from tests import factories
from tests.portal.bank import Bank, banks, made_message, made_ticket
from tests.portal.pages import HTMX, sql_count, text_of

__all__ = ["banks"]
TN_1 = "+13125550142"


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def bank(banks) -> ProviderAccount:
    return banks["bank"]


@pytest.fixture
def desk(bank) -> ProviderAccount:
    """Return the account, whose help desk has one ticket with a question and an answer."""
    thread = (
        made_message("1", "No audio on (312) 555-0142"),
        made_message("2", "We look.", kind="message", name="Dana"),
    )
    Bank.state["tickets"] = {
        "7": made_ticket(
            "7",
            subject="No audio on 312-555-0142",
            status=TicketStatus.PENDING,
            messages=thread,
            preview="We look.",
        )
    }
    return bank


@pytest.fixture
def ticket(desk, operator, run_jobs) -> SupportTicket:
    jobs.submit("portal.sync_tickets", actor=operator, account=desk)
    run_jobs()
    return SupportTicket.objects.get()


@pytest.fixture
def send(client_for, operator, ticket, run_jobs):
    """Return a function that posts to the ticket's pages and lets the job run."""

    def do(verb: str, user=None, **values: str) -> Job:
        values.setdefault("key", new_key())
        client_for(user or operator).post(f"/tickets/{ticket.pk}/{verb}/", values)
        run_jobs()
        return Job.objects.latest("pk")

    return do


def sent(operation: str) -> int:
    return Exchange.objects.filter(operation=operation).count()


def test_files_beside_a_message_are_named_and_lead_to_the_provider(
    ticket, client_for, operator, viewer
):
    files = (
        Attachment(ref="1", name="trace.pcap", url="https://desk.example.net/f/1", size=2048),
        Attachment(ref="2", name="<b>odd</b>.js", url="javascript:alert(1)"),
        Attachment(ref="3", name="", url="http://desk.example.net/plain"),
    )
    message = replace(made_message("9", "See the trace."), attachments=files)
    tickets.keep_messages(ticket, [message])
    tickets.keep_messages(ticket, [message])
    page = text_of(client_for(operator).get(f"/tickets/{ticket.pk}/"))
    assert page.count('href="https://desk.example.net/f/1"') == 1
    assert "trace.pcap" in page
    assert "2.0\xa0KB" in page
    assert "&lt;b&gt;odd&lt;/b&gt;.js" in page
    assert "javascript:" not in page
    assert "http://desk.example.net/plain" not in page
    assert "Files cannot be sent from here" in page
    assert "Files cannot be sent from here" not in text_of(
        client_for(viewer).get(f"/tickets/{ticket.pk}/")
    )


def test_a_sync_brings_tickets_with_threads_and_links_them_to_numbers(ticket):
    assert (ticket.shown_number, ticket.status, ticket.tn) == ("97", "pending", TN_1)
    assert [m.is_ours for m in ticket.messages.all()] == [True, False]
    assert ticket.messages_at is not None


def test_a_preview_reads_as_it_was_written_and_stays_text(desk, client_for, viewer):
    tickets.keep(desk, made_ticket("8", preview="Call &lt;b&gt;77&lt;/b&gt;"))
    assert SupportTicket.objects.get().preview == "Call <b>77</b>"
    assert "Call &lt;b&gt;77" in text_of(client_for(viewer).get("/tickets/"))


def test_a_thread_is_read_again_only_when_the_ticket_changed(ticket, desk, operator, run_jobs):
    for _ in range(2):
        jobs.submit("portal.sync_tickets", actor=operator, account=desk)
        run_jobs()
    assert sent("ticket") == 1
    told = Bank.state["tickets"]["7"]
    later = made_ticket("7", messages=(*told.messages, made_message("3", "Done.", kind="message")))
    Bank.state["tickets"]["7"] = later
    jobs.submit("portal.sync_tickets", actor=operator, account=desk)
    run_jobs()
    assert sent("ticket") == 2
    assert ticket.messages.count() == 3


def test_what_is_no_longer_listed_is_kept_and_marked(ticket, desk, operator, run_jobs, client_for):
    Bank.state["tickets"] = {}
    jobs.submit("portal.sync_tickets", actor=operator, account=desk)
    run_jobs()
    ticket.refresh_from_db()
    assert ticket.missing_since is not None
    page = text_of(client_for(operator).get(f"/tickets/{ticket.pk}/"))
    assert "does not list this ticket" in page
    assert "Answer</h2>" not in page


def test_a_link_made_by_hand_outlives_a_sync(ticket, desk, operator, run_jobs, client_for):
    client_for(operator).post(f"/tickets/{ticket.pk}/link/", {"tn": "(404) 555-0199"})
    jobs.submit("portal.sync_tickets", actor=operator, account=desk)
    run_jobs()
    ticket.refresh_from_db()
    assert ticket.tn == "+14045550199"
    assert AuditEntry.objects.get(verb="portal.ticket.linked").before == {"number": TN_1}
    audit = text_of(client_for(operator).get("/audit/?verb=portal.ticket"))
    assert f'href="/tickets/{ticket.pk}/"' in audit


def test_a_number_that_is_not_ours_is_named_and_leads_nowhere(ticket, desk, client_for, viewer):
    client = client_for(viewer)
    for url in ("/tickets/", f"/tickets/{ticket.pk}/"):
        assert "(312) 555-0142" in text_of(client.get(url))
        assert f'href="/numbers/{TN_1}/"' not in text_of(client.get(url))
    factories.make_tn(TN_1, account=desk)
    for url in ("/tickets/", f"/tickets/{ticket.pk}/"):
        assert f'href="/numbers/{TN_1}/"' in text_of(client.get(url))


def test_a_link_to_no_number_is_refused_with_the_form(ticket, client_for, operator):
    answer = client_for(operator).post(f"/tickets/{ticket.pk}/link/", {"tn": "12"})
    assert answer.status_code == 422
    assert "12" in text_of(answer)


def test_an_answer_reaches_the_help_desk_and_comes_back_in_the_thread(
    ticket, send, client_for, viewer
):
    assert send("reply", message="Still <silent>.\nSorry.").status == "succeeded"
    ticket.refresh_from_db()
    assert ticket.status == "active"
    page = text_of(client_for(viewer).get(f"/tickets/{ticket.pk}/"))
    assert "Still &lt;silent&gt;.<br>Sorry." in page
    assert AuditEntry.objects.filter(verb="portal.ticket.answered").count() == 1


def test_the_same_form_sent_twice_is_one_message(ticket, send):
    key = new_key()
    send("reply", message="Once", key=key)
    send("reply", message="Once", key=key)
    assert sent("reply") == 1


def test_an_empty_answer_is_refused_with_the_form(ticket, client_for, operator):
    answer = client_for(operator).post(f"/tickets/{ticket.pk}/reply/", {"key": "k", "message": ""})
    assert answer.status_code == 422
    assert not Job.objects.filter(kind="portal.reply_ticket").exists()


@pytest.mark.parametrize("code", ["done", ""])
def test_a_lost_answer_is_settled_by_reading_the_thread(code, ticket, send):
    Bank.script.append(ProviderTimeout("No answer.", code=code))
    job = send("reply", message="Hello\nthere")
    if code == "done":
        assert job.status == "succeeded"
        assert sent("reply") == 1
    else:
        assert job.status in {"unknown", "queued"}  # believed after half a minute only
        Exchange.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
        for _ in range(3):
            Job.objects.filter(pk=job.pk).update(run_after=timezone.now())
            jobs.execute(job.pk)
        job.refresh_from_db()
        assert job.status == "succeeded"
        assert sent("reply") == 2
    thread = [m.body for m in SupportMessage.objects.filter(ticket=ticket)]
    assert thread.count("<p>Hello<br />there</p>") == 1


def test_a_reply_that_reads_otherwise_is_left_to_a_person(ticket, send):
    Bank.script.append(ProviderTimeout("No answer."))
    told = Bank.state["tickets"]["7"]
    Bank.state["tickets"]["7"] = made_ticket(
        "7", messages=(*told.messages, made_message("3", "Hello (changed by the desk)"))
    )
    assert send("reply", message="Hello").status in {"unknown", "needs_review"}
    assert sent("reply") == 1


def test_a_help_desk_that_is_down_is_tried_again(ticket, send):
    Bank.script.append(ProviderUnavailable("Down."))
    assert send("reply", message="Hello").status == "succeeded"


@pytest.mark.parametrize("code", ["", "done", "none"])
def test_a_status_is_changed_and_both_are_audited(code, ticket, send):
    if code != "none":
        Bank.script.append(ProviderTimeout("No answer.", code=code))
    job = send("status", status="closed")
    if code == "":
        assert job.status in {"unknown", "queued"}
        return
    assert job.status == "succeeded"
    ticket.refresh_from_db()
    assert ticket.status == "closed"
    entry = AuditEntry.objects.get(verb="portal.ticket.status_changed")
    assert (entry.before, entry.after) == ({"status": "pending"}, {"status": "closed"})


def test_the_same_status_sends_nothing(ticket, send):
    send("status", status="pending")
    assert sent("status") == 0


def test_a_status_that_is_none_is_refused(ticket, client_for, operator):
    answer = client_for(operator).post(
        f"/tickets/{ticket.pk}/status/", {"key": "k", "status": "burnt"}
    )
    assert answer.status_code == 422


def test_a_deletion_wants_the_word_and_an_administrator(ticket, send, client_for, admin, operator):
    Bank.state["is_admin"] = True
    url = f"/tickets/{ticket.pk}/delete/"
    assert client_for(operator).get(url).status_code == 403
    assert client_for(admin).post(url, {"key": "k", "word": "yes"}).status_code == 422
    assert sent("delete") == 0
    assert send("delete", user=admin, word="DELETE").status == "succeeded"
    assert not SupportTicket.objects.exists()
    assert AuditEntry.objects.get(verb="portal.ticket.deleted").before["number"] == "97"


def test_a_lost_deletion_is_settled_by_looking(ticket, send, admin):
    Bank.state["is_admin"] = True
    Bank.script.append(ProviderTimeout("No answer.", code="done"))
    assert send("delete", user=admin, word="DELETE").status == "succeeded"
    assert not SupportTicket.objects.exists()


def test_where_deleting_is_not_allowed_the_button_gives_way_to_the_reason(
    ticket, send, client_for, admin
):
    assert send("delete", user=admin, word="DELETE").status == "failed"
    page = text_of(client_for(admin).get(f"/tickets/{ticket.pk}/"))
    assert "Admin only" in page
    assert f"/tickets/{ticket.pk}/delete/" not in page


@pytest.fixture
def write(client_for, operator, bank, run_jobs):
    """Return a function that sends the form for a new ticket and lets the job run."""

    def do(**values: str) -> Job:
        facts = {"account": str(bank.pk), "subject": "Slow port", "message": "Please look."}
        facts |= {"key": new_key(), "tn": "312 555 0142"} | values
        client_for(operator).post("/tickets/new/", facts)
        run_jobs()
        return Job.objects.latest("pk")

    return do


def test_a_new_ticket_is_filed_with_its_number(write, client_for, operator):
    job = write()
    assert job.status == "succeeded"
    ticket = SupportTicket.objects.get()
    assert (ticket.subject, ticket.tn) == ("Slow port", TN_1)
    assert f"/tickets/{ticket.pk}/" in text_of(client_for(operator).get(f"/jobs/{job.pk}/"))


def test_a_new_ticket_whose_answer_was_lost_is_found_and_not_written_twice(write):
    Bank.script.append(ProviderTimeout("No answer.", code="done"))
    assert write().status == "succeeded"
    assert sent("open") == 1
    assert SupportTicket.objects.get().tn == TN_1


def test_what_the_wire_cannot_carry_is_refused_with_words(write):
    job = write(message="unsendable")
    assert job.status == "failed"
    assert "odd words" in job.items.get().message
    assert not SupportTicket.objects.exists()


def test_a_form_that_is_wrong_sends_nothing(client_for, operator, bank):
    answer = client_for(operator).post("/tickets/new/", {"account": bank.pk, "tn": "no number"})
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_a_numbers_page_leads_to_its_tickets_and_to_a_new_one(ticket, desk, client_for, operator):
    factories.make_tn(TN_1, account=desk)
    page = text_of(client_for(operator).get(f"/numbers/{TN_1}/"))
    assert f"/tickets/{ticket.pk}/" in page
    form = text_of(client_for(operator).get(f"/tickets/new/?tn=%2B13125550142&account={desk.pk}"))
    assert f'value="{TN_1}"' in form


def test_customers_see_nothing_of_tickets(ticket, desk, client_for, alice, lakeside):
    factories.make_tn(TN_1, account=desk, customer=lakeside)
    client = client_for(alice)
    assert "Ticket" not in text_of(client.get(f"/numbers/{TN_1}/"))
    assert "No audio" not in text_of(client.get("/"))
    assert "/tickets/" not in text_of(client.get("/search/?q=No+audio"))
    assert client.get(f"/tickets/{ticket.pk}/").status_code == 403


def test_home_tells_of_answers_that_wait_and_the_search_finds_them(ticket, client_for, viewer):
    client = client_for(viewer)
    assert "Bank main answered: No audio" in text_of(client.get("/"))
    assert f"/tickets/{ticket.pk}/" in text_of(client.get("/search/?q=audio"))
    for typed in ("97", "312.555.0142"):
        assert f"/tickets/{ticket.pk}/" in text_of(client.get("/search/", {"q": typed})), typed
    assert client.get("/search/?q=ticket+97")["Location"] == f"/tickets/{ticket.pk}/"
    SupportTicket.objects.update(status="closed")
    assert list(ticket_page.home_tasks(viewer)) == []


def test_the_search_leaves_out_what_is_gone_and_leads_to_all_the_others(desk, client_for, viewer):
    for n in range(6):
        tickets.keep(desk, made_ticket(f"x{n}", subject="R&D trunk"))
    page = text_of(client_for(viewer).get("/search/", {"q": "R&D trunk"}))
    assert page.count('href="/tickets/') == 7  # five, the list, and the rail's
    assert "/tickets/?q=R%26D+trunk" in page
    SupportTicket.objects.update(missing_since=timezone.now())
    assert "R&amp;D trunk</a>" not in text_of(client_for(viewer).get("/search/?q=R%26D"))


def test_the_page_follows_what_is_under_way_and_tells_what_failed(ticket, client_for, operator):
    client, url = client_for(operator), f"/tickets/{ticket.pk}/"
    assert "data-poll" not in text_of(client.get(url)).split("<main")[1]
    client.post(f"{url}reply/", {"key": new_key(), "message": "Hello"})
    page = text_of(client.get(url)).split("<main")[1]
    assert "Answer ticket 97</strong> is under way" in page
    assert 'hx-select="#ticket-job"' in page
    Job.objects.filter(kind="portal.reply_ticket").update(
        status="failed", reason="The help desk said no.", finished_at=timezone.now()
    )
    SupportTicket.objects.update(synced_at=timezone.now())  # a later look does not hide it
    page = text_of(client.get(url)).split("<main")[1]
    assert "The help desk said no." in page
    assert "data-poll" not in page


def test_what_a_person_must_settle_is_not_called_under_way(ticket, client_for, operator):
    client, url = client_for(operator), f"/tickets/{ticket.pk}/"
    client.post(f"{url}reply/", {"key": new_key(), "message": "Hello"})
    Job.objects.filter(kind="portal.reply_ticket").update(status="needs_review")
    page = text_of(client.get(url)).split("<main")[1]
    assert "waits for a person" in page
    assert "under way." not in page
    assert "data-poll" not in page


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("", True),
        ("q=AUDIO", True),
        ("q=we+look", True),
        ("q=97", True),
        ("q=%2397", True),
        ("q=elsewhere", False),
        ("status=open", True),
        ("status=closed", False),
        ("status=burnt", False),
        ("number=312.555.0142", True),
        ("number=312.555.0143", False),
        ("number=x", False),
        ("account=0", False),
    ],
)
def test_tickets_are_found_and_exported_alike(query, is_found, ticket, client_for, viewer):
    client = client_for(viewer)
    listed = text_of(client.get(f"/tickets/?{query}", headers=HTMX))
    assert (f"/tickets/{ticket.pk}/" in listed) == is_found
    assert len(text_of(client.get(f"/tickets/export/?{query}")).splitlines()) == 1 + is_found


def test_one_button_asks_every_help_desk(desk, banks, client_for, operator):
    client_for(operator).post("/tickets/ask/")
    assert [job.account for job in Job.objects.all()] == [desk]


def test_a_paused_help_desk_is_not_asked_and_named(desk, banks, client_for, operator):
    ProviderAccount.objects.filter(pk=desk.pk).update(
        paused_at=timezone.now(), pause_reason="Contract ends."
    )
    answer = client_for(operator).post("/tickets/ask/", follow=True)
    assert "Bank main is paused: Contract ends. Nothing was sent to it." in text_of(answer)
    assert not Job.objects.exists()


def test_without_a_help_desk_the_list_says_so(client_for, operator, banks):
    ProviderAccount.objects.filter(slug="bank").delete()
    page = text_of(client_for(operator).get("/tickets/"))
    assert "No help desk to write to" in page
    assert "/tickets/new/" not in page


def test_the_pages_take_few_queries(ticket, client_for, operator, desk):
    for n in range(30):
        tickets.keep(desk, made_ticket(f"x{n}"))
    for url in ("/tickets/", f"/tickets/{ticket.pk}/"):
        assert sql_count(client_for(operator), url) <= 10, url


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '<img src="http://track.example.net/1.gif">',
        '<a href="javascript:alert(1)">x</a>',
        '<p onclick="x()" style="position:fixed">x</p>',
        '<form action="/jobs/1/cancel/"><button>x</button></form>',
        "<svg><script>x</script></svg>",
        '<div id="job-live" hx-get="/jobs/">x</div>',
    ],
)
def test_odd_html_is_made_harmless(evil):
    shown = unsafe_html.clean(evil)
    for word in ("script", "javascript", "onclick", "style", "<img", "<form", "hx-", "id="):
        assert word not in shown


def test_a_thread_is_shown_sanitised(ticket, client_for, viewer):
    SupportMessage.objects.filter(is_ours=False).update(
        body='<p>Hi <b>you</b><script>x</script><a href="https://example.net">there</a></p>'
    )
    page = text_of(client_for(viewer).get(f"/tickets/{ticket.pk}/"))
    assert "<b>you</b>" in page
    assert "<script>x" not in page
    assert 'rel="noopener noreferrer nofollow"' in page


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_a_message_reads_the_same_before_and_after_a_help_desk(text):
    assert unsafe_html.plain(made_message("1", text).unsafe_html) == plain_text(text)


@given(st.text(max_size=80))
def test_no_text_breaks_the_search_for_a_number(text):
    found = tickets.number_in(text)
    assert found == "" or (found.startswith("+1") and len(found) == 12)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Re: (312) 555-0142 is silent", TN_1),
        ("+1 312.555.0142", TN_1),
        ("order 123125550142999", ""),
        ("911 and 411", ""),
        ("", ""),
    ],
)
def test_the_first_number_of_a_subject_is_its_link(text, number):
    assert tickets.number_in(text) == number
