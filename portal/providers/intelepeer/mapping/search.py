"""What to ask of the stock (intelepeer.md section 2). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from portal.providers.dto import SearchCriteria
from portal.tn import TOLL_FREE_NPAS


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchPlan:
    """What to ask of the stock (section 2)."""

    like: str
    npas: tuple[str, ...]
    is_sequential: bool


def search_plan(criteria: SearchCriteria) -> SearchPlan:
    """Return the widest question that covers `criteria`: the longest text, and the area codes."""
    start = criteria.starts
    if criteria.npa and criteria.npa.startswith(start):
        start = criteria.npa + criteria.nxx
    whole_start = f"+1{start}" if len(start) > 3 else ""
    like = max(whole_start, criteria.contains, criteria.ends, criteria.nxx, key=len)
    npas = fitting_codes(criteria)
    return SearchPlan(
        like=like,
        npas=() if like and len(npas) == len(TOLL_FREE_NPAS) else npas,
        is_sequential=criteria.consecutive > 1 and not like,
    )


def fitting_codes(criteria: SearchCriteria) -> tuple[str, ...]:
    """Return the toll-free codes that `criteria` leaves, sorted."""
    head = criteria.starts[:3]
    return tuple(
        code
        for code in sorted(TOLL_FREE_NPAS)
        if code.startswith(head) and criteria.npa in {"", code}
    )


def why_not_searchable(criteria: SearchCriteria) -> str:
    """Return the sentence why the stock cannot be asked, "" if it can."""
    if not criteria.is_toll_free:
        return "IntelePeer sells toll-free numbers only."
    if criteria.features:
        return "IntelePeer does not tell which features a toll-free number has."
    if not fitting_codes(criteria):
        return "No toll-free code fits: 800, 833, 844, 855, 866, 877 and 888 are in use."
    return ""
