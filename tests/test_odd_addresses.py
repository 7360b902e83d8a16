"""Whatever stands in an address or a form, the answer is no crash; and nothing is changed by it."""

from __future__ import annotations

import pytest

from portal.models import AuditEntry, Job
from tests.access_world import world, world_of_module
from tests.test_access_matrix import TABLE

__all__ = ["world", "world_of_module"]

NAMES = (
    *("q", "sort", "size", "after", "before", "last", "state", "status", "account", "customer"),
    *("npa", "nxx", "region", "rate_center", "lata", "tier", "sync", "kind", "has", "list", "col"),
    *("more", "all", "tn", "picked", "row", "failed", "who", "verb", "about", "job", "since"),
    *("until", "mine", "provider", "offer", "line", "key", "typed", "reason", "numbers", "force"),
)
# A click on these is the whole intent; there is no input to be odd.
CLICKS = {
    *("portal:job-cancel", "portal:job-hurry", "portal:provider-test", "portal:job-retry"),
    *("portal:provider-resume", "portal:provider-pause", "inventory:tn-refresh"),
    *("inventory:account-sync", "inventory:cart-routes", "inventory:find-stock"),
    # Removing needs no more than the click, and an empty number takes a ticket's link away.
    *("inventory:threshold-remove", "portal:ticket-link", "porting:preflight-discard"),
    # Reading again is the whole intent of these.
    *("inventory:route-read", "inventory:route-refresh", "inventory:group-refresh"),
    *("inventory:group-read", "inventory:network-refresh", "portal:statement-refresh"),
    *("portal:ticket-sync", "portal:ticket-refresh", "porting:port-poll", "porting:port-check"),
    *("e911:record-sync", "e911:record-refresh", "e911:history-read", "e911:alert-read"),
    *("e911:alert-remove", "e911:kept-list"),
    # A reason may be given with these, and need not.
    *("porting:port-move", "porting:port-out-move", "porting:line-remove", "porting:letter-sent"),
    *("e911:location-archive", "inventory:preset-drop"),
}
VALUES = ("", "²", "\x00", "-1", "9" * 30, "1e309", "W10=", "<script>alert(1)</script>", "é" * 300)


@pytest.mark.parametrize("value", VALUES)
def test_no_odd_value_breaks_a_page(value, world):
    client = world.client("admin")
    client.raise_request_exception = False
    broken = []
    for name, line in TABLE.items():
        if line.method == "get":
            odd = dict.fromkeys(NAMES, value)
            answer = line.ask(client, name, world.things, odd)
            if answer.status_code >= 500:
                broken.append(name)
            elif not answer.streaming:
                assert b"<script>alert" not in answer.content, name
    assert not broken


@pytest.mark.parametrize("value", VALUES)
def test_no_odd_value_breaks_a_form_or_changes_anything(value, world):
    client = world.client("admin")
    client.raise_request_exception = False
    before = (Job.objects.count(), AuditEntry.objects.count())
    broken, changed = [], []
    for name, line in TABLE.items():
        if name not in CLICKS:
            answer = line.ask(
                client, name, world.things, dict.fromkeys(NAMES, value), method="post"
            )
            if answer.status_code >= 500:
                broken.append(name)
            now = (Job.objects.count(), AuditEntry.objects.count())
            if now != before:
                changed.append(name)
            before = now
    assert (broken, changed) == ([], [])
