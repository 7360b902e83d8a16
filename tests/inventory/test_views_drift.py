"""The differences: list, groups, export, repairs with and without preview, Home, the number page."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.drift import repair
from inventory.models import CarrierNumber, Finding, Route, TelephoneNumber
from portal.models import Job
from tests.inventory.desk import Desk, desks, make_number
from tests.inventory.differing import HERE, THERE, also_listed, differing, find, missing, unknown
from tests.portal.pages import HTMX, next_query, sql_count, text_of

__all__ = ["desks"]


@pytest.fixture
def desk(desks):
    return desks["desk"]


@pytest.fixture
def client(client_for, operator):
    return client_for(operator)


def key() -> dict[str, str]:
    return {"key": "6f1b2a52-0000-4000-8000-000000000001"}


# --- The list


def test_both_values_stand_side_by_side_with_what_can_be_done(client, desk):
    differing(desk)
    page = text_of(client.get("/drift/"))
    assert "(312) 555-0177" in page
    assert "<strong>(312) 555-0178</strong>" in page
    for word in ("Push ours", "Adopt theirs", "Ignore…", "Desk main", "Forward"):
        assert word in page


def test_routes_are_named(client, desk):
    for ref, name in (("13550", "Chicago"), ("13551", "Backup")):
        Route.objects.create(account=desk, provider_ref=ref, name=name, kind="endpoint_group")
    differing(desk, wanted={"route": "13551"}, values={"x": "y"})
    page = text_of(client.get("/drift/"))
    assert "Backup (13551)" in page
    assert "<strong>Chicago (13550)</strong>" in page


def test_the_groups_count_and_lead_to_their_list(client, desks):
    differing(desks["desk"])
    differing(desks["booth"], "+13125550104")
    unknown(desks["desk"])
    page = text_of(client.get("/drift/"))
    address = f"?kind=value&amp;field=forward_to&amp;account={desks['booth'].pk}"
    assert address in page
    one = text_of(client.get("/drift/" + address.replace("&amp;", "&")))
    assert "(312) 555-0104" in one
    assert "(312) 555-0101" not in one


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"0101", "0102", "0103"}),
        ("kind=unknown_here", {"0102"}),
        ("kind=missing", {"0103"}),
        ("field=forward_to", {"0101"}),
        ("q=312-555-0102", {"0102"}),
        ("q=550103", {"0103"}),
        ("state=ignored", {"0107"}),
        ("state=all", {"0101", "0102", "0103", "0107", "0108"}),
        ("state=closed", {"0108"}),
        ("kind=nonsense", set()),
        ("account=x", set()),
    ],
)
def test_the_filters_pick_and_the_export_takes_the_same(client, desk, query, found):
    differing(desk)
    unknown(desk)
    missing(desk)
    day = timezone.localdate() + timedelta(days=3)
    Finding.objects.filter(pk=differing(desk, "+13125550107").pk).update(
        status="ignored", ignored_until=day
    )
    Finding.objects.filter(pk=differing(desk, "+13125550108").pk).update(status="fixed")
    page = text_of(client.get(f"/drift/?{query}"))
    shown = {n for n in ("0101", "0102", "0103", "0107", "0108") if f"(312) 555-{n}</" in page}
    assert shown == found
    lines = csv.DictReader(io.StringIO(text_of(client.get(f"/drift/export/?{query}"))))
    assert {line["number"][-4:] for line in lines} == found


def test_an_empty_list_says_why(client, desk):
    assert "No differences" in text_of(client.get("/drift/"))
    assert "No difference fits" in text_of(client.get("/drift/?kind=missing"))


def test_htmx_gets_the_table_alone(client, desk):
    differing(desk)
    page = text_of(client.get("/drift/?kind=value", headers=HTMX))
    assert page.lstrip().startswith('<div id="finding-table"')


def test_the_pages_of_the_list_hold_each_once(client, desk):
    for n in range(30):
        CarrierNumber.objects.create(account=desk, tn=f"+1312555{n:04}", synced_at=timezone.now())
    find(desk)
    seen: list[str] = []
    address = "/drift/?size=25"
    for _ in range(2):
        response = client.get(address)
        seen += re.findall(r'id="finding-row-(\d+)"', text_of(response))
        address = f"/drift/?{next_query(response)}"
    assert len(seen) == len(set(seen)) == 30


@pytest.mark.parametrize("count", [5, 100])
def test_the_list_takes_few_queries_whatever_its_length(client, desk, count):
    for n in range(count):
        make_number(
            desk,
            f"+1312555{n:04}",
            values={"forward_to": THERE},
            wanted={"forward_to": HERE, "route": "13551"},
        )
    find(desk)
    assert sql_count(client, "/drift/?size=250") <= 10


def test_a_viewer_reads_and_repairs_nothing(client_for, viewer, desk):
    finding = differing(desk)
    page = text_of(client_for(viewer).get("/drift/"))
    assert "(312) 555-0101" in page
    assert "Push ours" not in page
    response = client_for(viewer).post(f"/drift/repair/adopt/?finding={finding.pk}")
    assert response.status_code == 403


def test_a_customer_sees_nothing_of_it(client_for, alice, lakeside, desk):
    finding = differing(desk, customer=lakeside, state="in_service")
    customer = client_for(alice)
    assert customer.get("/drift/").status_code == 403
    page = text_of(customer.get(f"/numbers/{finding.tn}/"))
    assert "Differs" not in page
    assert "/drift/" not in page


def test_the_former_address_leads_to_them(client, desk):
    response = client.get(f"/numbers/unknown/?account={desk.pk}")
    assert response["Location"] == f"/drift/?account={desk.pk}&kind=unknown_here"


# --- One at a time


def test_one_click_adopts(client, desk):
    finding = differing(desk)
    response = client.post(
        "/drift/repair/adopt/", {"finding": finding.pk, "filters": "kind=value"} | key()
    )
    assert response["Location"] == "/drift/?kind=value"
    assert "1 difference took over the provider’s value." in text_of(client.get("/drift/"))
    assert TelephoneNumber.objects.get().wanted == {"forward_to": THERE}


def test_one_click_pushes_and_shows_the_job(client, desk, run_jobs):
    finding = differing(desk)
    response = client.post("/drift/repair/push/", {"finding": finding.pk} | key())
    job = Job.objects.get()
    assert response["Location"] == f"/jobs/{job.pk}/"
    assert "Being repaired" in text_of(client.get("/drift/"))
    run_jobs()
    finding.refresh_from_db()
    assert finding.status == "fixed"
    assert ("forward", finding.tn, HERE) in Desk.sent


def test_from_the_page_of_a_number_one_comes_back_to_it(client, desk):
    finding = differing(desk)
    page = text_of(client.get(f"/numbers/{finding.tn}/"))
    assert "Differs at the provider" in page
    assert "(312) 555-0178" in page
    response = client.post(
        "/drift/repair/adopt/", {"finding": finding.pk, "back": finding.tn} | key()
    )
    assert response["Location"] == f"/numbers/{finding.tn}/"
    after = text_of(client.get(f"/numbers/{finding.tn}/"))
    assert 'id="tn-findings"' not in after
    assert "The provider’s value became ours" in after


@pytest.mark.parametrize("until", ["", "yesterday", "today", "2999-01-01"])
def test_ignoring_needs_a_day_to_come_and_a_reason(client, desk, until):
    finding = differing(desk)
    today = timezone.localdate()
    day = {"yesterday": today - timedelta(days=1), "today": today}.get(until, until)
    values = {"finding": finding.pk, "until": day, "reason": "Because"} | key()
    response = client.post("/drift/repair/ignore/", values)
    assert response.status_code == 422
    values |= {"until": today + timedelta(days=5), "reason": ""}
    assert client.post("/drift/repair/ignore/", values).status_code == 422
    assert Finding.objects.get().status == "open"
    assert client.post("/drift/repair/ignore/", values | {"reason": "Theirs"}).status_code == 302
    assert Finding.objects.get().status == "ignored"
    page = text_of(client.get("/drift/?state=ignored"))
    assert "Theirs" in page
    assert "Ignore no longer" in page


def test_what_is_gone_meanwhile_is_said(client, desk):
    finding = differing(desk)
    Finding.objects.update(status="vanished")
    response = client.post("/drift/repair/adopt/", {"finding": finding.pk} | key())
    assert response.status_code == 409
    assert "The difference is gone already." in text_of(response)


@pytest.mark.parametrize("chosen", [{}, {"finding": "x"}, {"finding": "999999"}, {"all": "1"}])
def test_nothing_chosen_changes_nothing(client, desk, chosen):
    differing(desk)
    response = client.post("/drift/repair/adopt/", chosen | key(), follow=True)
    assert "Nothing was changed." in text_of(response)
    assert Finding.objects.get().status == "open"


def test_a_repair_that_is_not_known_is_not_found(client, desk):
    assert client.get("/drift/repair/destroy/").status_code == 404


# --- Many at once


def test_all_that_match_are_previewed_counted_and_repaired(client, desk):
    for n in range(3):
        unknown(desk, f"+1312555010{n}")
    differing(desk, "+13125550109")
    query = {"all": "1", "filters": f"account={desk.pk}"}
    preview = client.get("/drift/repair/import/", query)
    page = text_of(preview)
    assert "3 differences" in page
    assert "is not for “Value differs”" in page
    assert TelephoneNumber.objects.count() == 1  # a preview changes nothing
    hidden = dict(preview.context["chosen"].fields)
    response = client.post("/drift/repair/import/", hidden | key(), follow=True)
    assert "3 numbers are in stock now. 1 stayed as they are." in text_of(response)
    assert TelephoneNumber.objects.filter(state="stock").count() == 4


def test_others_than_were_previewed_are_not_repaired(client, desk):
    unknown(desk)
    query = {"all": "1", "filters": "kind=unknown_here"}
    hidden = dict(client.get("/drift/repair/import/", query).context["chosen"].fields)
    unknown(desk, "+13125550106")
    response = client.post("/drift/repair/import/", hidden | key())
    assert response.status_code == 409
    assert "Other differences fit than when you looked." in text_of(response)
    assert not TelephoneNumber.objects.exists()


def test_pushing_many_says_how_many_requests_it_takes(client, desk):
    for n in range(3):
        differing(desk, f"+1312555010{n}")
    page = text_of(client.get("/drift/repair/push/", {"all": "1", "filters": "kind=value"}))
    assert "3 requests to the provider." in page
    assert "Push ours (3)" in page


def test_more_than_a_repair_takes_are_done_in_parts(client, desk, monkeypatch):
    monkeypatch.setattr(repair, "LIMIT", 1)
    unknown(desk)
    unknown(desk, "+13125550106")
    response = client.post(
        "/drift/repair/import/", {"all": "1", "filters": "kind=unknown_here"} | key()
    )
    assert response.status_code == 409
    assert "These are more than 1." in text_of(response)
    assert not TelephoneNumber.objects.exists()


# --- Home


def test_home_says_what_differs_until_it_is_repaired(client, desk):
    differing(desk)
    unknown(desk)
    unknown(desk, "+13125550106")
    missing(desk)
    page = text_of(client.get("/"))
    assert "1 value that differs at a provider" in page
    assert "2 numbers at a provider that we do not list" in page
    assert "1 number that the provider no longer lists" in page
    ids = list(Finding.objects.filter(kind="unknown_here").values_list("pk", flat=True))
    client.post("/drift/repair/import/", {"finding": ids} | key())
    assert "that we do not list" not in text_of(client.get("/"))


def test_a_number_that_two_accounts_list_shows_with_both_and_on_its_page(client, desks):
    finding = also_listed(desks["desk"], desks["booth"])
    for address in ("/drift/?kind=also_listed", f"/numbers/{finding.tn}/"):
        page = text_of(client.get(address))
        assert "Also listed elsewhere" in page
        assert "Move here…" in page
    timeline = text_of(client.get(f"/numbers/{finding.tn}/"))
    assert "Held at Desk main, also listed at Booth main" in timeline
    url = f"/drift/repair/move/?finding={finding.pk}"
    assert "Desk main still lists it too." in text_of(client.get(url))
    CarrierNumber.objects.filter(account=desks["desk"]).update(missing_since=timezone.now())
    values = {"finding": finding.pk, "reason": "Moved there by hand"} | key()
    done = client.post("/drift/repair/move/", values, follow=True)
    assert "1 number is filed at the account that lists it." in text_of(done)


def test_the_timeline_speaks_of_differences_in_words(client, desks):
    finding = missing(desks["desk"])
    values = {"finding": finding.pk, "reason": "Ticket 4711", "until": "2999-01-01"} | key()
    values["until"] = (timezone.localdate() + timedelta(days=30)).isoformat()
    client.post("/drift/repair/ignore/", values)
    page = text_of(client.get(f"/numbers/{finding.tn}/"))
    assert "Held here, no longer listed there" in page
    assert "Missing at provider · until " in page
    assert "nothing →" not in page
