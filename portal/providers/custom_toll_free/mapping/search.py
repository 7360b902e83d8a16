"""What to ask of the search interface, and what it finds (custom-toll-free.md section 5). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from portal.providers import xml
from portal.providers.custom_toll_free.envelope import Answer
from portal.providers.dto import Offer, SearchCriteria
from portal.providers.errors import off_contract
from portal.tn import TN, TOLL_FREE_NPAS

MIN_VANITY: Final = 3
_MAIN_DIGITS: Final = 7  # of a number behind its toll-free code
_SPELLING: Final = re.compile(r"(?=.*[A-Z])[A-Z0-9-]{7,}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchPlan:
    """What to ask of the search interface (section 5); `vanity` may be too short to be asked."""

    vanity: str
    prefixes: frozenset[str]  # toll-free codes; none where no number can fit
    trailing: int | None


def search_plan(criteria: SearchCriteria) -> SearchPlan:
    """Return the widest question that still covers `criteria`: the longest text to look for."""
    prefixes = TOLL_FREE_NPAS & {criteria.npa} if criteria.npa else TOLL_FREE_NPAS
    prefixes = frozenset(code for code in prefixes if code.startswith(criteria.starts[:3]))
    candidates: list[tuple[str, int | None]] = [(criteria.nxx, None), (criteria.starts[3:], None)]
    for text, trailing in ((criteria.contains, None), (criteria.ends, 0)):
        head, tail = text[:-_MAIN_DIGITS], text[-_MAIN_DIGITS:]
        prefixes = frozenset(code for code in prefixes if code.endswith(head[-3:]))
        candidates.append((tail, trailing))
    vanity, trailing = max(candidates, key=lambda pair: len(pair[0]))
    return SearchPlan(vanity=vanity, prefixes=prefixes, trailing=trailing)


def why_not_searchable(criteria: SearchCriteria) -> str:
    """Return the sentence why a search cannot be asked, "" if it can."""
    if not criteria.is_toll_free:
        return "Custom Toll Free sells toll-free numbers only."
    if criteria.features:
        return "Custom Toll Free does not tell which features a number has."
    plan = search_plan(criteria)
    if not plan.prefixes:
        return "No toll-free code fits: 800, 833, 844, 855, 866, 877 and 888 are in use."
    if len(plan.vanity) < MIN_VANITY:
        return (
            "Custom Toll Free needs at least three digits or letters of the number "
            "besides its toll-free code."
        )
    return ""


def offers(answer: Answer) -> Iterator[Offer]:
    """Yield the numbers of a search answer; empty items are dropped.

    Raises `ProviderProtocolError` for results that say something, but no number.
    """
    if answer.results is None:
        return
    records = xml.find_records(answer.results, "item")
    if not records and "".join(xml.texts(answer.results)).strip():
        raise off_contract("search", False, "the results hold no numbers")
    for record in records:
        digits = re.sub(r"\D", "", record.get("prefix", "") + record.get("number", ""))
        if len(digits) == 10:
            yield Offer(tn=TN.from_digits10(digits))
        elif record.get("number") or ("number" not in record and any(record.values())):
            raise off_contract("search", False, "a result does not name its number")


def spellings(answer: Answer) -> tuple[str, ...]:
    """Return the words of a reverse lookup, each once; plain digits are none."""
    if answer.results is None:
        return ()
    found = [
        text.upper()
        for item in answer.results.iterdescendants()
        if xml.is_named(item, "item")
        for child in item
        if _SPELLING.fullmatch(text := (child.text or "").strip())
    ]
    return tuple(dict.fromkeys(found))
