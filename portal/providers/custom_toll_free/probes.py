"""Harmless reads at a live account (custom-toll-free.md).

The wire of the eleven registry operations is a contract of our own: a live account shows first of
all whether it exists in this form.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from portal.providers.errors import ProviderProtocolError, ProviderRefused
from portal.providers.probing import MOST_RECORDS, Look, Probe
from portal.tn import TN

_NUMBER: Final = TN("+18885550199")
_NO_REQUEST: Final = "numberdesk-never-sent"


def _search(provider: Any, look: Look) -> None:
    answer = provider.client.search(vanity="555", quantity=5)
    rows = [] if answer.results is None else list(answer.results)
    look.saw(f"{len(rows)} spare numbers")
    names = {str(child.tag) for row in rows for child in row}
    text = "An item holds prefix, seven-digit number and vanity"
    look.assume(
        "5", text, {"prefix", "number"} <= names if rows else None, ", ".join(sorted(names))
    )


def _query(provider: Any, look: Look) -> None:
    text = "query answers in our contract’s form"
    try:
        status = provider.query_tn(_NUMBER)
    except ProviderProtocolError as error:
        look.assume("6", text, False, error.message)
        raise
    look.saw(f"{_NUMBER} is {status.word or status.ownership}")
    look.assume("6", text, True)


def _list(provider: Any, look: Look) -> None:
    owned: Iterator[Any] = provider.list_owned()
    count = sum(1 for _ in islice(owned, MOST_RECORDS))
    look.saw(f"{count} numbers" + (" and more" if count == MOST_RECORDS else ""))


def _request(provider: Any, look: Look) -> None:
    text = "A request that never was is answered with request_not_found"
    try:
        provider.client.requeststatus(reqref=_NO_REQUEST)
    except ProviderRefused as error:
        look.saw(f"refused with {error.code}")
        look.assume("7.9", text, error.code == "request_not_found", error.code)
        return
    look.saw("an answer to a request that never was")
    look.assume("7.9", text, False)


PROBES: Final = (
    Probe(operation="query", run=_query),
    Probe(operation="search", run=_search),
    Probe(operation="resporgcheck", run=_list),
    Probe(operation="requeststatus", run=_request),
)


def decisions(provider: Any) -> list[str]:
    """Return what a person must decide before the account is used."""
    wanted = [
        "Whether the provider still takes new users: its page sends visitors to a partner.",
        "The real documents of the SMS operations: ours is a contract of our own until they come.",
        "The subscriber’s name and telephone for holds: reserving certifies that one exists.",
    ]
    if not provider.account.setting("template"):
        wanted.insert(0, "The template record of new numbers: none is set.")
    return wanted
