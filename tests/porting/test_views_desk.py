"""The port desk: lanes, list, filters, export, what a customer finds there, words and rules."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.models import AuditEntry
from porting import board, cards
from porting.models import PortOrder, ProviderWord
from tests import factories
from tests.portal.pages import next_query

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def text(response) -> str:
    """Return a page without the line breaks of its template."""
    return " ".join(response.content.decode().split())


def lane_of(order: PortOrder) -> str:
    """Return the name of the one lane in which an order stands."""
    found = [lane.kind.name for lane in board.lanes() if order.pk in lane.keys]
    assert len(found) == 1, f"{order.state} stands in {found}"
    return found[0]


# --- Board


def test_every_order_stands_in_one_lane_whoever_acts(operator):
    orders = [
        factories.make_port(state=state, who_must_act=who, foc_date=date(2030, 1, 7))
        for state in PortOrder.State.values
        for who in PortOrder.Actor.values
    ]
    for order in orders:
        mine = PortOrder.objects.filter(pk=order.pk)
        lanes = [name for name in board.BY_NAME if board.in_lane(mine, name).exists()]
        assert len(lanes) == 1, f"{order.state}, {order.who_must_act}: {lanes}"


@pytest.mark.parametrize(
    ("state", "who", "lane"),
    [
        ("draft", "us", "preparing"),
        ("customer_input", "customer", "customer"),
        ("exception", "us", "us"),
        ("exception", "customer", "customer"),
        ("pending_documents", "us", "us"),
        ("with_losing_carrier", "losing_carrier", "carriers"),
        ("snapback_requested", "losing_carrier", "carriers"),
        ("foc_set", "nobody", "dated"),
        ("completed", "nobody", "done"),
    ],
)
def test_the_lane_says_who_must_act(operator, state, who, lane):
    assert lane_of(factories.make_port(state=state, who_must_act=who)) == lane


def test_what_ended_long_ago_is_not_on_the_board(operator):
    factories.make_port(state="completed", state_since=timezone.now() - timedelta(days=20))
    assert not any(lane.count for lane in board.lanes())


def test_a_lane_shows_the_oldest_and_leads_to_all(client_for, operator):
    now = timezone.now()
    orders = [
        factories.make_port(label=f"Order {age}", state_since=now - timedelta(hours=age))
        for age in range(board.CARDS + 2)
    ]
    page = text(client_for(operator).get(reverse("porting:port-board")))
    assert orders[-1].label in page
    assert ">Order 0<" not in page
    assert f"All {len(orders)}" in page
    assert "/ports/list/?lane=preparing" in page


def test_the_board_asks_few_questions_however_many_orders(
    client_for, operator, django_assert_max_num_queries
):
    for state in PortOrder.State.values:
        factories.make_port(state=state, state_since=timezone.now())
    client = client_for(operator)
    client.get(reverse("porting:port-board"))
    with django_assert_max_num_queries(10):
        client.get(reverse("porting:port-board"))


def test_cards_show_clock_date_word_and_papers(client_for, operator):
    yesterday = timezone.now() - timedelta(days=4)
    factories.make_port(
        state="foc_set",
        foc_date=timezone.localdate(),
        provider_word="Odd word",
        is_word_known=False,
        state_since=yesterday,
    )
    factories.make_port(state="submitted", who_must_act="provider", sla_due_at=yesterday)
    page = text(client_for(operator).get(reverse("porting:port-board")))
    for words in ("New provider word", "Odd word", "Frozen", "today", "Letter not sent", " late"):
        assert words in page


def test_an_empty_desk_says_how_to_begin(client_for, operator, viewer):
    page = text(client_for(operator).get(reverse("porting:port-board")))
    assert "No ports yet" in page
    assert reverse("porting:preflight-new") in page
    assert reverse("porting:preflight-new") not in text(
        client_for(viewer).get(reverse("porting:port-board"))
    )


def test_deadlines_are_told_in_business_days():
    friday = timezone.datetime(2026, 11, 20, 12, 0, tzinfo=timezone.get_default_timezone())
    for hours, words in (
        (-1, "late since today"),
        (1, "due today"),
        (72, "due in 1 business day"),
        (96, "due in 2 business days"),
    ):
        assert cards.due_words(friday + timedelta(hours=hours), friday) == words
    assert cards.due_words(friday, friday + timedelta(days=4)) == "2 business days late"


# --- List


@pytest.fixture
def some(lakeside) -> dict[str, PortOrder]:
    """Return a few orders that differ."""
    return {
        "late": factories.make_port(
            "+13125550142",
            state="submitted",
            customer=lakeside,
            sla_due_at=timezone.now() - timedelta(days=3),
        ),
        "word": factories.make_port(
            "+12125550155", state="with_losing_carrier", is_word_known=False, losing_carrier="Bell"
        ),
        "draft": factories.make_port("+18005550177", label="Fax lines", kind="toll_free"),
        "rejected": factories.make_port(state="exception", reject_code="pin_invalid"),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=312+555+0142", {"late"}),
        ("q=5550155", {"word"}),
        ("q=fax", {"draft"}),
        ("state=open", {"late", "word", "draft", "rejected"}),
        ("state=over", set()),
        ("flag=late", {"late"}),
        ("flag=word", {"word"}),
        ("flag=letter", {"late", "word", "rejected"}),
        ("code=pin_invalid", {"rejected"}),
        ("carrier=Bell", {"word"}),
        ("lane=preparing", {"draft"}),
        ("state=nonsense", set()),
        ("who=nonsense", set()),
    ],
)
def test_filters_narrow_the_list_and_the_export(client_for, operator, some, query, names):
    client = client_for(operator)
    page = text(client.get(f"{reverse('porting:port-list')}?{query}"))
    file = b"".join(client.get(f"{reverse('porting:port-export')}?{query}").streaming_content)
    listed = {row.split(",")[0] for row in file.decode().splitlines()[1:]}
    for name, order in some.items():
        assert (f'id="port-row-{order.pk}"' in page) == (name in names), name
        assert (str(order.pk) in listed) == (name in names), name


@pytest.mark.parametrize("sort", ["id", "-id", "since", "-since", "due", "-due", "foc", "updated"])
def test_paging_by_every_sort_meets_each_order_once(client_for, operator, sort):
    for number in range(60):
        due = timezone.now() + timedelta(hours=number % 7) if number % 3 else None
        foc = date(2030, 1, 1 + number % 5) if number % 2 else None
        factories.make_port(sla_due_at=due, foc_date=foc)
    client = client_for(operator)
    url, seen = f"{reverse('porting:port-list')}?sort={sort}&size=25", []
    while url:
        page = client.get(url)
        seen += re.findall(r'id="port-row-(\d+)"', page.content.decode())
        following = next_query(page)
        url = f"{reverse('porting:port-list')}?{following}" if following else ""
    assert len(seen) == len(set(seen)) == 60


def test_the_list_answers_htmx_with_its_table(client_for, operator, some):
    answer = client_for(operator).get(f"{reverse('porting:port-list')}?q=fax", headers=HTMX)
    assert answer.content.lstrip().startswith(b'<div id="port-table"')
    assert answer["HX-Push-Url"].endswith("?q=fax")


def test_the_list_asks_few_questions(client_for, operator, some, django_assert_max_num_queries):
    client = client_for(operator)
    client.get(reverse("porting:port-list"))
    with django_assert_max_num_queries(10):
        client.get(reverse("porting:port-list"))


# --- Customers


def test_a_customer_finds_his_own_ports_with_their_steps(client_for, bob, lakeside):
    order = factories.make_port(customer=lakeside, state="foc_set", foc_date=date(2030, 1, 7))
    other = factories.make_port(customer=factories.make_customer(), label="Someone else")
    page = text(client_for(bob).get(reverse("porting:port-board")))
    assert f'id="port-row-{order.pk}"' in page
    assert f'id="port-row-{other.pk}"' not in page
    assert "Date fixed" in page
    assert "Jan 7" in page


def test_a_customer_sees_no_provider_no_cost_and_no_word_of_it(client_for, bob, lakeside):
    account = factories.make_account("voicetel", name="VoiceTel main")
    order = factories.make_port(
        customer=lakeside,
        account=account,
        state="with_losing_carrier",
        provider_ref="AB12C",
        provider_word="Sent to LC",
        provider_message="Held by desk 4",
        price_total=6,
        price_per_number=6,
    )
    order.notes.create(author_name="Olga", text="They are slow", is_internal=True)
    order.events.create(source="provider", word="Sent to LC", text="Secret", is_for_customer=False)
    client = client_for(bob)
    pages = [
        client.get(reverse("porting:port-board")),
        client.get(order.get_absolute_url()),
        client.get(reverse("porting:port-lines", args=[order.pk])),
        client.get(reverse("porting:letter", args=[order.pk])),
    ]
    export = b"".join(client.get(reverse("porting:port-export")).streaming_content).decode()
    for shown in [*(text(page) for page in pages), export]:
        for hidden in ("VoiceTel", "AB12C", "Sent to LC", "desk 4", "$6", "6.00", "slow", "Secret"):
            assert hidden not in shown, hidden


# --- Words, rejections, rules


@pytest.fixture
def parked(db) -> ProviderWord:
    """Return a word that nobody explained, and an order that shows it."""
    factories.make_port(
        state="submitted",
        provider_ref="AB12C",
        provider_word="Parked",
        is_word_known=False,
        account=factories.make_account("voicetel"),
    )
    return ProviderWord.objects.create(slug="voicetel", word="Parked", folded="parked")


def test_an_explained_word_moves_the_orders_that_show_it(client_for, admin, parked):
    client = client_for(admin)
    page = text(client.get(reverse("porting:word-list")))
    assert "“Parked”" in page
    assert "This means…" in page
    url = reverse("porting:word-edit", args=[parked.pk])
    assert client.post(url, {"meaning": "nonsense"}).status_code == 422
    answer = client.post(url, {"meaning": "with_losing_carrier", "note": "Desk said so"})
    assert answer.status_code == 302
    order = PortOrder.objects.get()
    assert (order.state, order.is_word_known) == ("with_losing_carrier", True)
    entry = AuditEntry.objects.get(verb="porting.word.decided")
    assert (entry.before, entry.reason) == ({"meaning": ""}, "Desk said so")


def test_the_words_say_who_may_explain_them(client_for, operator, parked):
    page = text(client_for(operator).get(reverse("porting:word-list")))
    assert "An administrator says what it means." in page
    assert reverse("porting:word-edit", args=[parked.pk]) not in page


def test_rejections_tell_field_advice_and_how_many(client_for, viewer):
    factories.make_port(state="exception", reject_code="pin_invalid")
    page = text(client_for(viewer).get(reverse("porting:rejection-list")))
    assert "PIN or passcode is wrong" in page
    assert "?code=pin_invalid" in page


def test_rules_show_clocks_settings_and_holidays(client_for, viewer, settings):
    settings.PORT_FREEZE_HOURS = 31
    page = text(client_for(viewer).get(reverse("porting:rule-list")))
    for words in ("31 hours", "PORT_FREEZE_HOURS", "Christmas Day", "47 CFR 52.35"):
        assert words in page
