"""The audit log: what it shows, how it is filtered, and its export."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal import audit
from portal.models import AuditEntry
from portal.row_drawing import changes
from tests import factories
from tests.portal.pages import HTMX, sql_count, text_of


@pytest.fixture
def entries(operator, admin):
    """Write one entry by a person about a number, and one by Numberdesk about an account."""
    number = factories.make_tn("+13125550142")
    audit.record(
        operator,
        "inventory.tn.edited",
        number,
        before={"label": "Old", "note": None},
        after={"label": "New", "note": None},
        reason="Asked for it",
    )
    audit.record(None, "portal.account.tested", number.account)
    return number


def shown(client, query: str = "") -> set[str]:
    page = text_of(client.get(f"/audit/?{query}", headers=HTMX))
    verbs = ("inventory.tn.edited", "portal.account.tested")
    return {verb for verb in verbs if f">{verb}<" in page}


def test_an_entry_says_who_what_before_after_and_why(client_for, viewer, entries):
    page = text_of(client_for(viewer).get("/audit/"))
    for words in ("Olga Operator", "inventory.tn.edited", "<del>Old</del>", "<ins>New</ins>"):
        assert words in page
    assert "Asked for it" in page
    assert "/numbers/(312)%20555-0142/" in page
    assert "Note" not in page.split("<tbody>")[1].split("</tr>")[1]  # what stayed is left out


def test_values_read_as_people_write_them(client_for, operator, viewer):
    facts = {"numbers": ["+13125550142", "port:4"], "is_on": True, "of": {"has_sms": False}}
    audit.record(operator, "x.y.done", before={"reason": None}, after=facts | {"reason": ""})
    row = text_of(client_for(viewer).get("/audit/")).split("<tbody>")[1]
    assert "<ins>(312) 555-0142, port:4</ins>" in row
    assert "Is on</span> <ins>yes</ins>" in row
    assert "<ins>Has sms: no</ins>" in row
    assert ">Reason<" not in row  # nothing before, nothing after


def test_an_entry_leads_to_the_page_of_what_it_is_about(client_for, viewer, operator):
    port = factories.make_port()
    audit.record(operator, "porting.port.created", port)
    audit.record(operator, "portal.upload.run", factories.make_upload(operator))
    page = text_of(client_for(viewer).get("/audit/"))
    assert f'href="/ports/{port.pk}/"' in page
    assert 'href="/uploads/' in page


def test_an_entrys_link_leads_to_the_number(client_for, viewer, entries):
    response = client_for(viewer).get("/numbers/(312)%20555-0142/", follow=True)
    assert response.status_code == 200
    assert response.request["PATH_INFO"] == "/numbers/+13125550142/"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"inventory.tn.edited", "portal.account.tested"}),
        ("who=olga", {"inventory.tn.edited"}),
        ("who=numberdesk", {"portal.account.tested"}),
        ("who=nobody+of+that+name", set()),
        ("verb=inventory.", {"inventory.tn.edited"}),
        ("about=312-555-0142", {"inventory.tn.edited"}),
        ("about=312", {"inventory.tn.edited"}),
        ("about=312-555", {"inventory.tn.edited"}),
        ("about=312555014", {"inventory.tn.edited"}),
        ("about=313", set()),
        ("about=voip", {"portal.account.tested"}),
        ("since=2001-01-01", {"inventory.tn.edited", "portal.account.tested"}),
        ("until=2001-01-01", set()),
        ("since=9999-12-31", set()),
        ("until=9999-12-31", {"inventory.tn.edited", "portal.account.tested"}),
        ("job=12", set()),
    ],
)
def test_filters_narrow_the_log(client_for, viewer, entries, query, expected):
    assert shown(client_for(viewer), query) == expected


def test_a_day_is_a_day_of_the_users_zone(client_for, viewer, entries):
    viewer.time_zone = "Pacific/Kiritimati"  # the first zone to see a day
    viewer.save()
    with timezone.override("Pacific/Kiritimati"):
        today = timezone.localdate().isoformat()
    client = client_for(viewer)
    assert shown(client, f"since={today}&until={today}")
    viewer.time_zone = "Pacific/Pago_Pago"  # and the last one
    viewer.save()
    assert not shown(client, f"since={today}")


@pytest.mark.parametrize("query", ["since=yesterday", "job=none", "job=-1", "about=%00"])
def test_a_filter_that_makes_no_sense_lists_and_exports_nothing(client_for, viewer, entries, query):
    client = client_for(viewer)
    assert "because a filter makes no sense" in text_of(client.get(f"/audit/?{query}"))
    assert len(text_of(client.get(f"/audit/export/?{query}")).splitlines()) == 1


def test_the_list_is_a_part_for_htmx(client_for, viewer, entries):
    part = text_of(client_for(viewer).get("/audit/", headers=HTMX))
    assert part.lstrip().startswith('<div id="audit-table"')


@pytest.mark.parametrize("count", [10, 200])
def test_the_list_takes_few_queries_whatever_its_length(client_for, viewer, count):
    number = factories.make_tn()
    for _ in range(count):
        audit.record(viewer, "inventory.tn.edited", number, after={"label": "x"})
    assert sql_count(client_for(viewer), "/audit/?size=250") <= 10


def test_the_export_holds_what_the_list_shows(client_for, viewer, entries):
    text = text_of(client_for(viewer).get("/audit/export/?who=olga"))
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 2
    facts = dict(zip(rows[0], rows[1], strict=True))
    assert facts["who"] == "Olga Operator"
    assert facts["after"] == '{"note": null, "label": "New"}'


def test_the_export_link_carries_the_filters(client_for, viewer, entries):
    part = text_of(client_for(viewer).get("/audit/?who=olga", headers=HTMX))
    assert "/audit/export/?who=olga" in part


def test_a_spreadsheet_runs_nothing_of_the_export(client_for, viewer):
    factories.make_user("operator", name="=HYPERLINK(1)")
    number = factories.make_tn()
    audit.record(None, "inventory.tn.edited", number, reason="@SUM(A1)")
    rows = list(csv.reader(io.StringIO(text_of(client_for(viewer).get("/audit/export/")))))
    assert "'@SUM(A1)" in rows[1]


@pytest.mark.parametrize(
    "statement", ["UPDATE portal_auditentry SET verb = 'x'", "DELETE FROM portal_auditentry"]
)
def test_nobody_can_change_or_delete_an_entry(entries, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.count() == 2


def test_changes_leave_out_what_stayed():
    row = {"before": {"a": 1, "b": 2}, "after": {"a": 1, "b": 3, "c": 4}}
    assert changes(row) == [("b", 2, 3), ("c", None, 4)]
