"""The export of numbers: exactly what is listed, safe in a spreadsheet, and streamed."""

from __future__ import annotations

import csv
import io
import tracemalloc

import pytest
from django.db import connection

from portal import copying
from portal.export import safe_cell
from tests import factories
from tests.portal.pages import text_of


def rows_of(response) -> list[dict[str, str]]:
    """Return the rows of a download by the words of its head."""
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(text_of(response))))


@pytest.fixture
def numbers(lakeside):
    account = factories.make_account(name="VoiceTel main")
    for n in range(3):
        factories.make_tn(f"+1312555010{n}", account=account, label=f"Line {n}")
    factories.make_tn(
        "+13125550142",
        account=account,
        customer=lakeside,
        monthly_cost="0.5",
        note="Ours alone",
        tags=["fax", "vip"],
    )


def test_the_export_holds_every_column(client_for, viewer, numbers):
    row = rows_of(client_for(viewer).get("/numbers/export/"))[-1]
    assert row["number"] == "+13125550142"
    assert (row["provider"], row["customer"], row["state"]) == (
        "VoiceTel main",
        "LAKE",
        "in_service",
    )
    assert (row["monthly_cost"], row["note"]) == ("0.5000", "Ours alone")
    assert (row["tags"], row["label"], row["deletion_lock"]) == ("fax, vip", "", "False")


def test_the_export_has_the_filters_and_the_order_of_the_list(client_for, viewer, numbers):
    rows = rows_of(client_for(viewer).get("/numbers/export/?state=stock&sort=-label"))
    assert [row["label"] for row in rows] == ["Line 2", "Line 1", "Line 0"]


def test_the_list_links_to_the_export_of_what_it_shows(client_for, viewer, numbers):
    page = text_of(client_for(viewer).get("/numbers/?state=stock&sort=-tn&col=lata&size=25"))
    assert '/numbers/export/?state=stock&amp;sort=-tn"' in page


def test_only_chosen_numbers_are_exported(client_for, viewer, numbers):
    address = "/numbers/export/?picked=1&tn=%2B13125550101&tn=%2B13125550142&tn=%00&tn=x"
    rows = rows_of(client_for(viewer).get(address))
    assert [row["number"] for row in rows] == ["+13125550101", "+13125550142"]


def test_no_choice_exports_nothing_instead_of_everything(client_for, viewer, numbers):
    response = client_for(viewer).get("/numbers/export/?picked=1", follow=True)
    assert "nothing was exported" in text_of(response)


def test_a_customer_exports_his_own_without_what_is_ours(client_for, alice, charlie, numbers):
    rows = rows_of(client_for(alice).get("/numbers/export/"))
    assert [row["number"] for row in rows] == ["+13125550142"]
    hidden = {"provider", "tags", "tier", "monthly_cost", "deletion_lock", "sync", "note"}
    assert not hidden & set(rows[0])
    assert "Ours alone" not in str(rows)
    assert rows_of(client_for(charlie).get("/numbers/export/")) == []


def test_a_stranger_cannot_choose_a_number_of_others(client_for, charlie, numbers):
    address = "/numbers/export/?picked=1&tn=%2B13125550142"
    assert "nothing was exported" in text_of(client_for(charlie).get(address, follow=True))


@pytest.mark.parametrize(
    "label", ["=1+2", "+cmd|x", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x")']
)
def test_a_spreadsheet_runs_nothing_of_it(client_for, viewer, label):
    factories.make_tn("+13125550142", label=label)
    row = rows_of(client_for(viewer).get("/numbers/export/"))[0]
    assert row["label"] == f"'{label}"
    assert row["number"] == "+13125550142"  # E.164 begins with a plus and is no formula


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("", ""),
        (0, "0"),
        ("+13125550142", "+13125550142"),
        ("+1 312", "'+1 312"),
        ("plain, with comma", "plain, with comma"),
    ],
)
def test_cells_are_text_that_is_only_shown(value, cell):
    assert safe_cell(value) == cell


@pytest.mark.parametrize("sort", ["tn", "-tn", "label", "-label", "since", "-updated"])
def test_pieces_join_without_a_gap_or_a_double(client_for, viewer, sort, monkeypatch):
    for n in range(23):
        label, note = f"Line {n % 4}", 'Two\nlines, and "more"' if n % 3 else ""
        factories.make_tn(f"+1312555{n:04}", label=label, note=note)
    monkeypatch.setattr(copying.copied, "__kwdefaults__", {"default": "", "piece": 5})
    rows = rows_of(client_for(viewer).get(f"/numbers/export/?sort={sort}"))
    assert len({row["number"] for row in rows}) == len(rows) == 23
    if sort.endswith("label"):
        labels = [row["label"] for row in rows]
        assert labels == sorted(labels, reverse=sort.startswith("-"))
    assert {row["note"] for row in rows} == {'Two\nlines, and "more"', ""}


def test_twenty_thousand_rows_are_streamed_in_flat_memory(client_for, viewer):
    account = factories.make_account()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO inventory_telephonenumber
                (tn, npa, nxx, state, state_since, previous_state, account_id, label, billing_id,
                 deletion_lock, note, rate_center, region, lata, tier, wanted, sync_state,
                 sync_note, e911_state, messaging_state, port_state, created_at, updated_at)
            SELECT '+1312' || (5550000 + n), '312', '555', 'stock', now(), '', %s, 'Line ' || n, '',
                   false, '', 'CHICAGO', 'IL', '358', '0', '{}', 'in_sync', '', 'none', 'off', '',
                   now(), now()
            FROM generate_series(1, 20000) n
            """,
            [account.pk],
        )
    response = client_for(viewer).get("/numbers/export/")
    assert response.streaming
    tracemalloc.start()
    pieces, size = 0, 0
    for piece in response.streaming_content:
        pieces += 1
        size += len(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert pieces >= 4
    assert size > 1_500_000
    assert peak < size * 5  # a chunk of rows at a time, not all of them
