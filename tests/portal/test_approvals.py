"""The second person: who may decide, once, in time, about what was looked at; the pages of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from inventory.models import TelephoneNumber
from portal import approvals, tasks
from portal.jobs import NotAccepted
from portal.models import Approval, AuditEntry, Job
from tests import factories
from tests.portal.pages import HTMX, text_of

KIND = "inventory.release"
INTENT = {"numbers": {"tns": [], "mark": "0.0"}}


@pytest.fixture
def stock(db) -> list[TelephoneNumber]:
    account = factories.make_account()
    return [factories.make_tn(f"+1312555010{n}", account=account) for n in range(3)]


@pytest.fixture
def asked(operator, stock) -> Approval:
    """Return what Olga asked for: three numbers given back."""
    return factories.make_approval(operator, *stock, reason="Too many")


def path(approval: Approval, verb: str = "") -> str:
    return f"/approvals/{approval.pk}/{verb}{'/' if verb else ''}"


def approve(client, approval: Approval, typed: str = "3", **more: str):
    form = {"approve-typed": typed, "approve-reason": "Seen"} | more
    return client.post(path(approval, "approve"), form)


def ask(actor, key: str = "once") -> Approval:
    return approvals.ask(KIND, actor=actor, title="Give back", count=2, intent=INTENT, key=key)


def test_asking_records_and_does_nothing(operator, admin, stock):
    approval = ask(operator)
    assert approval.is_waiting
    assert approval.expires_at > timezone.now() + timedelta(days=2)
    assert not Job.objects.exists()
    entry = AuditEntry.objects.get(verb="portal.approval.asked")
    assert (entry.actor, entry.after["count"]) == (operator, 2)


def test_the_same_key_asks_once(operator, admin):
    assert ask(operator) == ask(operator)
    assert Approval.objects.count() == 1


def test_where_nobody_else_may_approve_nothing_is_asked(operator, viewer):
    with pytest.raises(NotAccepted, match="nobody else here may"):
        ask(operator)
    assert not Approval.objects.exists()


def test_a_person_who_was_switched_off_is_nobody(operator, admin):
    admin.is_active = False
    admin.save()
    with pytest.raises(NotAccepted):
        ask(operator)


@pytest.mark.parametrize(
    ("limit", "count", "always", "needed"),
    [
        (25, 25, False, False),
        (25, 26, False, True),
        (25, 1, True, False),
        (25, 2, True, True),
        (0, 9999, False, False),
        (0, 9999, True, False),
    ],
)
def test_the_setting_says_from_how_many_on(settings, limit, count, always, needed):
    settings.APPROVAL_ABOVE = limit
    assert approvals.is_needed(count, always=always) is needed


def test_approving_does_it_and_names_both_people(client_for, admin, operator, asked):
    response = approve(client_for(admin), asked)
    assert response["Location"] == path(asked)
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by, asked.decision_reason) == ("approved", admin, "Seen")
    job = Job.objects.get(kind="inventory.release_tns")
    assert (job.actor, job.params["approval"]) == (operator, asked.pk)
    entry = AuditEntry.objects.filter(verb="inventory.tn.releasing").first()
    assert entry.reason == f"Too many. Approved by {admin}."
    assert AuditEntry.objects.get(verb="portal.approval.approved").actor == admin
    page = text_of(client_for(admin).get(path(asked)))
    assert f"/jobs/{job.pk}/" in page
    assert path(asked) in text_of(client_for(admin).get(f"/jobs/{job.pk}/"))


def test_who_asked_cannot_approve(client_for, operator, asked):
    response = approve(client_for(operator), asked)
    assert response.status_code == 409
    assert "Somebody else than who asked must decide." in text_of(response)
    assert not Job.objects.exists()
    assert "Approve</button>" not in text_of(client_for(operator).get(path(asked)))


def test_the_database_refuses_it_too(operator, asked):
    rows = Approval.objects.filter(pk=asked.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(status="approved", decided_by=operator)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(status="refused")


def test_the_count_is_typed_for_what_nobody_can_undo(client_for, admin, asked):
    response = approve(client_for(admin), asked, typed="4")
    assert response.status_code == 422
    assert "This is not 3. Nothing was done." in text_of(response)
    assert not Job.objects.exists()


def test_approving_twice_does_it_once(client_for, admin, asked):
    client = client_for(admin)
    approve(client, asked)
    response = approve(client, asked)
    assert response.status_code == 409
    assert "It waits for nobody any more: approved." in text_of(response)
    assert Job.objects.count() == 1


def test_what_stands_against_it_meanwhile_is_told_and_nothing_goes(client_for, admin, asked, stock):
    TelephoneNumber.objects.filter(pk=stock[0].pk).update(legal_hold=True)
    page = text_of(client_for(admin).get(path(asked)))
    assert "is under legal hold." in page
    assert "Approve</button>" not in page
    response = approve(client_for(admin), asked)
    assert response.status_code == 409
    assert not Job.objects.exists()
    asked.refresh_from_db()
    assert asked.is_waiting


def test_a_number_that_is_gone_from_the_choice_stops_it(client_for, admin, asked, stock):
    stock[1].delete()
    response = approve(client_for(admin), asked)
    assert response.status_code == 409
    assert "Other numbers fit now than were looked at: 2 of them." in text_of(response)
    assert set(TelephoneNumber.objects.values_list("state", flat=True)) == {"stock"}


def test_who_may_not_ask_any_more_does_not_get_it(client_for, admin, operator, asked):
    operator.role = "viewer"
    operator.save()
    assert approve(client_for(admin), asked).status_code == 409
    assert not Job.objects.exists()


def test_refusing_wants_a_reason_and_tells_it(client_for, admin, operator, asked):
    client = client_for(admin)
    assert client.post(path(asked, "refuse"), {"refuse-reason": " "}).status_code == 422
    response = client.post(path(asked, "refuse"), {"refuse-reason": "Lakeside wants them"})
    assert response["Location"] == "/approvals/"
    asked.refresh_from_db()
    assert asked.status == "refused"
    home = text_of(client_for(operator).get("/"))
    assert f"{asked.title}: {admin} refused" in home
    assert "Lakeside wants them" in home


def test_who_asked_takes_it_back(client_for, admin, operator, asked):
    assert client_for(admin).post(path(asked, "withdraw")).status_code == 409
    client_for(operator).post(path(asked, "withdraw"))
    asked.refresh_from_db()
    assert asked.status == "withdrawn"
    assert approve(client_for(admin), asked).status_code == 409


def test_what_nobody_decided_in_time_is_over(client_for, admin, operator, asked):
    Approval.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert approve(client_for(admin), asked).status_code == 409
    assert "Nobody decided in time" in text_of(client_for(admin).get(path(asked)))
    tasks.expire_approvals()
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by) == ("expired", None)
    assert AuditEntry.objects.get(verb="portal.approval.expired").actor is None
    assert "nobody decided in time" in text_of(client_for(operator).get("/"))


def test_home_names_it_to_those_who_can_decide(client_for, admin, operator, viewer, asked):
    words = f"{asked.title}: {operator} asks for your approval"
    assert words in text_of(client_for(admin).get("/"))
    assert words not in text_of(client_for(operator).get("/"))
    assert words not in text_of(client_for(viewer).get("/"))


def test_the_lists_part_what_waits_from_what_was_decided(client_for, admin, operator, asked):
    client = client_for(admin)
    assert asked.title in text_of(client.get("/approvals/"))
    assert asked.title not in text_of(client.get("/approvals/?what=decided"))
    assert asked.title in text_of(client_for(operator).get("/approvals/?what=mine", headers=HTMX))
    approve(client, asked)
    assert "Nothing waits for a second person." in text_of(client.get("/approvals/"))
    assert asked.title in text_of(client.get("/approvals/?what=decided"))


def test_a_decision_by_htmx_loads_the_page_that_follows(client_for, admin, asked):
    form = {"refuse-reason": "No"}
    response = client_for(admin).post(path(asked, "refuse"), form, headers=HTMX)
    assert (response.status_code, response["HX-Redirect"]) == (204, "/approvals/")
