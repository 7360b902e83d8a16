"""One number: its page, what is ours to change, refresh, and giving back."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from inventory import services
from inventory.forms.number import NumberForm
from inventory.models import CarrierNumber, TelephoneNumber
from portal import audit
from portal.models import AuditEntry, Exchange, Job, JobItem, ProviderAccount
from tests import factories
from tests.portal.pages import HTMX, sql_count, text_of

TN = "+13125550142"
PAGE = f"/numbers/{TN}/"
WORDS = "Carrier words of VoiceTel"


@pytest.fixture
def account(db) -> ProviderAccount:
    return factories.make_account(name="VoiceTel main")


@pytest.fixture
def number(account, lakeside) -> TelephoneNumber:
    return factories.make_tn(
        TN,
        account=account,
        customer=lakeside,
        label="Front desk",
        monthly_cost="0.5",
        note="Ours alone",
        tier="TIER-77",
    )


@pytest.fixture
def mirror(number) -> CarrierNumber:
    return CarrierNumber.objects.create(
        account=number.account,
        tn=number.tn,
        state_word="assigned",
        route_ref="13550",
        route_name="Main SBC",
        network="NET-1",
        values={"forward_to": "+13125550177", "inbound_cnam": True},
        details={"refId": "R-9", "has911": "false"},
        synced_at=timezone.now(),
    )


def open_job(number: TelephoneNumber, status: str, **fields) -> Job:
    """Return a job about the number that is not settled."""
    fields = {"title": "Give it back", "kind": "inventory.release_tns", "reason": WORDS} | fields
    job = factories.make_job(account=number.account, status=status, total_count=1, **fields)
    JobItem.objects.create(job=job, position=0, target=number.tn, status="unknown", is_lock=True)
    return job


# --- The page


def test_the_page_tells_staff_everything(client_for, viewer, mirror):
    page = text_of(client_for(viewer).get(PAGE))
    expected = (
        *("(312) 555-0142", "Front desk", "VoiceTel main", "Lakeside Dental", "Main SBC"),
        *("$0.50", "Ours alone", "tier TIER-77", "assigned", "NET-1", "refId", "(312) 555-0177"),
    )
    for words in expected:
        assert words in page, words


@pytest.mark.parametrize("typed", ["3125550142", "312-555-0142", "(312) 555-0142", "13125550142"])
def test_other_spellings_lead_to_the_one_address(client_for, viewer, number, typed):
    assert client_for(viewer).get(f"/numbers/{typed}/")["Location"] == PAGE


@pytest.mark.parametrize("typed", ["nonsense", "5550142", "3.1256E+09", "+1", "%00", "9" * 40])
def test_what_is_no_number_is_not_found(client_for, viewer, number, typed):
    assert client_for(viewer).get(f"/numbers/{typed}/").status_code == 404


def test_a_customer_sees_his_number_and_nothing_of_ours(client_for, alice, mirror, operator):
    number = TelephoneNumber.objects.get(tn=TN)
    audit.record(
        operator,
        "inventory.tn.edited",
        number,
        before={"monthly_cost": "0.1111", "label": "Old label"},
        after={"monthly_cost": "0.5", "label": "Front desk"},
        reason=WORDS,
    )
    open_job(number, "running")
    page = text_of(client_for(alice).get(PAGE))
    assert "Old label" in page
    assert "(312) 555-0177" in page  # where his calls go
    hidden = (
        *("VoiceTel", "0.50", "0.1111", "Ours alone", "TIER-77", "NET-1", "refId", "assigned"),
        *("Main SBC", "Carrier words", "Refresh from provider", "Change…", "Give back…"),
    )
    for words in hidden:
        assert words not in page, words


def test_a_change_that_a_customer_may_not_know_of_is_not_in_his_timeline(
    client_for, alice, operator, number
):
    audit.record(operator, "inventory.tn.edited", number, before={"note": "a"}, after={"note": "b"})
    assert "Nothing has happened to it yet." in text_of(client_for(alice).get(PAGE))


def test_a_customer_does_not_see_what_was_before_it_was_his(client_for, alice, number):
    number.customer_id = None  # as it was then
    audit.record(None, "inventory.tn.imported", number, after={"state": "stock"})
    assert "imported" not in text_of(client_for(alice).get(PAGE))


def test_the_timeline_holds_changes_and_jobs_newest_first(client_for, viewer, operator, number):
    audit.record(
        operator,
        "inventory.tn.edited",
        number,
        before={"label": "", "deletion_lock": False},
        after={"label": "Front desk", "deletion_lock": True},
    )
    job = open_job(number, "unknown")
    page = text_of(client_for(viewer).get(PAGE)).split("Timeline")[1]
    assert "label: nothing → Front desk" in page
    assert "deletion lock: off → on" in page
    assert page.index("Give it back: outcome unknown") < page.index("Changed")
    assert f"/jobs/{job.pk}/" in page


def test_a_long_timeline_is_cut_and_all_of_it_is_a_click_away(client_for, viewer, number):
    for n in range(35):
        audit.record(None, "inventory.tn.edited", number, after={"label": f"Label {n}"})
    client = client_for(viewer)
    cut = text_of(client.get(PAGE))
    assert cut.count("<li class=") == 30
    assert f"{PAGE}?all" in cut
    whole = text_of(client.get(f"{PAGE}?all"))
    assert whole.count("<li class=") == 35
    assert "?all" not in whole


@pytest.mark.parametrize("count", [0, 60])
def test_the_page_takes_the_same_queries_whatever_happened(client_for, viewer, mirror, count):
    number = TelephoneNumber.objects.get(tn=TN)
    for _ in range(count):
        audit.record(None, "inventory.tn.edited", number, after={"label": "x"})
        job = open_job(number, "succeeded")
        job.items.update(status="succeeded")
        Exchange.objects.create(
            job=job, account=number.account, operation="x", is_write=False, method="POST"
        )
    assert sql_count(client_for(viewer), PAGE) <= 12


def test_a_look_that_failed_is_told_until_one_succeeds(client_for, operator, account):
    number = factories.make_tn(TN, account=account)
    job = factories.make_job(
        account=account, kind="inventory.read_features", status="failed", title="Read it"
    )
    item = JobItem.objects.create(
        job=job, position=0, target=TN, status="refused", message="The line broke.", is_applied=True
    )
    page = text_of(client_for(operator).get(PAGE))
    assert "could not be read again. The line broke." in page
    assert "Ask again" in page
    assert "Read it: failed" in page
    number.synced_at = item.updated_at + timedelta(seconds=1)
    number.save()
    assert "could not be read again" not in text_of(client_for(operator).get(PAGE))


def test_a_job_that_waits_behind_many_reads_is_still_shown(client_for, operator, account):
    number = factories.make_tn(TN, account=account)
    job = open_job(number, "unknown")
    for _ in range(40):
        read = factories.make_job(account=account, kind="inventory.read_features", status="failed")
        JobItem.objects.create(job=read, position=0, target=TN, status="refused", is_applied=True)
    page = text_of(client_for(operator).get(PAGE))
    assert job.title in page
    assert "Nothing is sent again until the provider says what it has." in page


def test_while_a_job_goes_on_as_before_the_rest_of_the_page_stays_as_it_is(
    client_for, operator, number
):
    """Else what somebody has opened on the page would close every few seconds."""
    job = open_job(number, "running")
    client = client_for(operator)
    address = re.search(r'hx-get="([^"]+/live/[^"]+)"', text_of(client.get(PAGE))).group(1)
    same = client.get(address, headers=HTMX)
    assert text_of(same).startswith('<div id="tn-open-job"')
    assert "HX-Retarget" not in same
    job.items.update(status="succeeded", is_applied=True)
    Job.objects.update(status="succeeded")
    done = client.get(address, headers=HTMX)
    assert done["HX-Retarget"] == "#tn-live"
    assert text_of(done).startswith('<div id="tn-live"')


def test_what_a_job_files_while_the_page_is_read_is_shown(client_for, operator, number):
    """The page stops asking with that answer."""
    job = open_job(number, "running")
    is_filed = False

    def read(execute, sql, *arguments):
        nonlocal is_filed
        found = execute(sql, *arguments)
        if 'FROM "inventory_telephonenumber"' in sql and not is_filed:
            is_filed = True
            TelephoneNumber.objects.update(tier="FILED-8")
            job.items.update(status="succeeded", is_applied=True)
            Job.objects.update(status="succeeded")
        return found

    client = client_for(operator)
    with connection.execute_wrapper(read):
        part = text_of(client.get(f"{PAGE}live/", headers=HTMX))
    assert is_filed
    assert "data-poll-version" in part or "FILED-8" in part


def test_the_calls_about_a_number_are_those_of_its_part_of_a_job(client_for, viewer, mirror):
    job = open_job(TelephoneNumber.objects.get(tn=TN), "running")
    for slice_of, operation in ((0, "itsOwn"), (1, "ofOthers"), (None, "ofTheWholeJob")):
        Exchange.objects.create(
            job=job,
            account=job.account,
            operation=operation,
            slice=slice_of,
            is_write=False,
            method="POST",
        )
    client = client_for(viewer)
    assert f"{PAGE}calls/" in text_of(client.get(PAGE))
    page = text_of(client.get(f"{PAGE}calls/"))
    assert "itsOwn" in page
    assert "ofTheWholeJob" in page
    assert "ofOthers" not in page


def test_a_number_without_calls_says_what_makes_one(client_for, viewer, number):
    assert "Refresh from provider" in text_of(client_for(viewer).get(f"{PAGE}calls/"))


@pytest.mark.parametrize(
    ("status", "sentence", "polls"),
    [
        ("unknown", "Nothing is sent again until the provider says what it has.", True),
        ("needs_review", "The number is locked until then.", False),
        ("running", "other changes to this number wait for it", True),
    ],
)
def test_an_open_job_shows_its_sentence_and_polls(
    client_for, operator, number, status, sentence, polls
):
    open_job(number, status)
    client = client_for(operator)
    for part in (text_of(client.get(PAGE)), text_of(client.get(f"{PAGE}live/", headers=HTMX))):
        assert sentence in part
        assert ("data-poll-version" in part) is polls
        assert WORDS in part or status != "running"


def test_a_difference_at_the_provider_is_said_to_staff(client_for, viewer, bob, number):
    TelephoneNumber.objects.filter(tn=TN).update(sync_state="missing", sync_note="Not in two lists")
    assert "Not in two lists" in text_of(client_for(viewer).get(PAGE))
    assert "Not in two lists" not in text_of(client_for(bob).get(PAGE))


# --- Editing


def values(**changes: str) -> dict[str, str]:
    start = {
        "label": "Front desk",
        "billing_id": "",
        "monthly_cost": "0.5000",
        "note": "Ours alone",
    }
    return start | changes


def test_what_is_ours_is_changed_and_audited_before_and_after(client_for, operator, number):
    response = client_for(operator).post(
        f"{PAGE}edit/", values(label="Reception", deletion_lock="on")
    )
    number.refresh_from_db()
    assert response["Location"] == PAGE
    assert (number.label, number.deletion_lock) == ("Reception", True)
    entry = AuditEntry.objects.get(verb="inventory.tn.edited")
    assert entry.actor == operator
    assert entry.before == {"label": "Front desk", "deletion_lock": False}
    assert entry.after == {"label": "Reception", "deletion_lock": True}


def test_saving_without_a_change_writes_nothing(client_for, operator, number):
    client_for(operator).post(f"{PAGE}edit/", values())
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"label": "x" * 81}, {"monthly_cost": "much"}, {"monthly_cost": "123456789"}]
)
def test_wrong_input_is_refused_and_kept_in_the_form(client_for, operator, number, wrong):
    response = client_for(operator).post(f"{PAGE}edit/", values(**wrong))
    page = text_of(response)
    assert response.status_code == 422
    assert "Nothing was saved." in page
    assert next(iter(wrong.values())) in page
    number.refresh_from_db()
    assert number.monthly_cost == Decimal("0.5")


def test_an_edit_leaves_the_state_that_a_worker_set_meanwhile(operator, number):
    form = NumberForm(
        values(label="Reception"), instance=TelephoneNumber.objects.get(tn=TN), user=operator
    )
    assert form.is_valid(), form.errors
    TelephoneNumber.objects.filter(tn=TN).update(state="suspended")
    services.edit_number(form, actor=operator)
    number.refresh_from_db()
    assert (number.label, number.state) == ("Reception", "suspended")


# --- Refresh


def test_refresh_is_a_job_and_two_clicks_are_one(client_for, operator, number):
    client = client_for(operator)
    for _ in range(2):
        assert client.post(f"{PAGE}refresh/")["Location"] == PAGE
    job = Job.objects.get()
    assert (job.kind, job.actor) == ("inventory.read_features", operator)


def test_refresh_by_htmx_returns_the_live_part(client_for, operator, number):
    response = client_for(operator).post(f"{PAGE}refresh/", headers=HTMX)
    part = text_of(response)
    assert response.status_code == 200
    assert part.lstrip().startswith('<div id="tn-live"')
    assert "is under way" in part


def test_a_refresh_that_the_provider_does_not_offer_is_a_sentence(
    client_for, operator, number, monkeypatch
):
    from portal import providers

    monkeypatch.setattr(providers, "offers", lambda slug, capability: False)
    monkeypatch.setattr(providers, "why_not", lambda slug, capability: "It cannot be asked.")
    client = client_for(operator)
    response = client.post(f"{PAGE}refresh/", headers=HTMX)
    assert response.status_code == 409
    assert "It cannot be asked. Nothing was sent." in text_of(response)
    assert "It cannot be asked." in text_of(client.post(f"{PAGE}refresh/", follow=True))
    assert not Job.objects.exists()
