"""The numbers list: filters, pasted lists, selection, columns and counts."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from inventory.models import CarrierNumber, Route, TelephoneNumber
from portal.models import ProviderAccount
from tests import factories
from tests.portal.pages import HTMX, sql_count, text_of


@pytest.fixture
def account(db) -> ProviderAccount:
    return factories.make_account(name="VoiceTel main")


@pytest.fixture
def numbers(account, lakeside):
    """Make one number of each interesting kind; return nothing."""
    make = factories.make_tn
    make("+13125550142", account=account, customer=lakeside, label="Front desk", tier="7")
    make("+13125550143", account=account, region="IL", rate_center="CHICAGO", lata="358")
    make("+12015550107", account=account, state="aging", deletion_lock=True)
    make(
        "+18005550101",
        account=account,
        sync_state="missing",
        billing_id="LD-0042",
        e911_state="provision_failed",
    )


ALL = {"0142", "0143", "0107", "0101"}


def listed(client, query: str = "") -> set[str]:
    """Return the last four digits of the numbers in the table."""
    page = text_of(client.get(f"/numbers/?{query}", headers=HTMX))
    return set(re.findall(r'name="tn" value="\+1\d{6}(\d{4})"', page))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ALL),
        ("q=3125550142", {"0142"}),
        ("q=(312)+555-0142", {"0142"}),
        ("q=%2B13125550142", {"0142"}),
        ("q=555-014", {"0142", "0143"}),
        ("q=front", {"0142"}),
        ("q=ld-0042", {"0101"}),
        ("q=1e10", set()),
        ("state=aging", {"0107"}),
        ("state=aging&state=stock", {"0107", "0143", "0101"}),
        ("npa=312", {"0142", "0143"}),
        ("npa=312,+201", {"0142", "0143", "0107"}),
        ("npa=312&nxx=555&q=0143", {"0143"}),
        ("region=il", {"0143"}),
        ("region=Illinois", {"0143"}),
        ("region=Idaho", set()),
        ("rate_center=chic", {"0143"}),
        ("lata=358", {"0143"}),
        ("tier=7", {"0142"}),
        ("sync=missing", {"0101"}),
        ("kind=toll_free", {"0101"}),
        ("kind=local", {"0142", "0143", "0107"}),
        ("has=customer", {"0142"}),
        ("has=no_customer&has=lock", {"0107"}),
        ("has=label", {"0142"}),
        ("has=no_e911", ALL - {"0101"}),
        ("has=hold", set()),
        ("has=no_hold&has=no_lock", ALL - {"0107"}),
        ("has=sms", set()),
        ("age=under_7", ALL),
        ("age=over_30", set()),
        ("e911=provision_failed", {"0101"}),
        ("e911=none&messaging=off", ALL - {"0101"}),
        ("messaging=live", set()),
    ],
)
def test_filters_narrow_the_list(client_for, viewer, numbers, query, expected):
    assert listed(client_for(viewer), query) == expected


def test_a_rate_center_in_full_is_that_one_and_its_beginning_all_that_begin_so(
    client_for, viewer, account
):
    for number, place in (("0101", "CHICAGO"), ("0102", "CHICAGO HEIGHTS"), ("0103", "Chicago")):
        factories.make_tn(f"+1312555{number}", account=account, rate_center=place)
    client = client_for(viewer)
    assert listed(client, "rate_center=chicago") == {"0101", "0103"}
    assert listed(client, "rate_center=CHICAGO+H") == {"0102"}
    assert listed(client, "rate_center=chic") == {"0101", "0102", "0103"}
    assert listed(client, "rate_center=chicago&q=0102") == set()


def test_numbers_of_a_provider_and_of_a_customer(client_for, viewer, numbers, account, lakeside):
    other = factories.make_account()
    factories.make_tn("+14355550161", account=other)
    client = client_for(viewer)
    assert listed(client, f"account={other.pk}") == {"0161"}
    assert listed(client, f"customer={lakeside.pk}") == {"0142"}
    page = text_of(client.get(f"/numbers/?account={account.pk}&customer={lakeside.pk}"))
    assert "Provider: VoiceTel main" in page
    assert "Customer: Lakeside Dental" in page


@pytest.fixture
def mirrored(numbers, account):
    """Make the provider say something of two numbers, and tag them; return the route of one."""
    say = CarrierNumber.objects.create
    say(
        account=account,
        tn="+13125550142",
        features=["cnam", "sms"],
        values={"forward_to": "+13125550199", "cnam_name": ""},
        route_ref="13550",
    )
    say(account=account, tn="+13125550143", features=["sms"], values={"cnam_name": "LAKESIDE"})
    TelephoneNumber.objects.filter(tn="+13125550142").update(tags=["fax", "vip"])
    TelephoneNumber.objects.filter(tn="+13125550143").update(tags=["vip"])
    return Route.objects.create(account=account, provider_ref="13550", name="Main", kind="group")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("has=forward", {"0142"}),
        ("has=no_forward", ALL - {"0142"}),
        ("has=cnam", {"0143"}),
        ("has=no_cnam&has=no_forward", {"0107", "0101"}),
        ("has=failover", set()),
        ("feature=sms", {"0142", "0143"}),
        ("feature=sms&feature=cnam", {"0142"}),
        ("feature=t38", set()),
        ("tag=vip", {"0142", "0143"}),
        ("tag=vip,+fax", {"0142"}),
        ("tag=none", set()),
        ("tag=,", set()),
        ("has=tags", {"0142", "0143"}),
        ("has=no_tags", {"0107", "0101"}),
    ],
)
def test_what_the_provider_says_and_tags_narrow_the_list(
    client_for, viewer, mirrored, query, expected
):
    assert listed(client_for(viewer), query) == expected


def test_numbers_on_a_route_are_listed_by_its_name(client_for, viewer, mirrored):
    client = client_for(viewer)
    assert listed(client, f"route={mirrored.pk}") == {"0142"}
    assert "Route: Main (13550)" in text_of(client.get(f"/numbers/?route={mirrored.pk}"))


def test_a_record_of_another_account_says_nothing_of_a_number(client_for, viewer, numbers):
    other = factories.make_account()
    CarrierNumber.objects.create(
        account=other, tn="+13125550142", features=["sms"], values={"forward_to": "+13125550199"}
    )
    assert not listed(client_for(viewer), "has=forward")
    assert not listed(client_for(viewer), "feature=sms")


@pytest.mark.parametrize(
    "query",
    [
        "state=nonsense",
        "age=old",
        "feature=flying",
        "route=0",
        "tag=%00",
        "account=999",
        "customer=nobody",
        "q=%00",
        "has=everything",
        "sync=x",
        "kind=x",
        "e911=x",
    ],
)
def test_a_filter_that_makes_no_sense_lists_nothing_and_says_so(client_for, viewer, numbers, query):
    client = client_for(viewer)
    page = text_of(client.get(f"/numbers/?{query}"))
    assert "because a filter makes no sense" in page
    assert not listed(client, query)
    assert len(text_of(client.get(f"/numbers/export/?{query}")).splitlines()) == 1


def test_a_chip_takes_its_filter_away_and_keeps_the_others(client_for, viewer, numbers):
    page = text_of(client_for(viewer).get("/numbers/?state=stock&npa=312&after=x"))
    assert 'href="/numbers/?npa=312"' in page
    assert 'href="/numbers/?state=stock"' in page
    assert "State: Stock" in page


def test_each_row_tells_state_holder_and_place(client_for, viewer, numbers):
    page = text_of(client_for(viewer).get("/numbers/"))
    row = page.split("(312) 555-0142</a>")[1].split("</tr>")[0]
    for words in ("In service", "VoiceTel main", "Lakeside Dental", "<small>Front desk</small>"):
        assert words in row


def test_each_row_tells_when_it_was_checked_and_what_the_provider_calls_it(
    client_for, viewer, alice, mirrored
):
    CarrierNumber.objects.filter(tn="+13125550142").update(state_word="ASSIGNED")
    TelephoneNumber.objects.filter(tn="+13125550142").update(synced_at=timezone.now())
    client = client_for(viewer)
    row = text_of(client.get("/numbers/")).split("(312) 555-0142</a>")[1].split("</tr>")[0]
    assert 'title="The provider says: ASSIGNED"' in row
    assert row.split('data-label="Checked">')[1].startswith('<time class="nd-time"')
    assert 'data-label="At provider">ASSIGNED<' in text_of(client.get("/numbers/?col=word"))
    assert "ASSIGNED" not in text_of(client_for(alice).get("/numbers/?col=word&col=sync"))


def test_a_monthly_cost_has_two_decimals_or_what_it_needs(client_for, viewer, numbers):
    TelephoneNumber.objects.filter(npa="312").update(monthly_cost="0.5")
    TelephoneNumber.objects.filter(npa="201").update(monthly_cost="0.4575")
    page = text_of(client_for(viewer).get("/numbers/?col=cost"))
    assert ">$0.50<" in page
    assert ">$0.4575<" in page


def test_a_customer_sees_his_own_numbers_and_no_provider(client_for, alice, numbers, account):
    client = client_for(alice)
    assert listed(client) == {"0142"}
    page = text_of(client.get("/numbers/"))
    for hidden in ("VoiceTel", "Provider", "Sync", "Give back", "Find numbers", "Has or lacks"):
        assert hidden not in page, hidden
    assert "The numbers of Lakeside Dental" in page
    row = page.split("(312) 555-0142</a>")[1].split("</tr>")[0]
    assert 'data-label="Label">Front desk<' in row
    assert "Lakeside Dental" not in row  # they are all his


@pytest.mark.parametrize(
    "query",
    [
        *("account=1", "sync=missing", "tier=7", "has=lock", "customer=1"),
        *("tag=x", "feature=t38", "route=1"),
    ],
)
def test_what_a_customer_may_not_know_cannot_be_filtered_by(client_for, alice, numbers, query):
    """A filter that answered would tell by its answer."""
    client = client_for(alice)
    assert listed(client, query) == {"0142"}
    assert "Remove this filter" not in text_of(client.get(f"/numbers/?{query}"))


def test_columns_are_chosen_and_kept(client_for, viewer, numbers):
    client = client_for(viewer)
    chosen = text_of(client.get("/numbers/?col=lata&col=cost"))
    for page in (chosen, text_of(client.get("/numbers/"))):
        assert 'data-label="LATA"' in page
        assert 'data-label="Provider"' not in page


def test_a_customer_cannot_choose_a_column_of_ours(client_for, bob, numbers):
    page = text_of(client_for(bob).get("/numbers/?col=provider&col=cost&col=tier&col=lata"))
    assert 'data-label="LATA"' in page
    for label in ("Provider", "Monthly cost", "Tier"):
        assert f'data-label="{label}"' not in page


@pytest.mark.parametrize("sort", ["tn", "-tn", "since", "label", "place", "updated", "nonsense"])
def test_every_sort_shows_every_number(client_for, viewer, numbers, sort):
    assert listed(client_for(viewer), f"sort={sort}") == ALL


def test_paging_keeps_the_filters(client_for, viewer, account):
    for n in range(30):
        factories.make_tn(f"+1312555{n:04}", account=account)
    client = client_for(viewer)
    page = text_of(client.get("/numbers/?state=stock&size=25", headers=HTMX))
    following = re.search(r'rel="next" href="\?([^"]+)"', page)[1].replace("&amp;", "&")
    assert "state=stock" in following
    assert len(listed(client, following)) == 5


@pytest.mark.parametrize("sort", ["tn", "since", "label", "place", "updated"])
def test_every_sort_pages_to_the_end_and_jumps(client_for, viewer, account, sort):
    for n in range(30):
        factories.make_tn(f"+1312555{n:04}", account=account, label=f"Desk {n % 3}")
    client = client_for(viewer)
    page = text_of(client.get(f"/numbers/?sort=-{sort}&size=25"))
    following = re.search(r'rel="next" href="\?([^"]+)"', page)[1].replace("&amp;", "&")
    assert len(listed(client, following)) == 5
    assert 'form="jump" name="sort" value="-' in page
    assert 'name="at"' in page


def test_a_jump_opens_the_list_at_a_number(client_for, viewer, account):
    for n in range(60):
        factories.make_tn(f"+1312555{n:04}", account=account)
    client = client_for(viewer)
    assert listed(client, "at=(312) 555-0055&size=25") == {f"{n:04}" for n in range(55, 60)}
    assert "0042" in listed(client, "at=nothing&size=50")


def test_the_rows_of_a_page_are_chosen_and_remembered(client_for, viewer, account):
    for n in range(60):
        factories.make_tn(f"+1312555{n:04}", account=account)
    client = client_for(viewer)
    page = text_of(client.get("/numbers/?state=stock"))
    assert 'href="?state=stock&amp;size=25"' in page
    assert len(listed(client, "state=stock&size=25")) == 25
    assert len(listed(client, "state=stock")) == 25
    assert len(listed(client, "size=100")) == 60
    assert 'size=50"' in text_of(client.get("/numbers/"))  # the way back, though all are there
    assert 'size="' not in text_of(client.get("/numbers/?q=0042")).split("<main")[1]


def test_the_fragment_tells_the_address_without_empty_filters(client_for, viewer, numbers):
    client = client_for(viewer)
    address = "/numbers/?q=&npa=312&state=&col=state&col=lata"
    assert client.get(address, headers=HTMX)["HX-Push-Url"] == "/numbers/?npa=312"
    shown = {**HTMX, "HX-Current-URL": "http://testserver/numbers/?npa=312"}
    assert client.get(address, headers=shown)["HX-Push-Url"] == "false"


def test_the_fold_of_filters_comes_when_it_is_opened(client_for, viewer, numbers):
    client = client_for(viewer)
    closed = text_of(client.get("/numbers/?npa=312"))
    assert 'name="lata"' not in closed
    assert '<input type="hidden" name="npa" value="312">' in closed
    part = text_of(client.get("/numbers/?npa=312&more=1", headers=HTMX))
    assert 'name="lata"' in part
    assert 'value="312"' in part
    assert 'name="lata"' in text_of(client.get("/numbers/?more=1"))  # without JavaScript


@pytest.mark.parametrize("count", [10, 200])
def test_the_list_takes_few_queries_whatever_its_length(client_for, viewer, account, count):
    for n in range(count):
        customer = factories.make_customer()
        factories.make_tn(f"+1312555{n:04}", account=account, customer=customer)
    assert sql_count(client_for(viewer), "/numbers/?size=250") <= 10


def test_a_large_count_is_capped_and_the_exact_one_comes_alone(
    client_for, viewer, numbers, monkeypatch
):
    from portal import listing

    monkeypatch.setattr(listing, "COUNT_CAP", 2)
    client = client_for(viewer)
    page = text_of(client.get("/numbers/?kind=local"))
    assert "2+ numbers" in page
    assert 'hx-get="/numbers/count/?kind=local"' in page
    assert "3 numbers" in text_of(client.get("/numbers/count/?kind=local"))


# --- What is ticked, and all that match


def test_all_that_match_and_the_bulk_actions_stand_above_the_list(client_for, operator, numbers):
    page = text_of(client_for(operator).get("/numbers/?state=stock&sort=-tn"))
    assert 'name="filters" value="state=stock&amp;sort=-tn"' in page
    assert 'All <span id="tn-every" data-every-count>2</span> that match' in page
    assert 'formaction="/numbers/release/"' in page


def test_a_viewer_is_offered_no_action_that_he_may_not_do(client_for, viewer, numbers):
    assert "formaction" not in text_of(client_for(viewer).get("/numbers/"))


def test_all_that_match_are_exported_whatever_is_ticked(client_for, viewer, numbers):
    query = "picked=1&all=1&filters=state%3Dstock&tn=%2B12015550107"
    rows = text_of(client_for(viewer).get(f"/numbers/export/?{query}")).splitlines()
    assert [row[:12] for row in rows[1:]] == ["+13125550143", "+18005550101"]


def test_an_export_of_nothing_leads_back_to_the_same_list(client_for, viewer, numbers):
    response = client_for(viewer).get("/numbers/export/?picked=1&filters=state%3Dstock")
    assert response["Location"] == "/numbers/?state=stock"


# --- Empty lists say why


def test_an_empty_inventory_says_what_to_do(client_for, viewer, operator, alice):
    assert "An operator buys the first ones" in text_of(client_for(viewer).get("/numbers/"))
    assert "Buy the first ones" in text_of(client_for(operator).get("/numbers/"))
    assert "assigned to your company" in text_of(client_for(alice).get("/numbers/"))


def test_filters_that_nothing_fits_say_so(client_for, viewer, numbers):
    assert "No number fits these filters" in text_of(client_for(viewer).get("/numbers/?npa=999"))


# --- Pasted lists


def paste(client, text: str) -> tuple[str, str]:
    """Paste numbers; return the token and the page."""
    response = client.post("/numbers/paste/", {"numbers": text})
    return response["Location"].partition("=")[2], text_of(client.get(response["Location"]))


def test_pasted_numbers_are_listed_in_any_spelling(client_for, viewer, numbers):
    client = client_for(viewer)
    token, page = paste(client, "(312) 555-0142\n+1 201.555.0107\n3125550142\n\n2125550100")
    assert listed(client, f"list={token}") == {"0142", "0107"}
    assert "You pasted 3 different numbers" in page
    assert "left out" not in page


def test_pasted_numbers_that_are_not_here_are_told(client_for, viewer, charlie, numbers):
    _, page = paste(client_for(viewer), "3125550142 2125550100\n2125550101")
    assert "You pasted 3 different numbers: 1 is here, 2 are not." in page
    absent = page.split('id="absent"')[1].split("</textarea>")[0]
    assert absent.split(">")[1].split("\n") == ["+12125550100", "+12125550101"]
    assert "all of them are here" in paste(client_for(viewer), "3125550142, 3125550143")[1]
    assert "0 are here, 1 is not" in paste(client_for(charlie), "3125550142")[1]


def test_what_is_no_number_is_named_with_its_line(client_for, viewer, numbers):
    _, page = paste(client_for(viewer), "3125550142\n5550142\n3.1256E+09\nabc<script>\n")
    assert "3 entries are no numbers and were left out" in page
    for line in ("Line 2:", "Line 3:", "Line 4:"):
        assert line in page
    assert "<script>" not in page.split("<main")[1]


def test_ten_thousand_pasted_lines_with_bad_entries_are_answered(client_for, viewer, numbers):
    lines = [f"312555{n:04}" for n in range(9_700)] + [f"bad {n}" for n in range(300)]
    client = client_for(viewer)
    token, page = paste(client, "\n".join(lines))
    assert "You pasted 9,700 different numbers" in page
    assert "300 entries are no numbers" in page
    assert "These are the first 200 of 300." in page
    assert listed(client, f"list={token}") == {"0142", "0143"}


def test_more_than_can_be_kept_are_not_dropped_silently(client_for, viewer, numbers):
    lines = [f"{npa}555{n:04}" for npa in (312, 201) for n in range(6_000)]
    _, page = paste(client_for(viewer), "\n".join(lines))
    assert "You pasted 10,000 different numbers" in page
    assert "2,000 more were too many" in page


def test_a_list_that_is_no_longer_kept_lists_nothing_at_all(client_for, operator, numbers):
    client = client_for(operator)
    page = text_of(client.get("/numbers/?list=gone"))
    assert "This pasted list is no longer kept" in page
    assert not listed(client, "list=gone")
    assert len(text_of(client.get("/numbers/export/?list=gone")).splitlines()) == 1
    assert client.get("/numbers/release/?all=1&filters=list%3Dgone")["Location"] == "/numbers/"


def test_only_the_last_lists_are_kept(client_for, viewer, numbers):
    client = client_for(viewer)
    tokens = [paste(client, f"312555014{n}")[0] for n in range(4)]
    assert "no longer kept" in text_of(client.get(f"/numbers/?list={tokens[0]}"))
    assert "no longer kept" not in text_of(client.get(f"/numbers/?list={tokens[3]}"))


def test_a_stranger_learns_nothing_from_a_pasted_list(client_for, charlie, numbers):
    client = client_for(charlie)
    token, page = paste(client, "3125550142")
    assert not listed(client, f"list={token}")
    assert "None of these numbers is here" in page


def test_an_empty_paste_is_answered(client_for, viewer, numbers):
    _, page = paste(client_for(viewer), "  \n ")
    assert "You pasted 0 different numbers" in page
    assert TelephoneNumber.objects.count() == 4
