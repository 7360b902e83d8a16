"""Lists of numbers: read in any spelling, asked about at every provider, made into orders."""

from __future__ import annotations

import pytest

from inventory.models import Lookup, TelephoneNumber
from portal import jobs
from portal.models import Exchange
from porting import operations, preflight
from porting.models import PortOrder, Preflight
from porting.services import preflights
from tests import factories

pytestmark = pytest.mark.django_db


def verdicts(check: Preflight) -> dict[str, tuple[str, str]]:
    """Return verdict and problem by what was entered."""
    return {line.text: (line.verdict, line.problem) for line in check.lines.all()}


def test_entries_are_read_in_any_spelling_and_bad_ones_say_why():
    found = preflight.read_entries(
        "(312) 555-0142\n312.555.0143, 3125550144;+13125550142\nhello\n+442079460000\n"
    )
    assert [(entry.text, entry.problem) for entry in found] == [
        ("(312) 555-0142", ""),
        ("312.555.0143", ""),
        ("3125550144", ""),
        ("+13125550142", "duplicate"),
        ("hello", "invalid"),
        ("+442079460000", "foreign"),
    ]
    assert "letters" in found[4].words


def test_a_table_is_read_by_its_column_of_numbers():
    text = 'name;"Number";city\nLake;3125550142;Chicago\n;3125550143;\n;;\n'
    assert [entry.tn for entry in preflight.read_entries(text)] == ["+13125550142", "+13125550143"]


def test_fifty_numbers_become_orders_and_the_rest_is_set_aside(
    voicetel, voip_innovations, operator, run_jobs, lakeside
):
    factories.make_tn("+12125552050", account=voicetel)
    factories.make_port("+12125552051", account=voicetel, state="submitted", provider_ref="ZZZZZ")
    numbers = [f"212555{2000 + place}" for place in range(52)]
    numbers += ["+12125559908", "8005552001", "8005552002", "2125552000", "nonsense"]
    check = operations.start_preflight(
        "\n".join(numbers), actor=operator, customer=lakeside, key="list-1"
    )
    assert preflight.progress(check).portable == 0
    run_jobs()
    check.refresh_from_db()
    found = verdicts(check)
    assert check.state == "checked"
    assert found["2125552050"] == ("set_aside", "ours")
    assert found["2125552051"] == ("set_aside", "open_order")
    assert found["+12125559908"][1] in ("not_portable", "")
    assert found["nonsense"] == ("set_aside", "invalid")
    progress = preflight.progress(check)
    assert (progress.total, progress.checked, progress.is_over) == (57, 57, True)
    groups = preflight.groups(check)
    assert {group.kind for group in groups} == {"local", "toll_free"}
    orders = preflights.make_orders(check, actor=operator)
    assert preflights.make_orders(check, actor=operator) == []
    assert sum(order.number_count for order in orders) == progress.portable
    first = orders[0]
    assert (first.state, first.customer, first.price_per_number) == ("draft", lakeside, 6)
    assert first.portability_valid_until is not None
    assert Preflight.objects.get().state == "grouped"


def test_one_bad_number_stops_no_other(voicetel, operator, run_jobs, sandbox):
    sandbox.control(
        "fault",
        provider="voicetel",
        operation="ports.availability",
        match_tn="2125552101",
        fault="refuse",
        times=-1,
    )
    text = "2125552101 \n 2125552102"
    check = operations.start_preflight(text, actor=operator, key="list-2")
    run_jobs()
    found = {line.tn: line.verdict for line in check.lines.all()}
    assert found == {"+12125552101": "not_checked", "+12125552102": "portable"}


def test_a_provider_that_is_down_leaves_the_other_to_decide(
    voicetel, voip_innovations, operator, run_jobs, sandbox
):
    sandbox.control("fault", provider="voicetel", operation="*", fault="drop_before", times=-1)
    check = operations.start_preflight("3125552201", actor=operator, key="list-3")
    run_jobs(rounds=8)
    line = check.lines.get()
    assert (line.verdict, line.account) == ("portable", voip_innovations)


def test_the_same_key_makes_one_list_and_nobody_else_has_it(voicetel, operator, alice, charlie):
    first = operations.start_preflight("3125552301", actor=operator, key="list-4")
    assert operations.start_preflight("3125552301", actor=operator, key="list-4") == first
    assert Preflight.objects.visible_to(charlie).count() == 0
    assert Preflight.objects.visible_to(operator).count() == 1


def test_nothing_to_check_and_nobody_to_ask_are_said(operator, db):
    with pytest.raises(jobs.NotAccepted, match="No number was given"):
        operations.start_preflight(" \n", actor=operator, key="a")
    with pytest.raises(jobs.NotAccepted, match="No provider"):
        operations.start_preflight("3125552401", actor=operator, key="b")
    assert not Preflight.objects.exists()


def test_what_was_paid_for_is_used_a_wireless_carrier_needs_a_pin(voicetel, operator, run_jobs):
    Lookup.objects.create(
        kind="lrn",
        tn="+12125552501",
        account=voicetel,
        answer={"carrier": "Example Mobile", "carrier_kind": "Wireless"},
        looked_up_at="2026-01-01T00:00Z",
    )
    check = operations.start_preflight("2125552501", actor=operator, key="list-6")
    run_jobs()
    (group,) = preflight.groups(check)
    assert group.is_wireless
    (order,) = preflights.make_orders(check, actor=operator)
    assert order.lines.get().is_wireless
    from porting import services

    assert "Numbers of a wireless carrier need the PIN." in services.missing(order)
    assert not Exchange.objects.filter(is_write=True).exists()
    assert not TelephoneNumber.objects.exists()
    assert PortOrder.objects.count() == 1
