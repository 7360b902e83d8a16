"""The rows of the lists of approvals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from portal.models import Approval, User
from tests import factories
from tests.portal.pages import ESCAPED, HOSTILE, body_of, next_query, sql_count, text_of

WHAT = ["", "?what=mine", "?what=decided"]


def ask(asked_by: User, **fields) -> Approval:
    approval = factories.make_approval(asked_by, **fields)
    Approval.objects.filter(pk=approval.pk).update(count=1500)
    return approval


def decided(approval: Approval, by: User) -> None:
    Approval.objects.filter(pk=approval.pk).update(
        status="approved", decided_by=by, decided_at=timezone.now()
    )


def row_of(client, what: str = "") -> str:
    return body_of(client.get(f"/approvals/{what}"))


def test_what_waits_says_until_when(client_for, admin, operator, monkeypatch):
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    approval = ask(operator, title="Give 1,500 numbers back", reason="Too many", asked_at=now)
    Approval.objects.update(expires_at=now + timedelta(days=3, hours=9, minutes=5))
    User.objects.update(time_zone="America/Chicago")
    row = row_of(client_for(admin))
    named = f'<a href="/approvals/{approval.pk}/">Give 1,500 numbers back</a>'
    assert f'<th scope="row" data-label="What">{named}<small>Too many</small></th>' in row
    assert "Waits for approval" in row
    assert 'class="is-num" data-label="Numbers">1,500</td>' in row
    assert 'data-label="Asked by">Olga Operator<small><time' in row
    assert '<td data-label="Until">Mar 6, 15:05</td>' in row


def test_what_was_decided_says_by_whom(client_for, admin, operator):
    decided(ask(operator), admin)
    row = row_of(client_for(admin), "?what=decided")
    assert '<td data-label="Decided by">Ada Admin<small><time' in row
    assert 'data-label="Until"' not in row


def test_who_has_no_name_is_shown_by_address(client_for, admin, operator):
    decided(ask(operator), admin)
    User.objects.update(name="")
    row = row_of(client_for(admin), "?what=decided")
    assert f'data-label="Asked by">{operator.email}<small>' in row
    assert f'data-label="Decided by">{admin.email}<small>' in row


def test_what_lapsed_says_so_though_the_page_is_kept(client_for, admin, operator):
    ask(operator)
    mine = client_for(operator)
    assert "Waits for approval" in row_of(mine, "?what=mine")
    Approval.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    late = row_of(mine, "?what=mine")
    assert "Nobody decided in time" in late
    assert '<td data-label="Decided by">–</td>' in late
    client = client_for(admin)
    assert "Nothing waits for a second person." in text_of(client.get("/approvals/"))
    assert "Nobody decided in time" in row_of(client, "?what=decided")


def test_what_people_wrote_stays_text(client_for, admin, operator):
    approval = ask(operator, title=HOSTILE, reason=HOSTILE)
    User.objects.filter(pk=operator.pk).update(name=HOSTILE)
    client = client_for(admin)
    assert row_of(client).count(ESCAPED) == 3
    decided(approval, factories.make_user("administrator", name=HOSTILE))
    assert row_of(client, "?what=decided").count(ESCAPED) == 4
    assert HOSTILE not in text_of(client.get("/approvals/?what=decided"))


def test_pages_follow_each_other(client_for, admin, operator):
    for n in range(30):
        ask(operator, title=f"Wish {n:02}", asked_at=timezone.now() - timedelta(minutes=n // 2))
    client = client_for(admin)
    first = client.get("/approvals/?size=25")
    shown = body_of(first) + body_of(client.get(f"/approvals/?{next_query(first)}"))
    assert all(f">Wish {n:02}</a>" in shown for n in range(30))


@pytest.mark.parametrize("what", WHAT)
def test_the_lists_take_few_statements(client_for, admin, operator, what):
    for _ in range(60):
        ask(operator)
    assert sql_count(client_for(admin), f"/approvals/{what}") <= 8
