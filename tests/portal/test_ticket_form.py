"""The form of a new ticket: which help desk it goes to."""

from __future__ import annotations

from django.utils import timezone

from portal.models import Job, ProviderAccount
from tests import factories
from tests.portal.pages import text_of


def test_a_ticket_goes_to_the_account_that_was_chosen(client_for, operator, db):
    client = client_for(operator)
    factories.make_account("voicetel", name="Main desk")
    assert "Choose an account" not in text_of(client.get("/tickets/new/"))  # there is but one
    other = factories.make_account("voicetel", name="Another desk")
    paused = {"paused_at": timezone.now(), "pause_reason": "Works at the carrier"}
    ProviderAccount.objects.filter(pk=other.pk).update(**paused)
    page = text_of(client.get("/tickets/new/"))
    assert "Choose an account" in page
    assert "Another desk (paused)" in page
    answer = client.post("/tickets/new/", {"subject": "S", "message": "M", "key": "t-1"})
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_an_account_that_is_switched_off_takes_no_ticket(client_for, operator, db):
    account = factories.make_account("voicetel", name="Main desk")
    ProviderAccount.objects.filter(pk=account.pk).update(is_enabled=False)
    facts = {"account": account.pk, "subject": "S", "message": "M", "key": "t-1"}
    assert client_for(operator).post("/tickets/new/", facts).status_code == 422
