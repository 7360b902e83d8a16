"""Settling by a person what no provider could tell."""

from __future__ import annotations

import pytest

from portal.models import AuditEntry, Job
from tests import factories
from tests.portal.ledger import TN, account, make_job
from tests.portal.pages import text_of

__all__ = ["account", "make_job"]


@pytest.fixture
def doubtful(make_job, account):
    """Return a job that a person must settle: two numbers that may have been given back."""
    rows = ((TN, "unknown"), ("+13125550143", "unknown"))
    for tn, _ in rows:
        factories.make_tn(tn, account=account, state="releasing", previous_state="stock")
    return make_job(*rows, status="needs_review", unknown_count=2)


def verdicts(job: Job, *words: str) -> dict[str, str]:
    items = job.items.order_by("position")
    return {f"item-{item.pk}": word for item, word in zip(items, words, strict=False)}


def test_an_administrator_settles_what_nobody_could_tell(client_for, admin, doubtful):
    values = verdicts(doubtful, "done", "not_done") | {"reason": "Seen in their back office"}
    response = client_for(admin).post(f"/jobs/{doubtful.pk}/review/", values, follow=True)
    doubtful.refresh_from_db()
    assert doubtful.status == "partial"
    assert "is settled as you said." in text_of(response)
    states = [item.status for item in doubtful.items.order_by("position")]
    assert states == ["succeeded", "refused"]
    entry = AuditEntry.objects.get(verb="jobs.settled_by_person")
    assert (entry.actor, entry.reason) == (admin, "Seen in their back office")


@pytest.mark.parametrize(
    ("words", "reason", "sentence"),
    [
        (("done", "done"), "", "Say how you know. Nothing was changed."),
        (("done", "done"), "   ", "Say how you know. Nothing was changed."),
        (("done",), "I saw it", "Say for every row whether it was carried out."),
        (("done", "perhaps"), "I saw it", "Say for every row whether it was carried out."),
    ],
)
def test_half_a_verdict_settles_nothing_and_keeps_what_was_typed(
    client_for, admin, doubtful, words, reason, sentence
):
    values = verdicts(doubtful, *words) | {"reason": reason}
    response = client_for(admin).post(f"/jobs/{doubtful.pk}/review/", values)
    page = text_of(response)
    assert response.status_code == 422
    assert sentence in page
    assert 'value="done" required checked' in page
    assert f'value="{reason}"' in page
    doubtful.refresh_from_db()
    assert doubtful.status == "needs_review"


def test_a_job_that_was_settled_meanwhile_is_a_conflict(client_for, admin, doubtful):
    values = verdicts(doubtful, "done", "done") | {"reason": "I saw it"}
    client = client_for(admin)
    client.post(f"/jobs/{doubtful.pk}/review/", values)
    response = client.post(f"/jobs/{doubtful.pk}/review/", values)
    assert response.status_code == 409
    assert "does not wait for a person" in text_of(response)


def test_an_operator_reads_that_an_administrator_settles_it(client_for, operator, doubtful):
    page = text_of(client_for(operator).get(f"/jobs/{doubtful.pk}/"))
    assert "An administrator settles it" in page
    assert "Settle this job" not in page
