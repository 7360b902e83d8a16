"""Whether an offer is what a person looks for: the filters that a provider cannot apply itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portal.providers.dto import Offer, SearchCriteria


def matches(offer: Offer, criteria: SearchCriteria) -> bool:
    """Return whether `offer` meets every criterion except `quantity` and `consecutive`.

    A place that the provider does not tell (empty in the offer) counts as a match for city and
    LATA, and so does a price; never digits, state or features.
    """
    digits = offer.tn.digits10
    if offer.tn.is_toll_free != criteria.is_toll_free:
        return False
    if criteria.npa and digits[:3] != criteria.npa:
        return False
    if criteria.nxx and digits[3:6] != criteria.nxx:
        return False
    if not digits.startswith(criteria.starts) or not digits.endswith(criteria.ends):
        return False
    if criteria.contains and criteria.contains not in digits:
        return False
    if criteria.features - offer.features:
        return False
    if criteria.tier and offer.tier != criteria.tier:
        return False
    if criteria.most_monthly is not None and (offer.monthly_cost or 0) > criteria.most_monthly:
        return False
    return _same_place(offer, criteria)


def _same_place(offer: Offer, criteria: SearchCriteria) -> bool:
    if criteria.is_toll_free:
        return True
    if criteria.state and offer.state.upper() != criteria.state.upper():
        return False
    for wanted, told in (
        (criteria.rate_center, offer.rate_center),
        (criteria.city, offer.city),
        (criteria.lata, offer.lata),
    ):
        if wanted and told and _squeezed(wanted) not in _squeezed(told):
            return False
    return True


def _squeezed(text: str) -> str:
    return "".join(c for c in text.upper() if c.isalnum())


def runs(offers: Iterable[Offer], *, length: int) -> Iterator[Offer]:
    """Yield only offers that stand in a run of at least `length` neighbouring numbers, sorted."""
    run: list[Offer] = []
    for offer in sorted(offers, key=lambda offer: offer.tn):
        if run and int(offer.tn) != int(run[-1].tn) + 1:
            if len(run) >= length:
                yield from run
            run = []
        run.append(offer)
    if len(run) >= length:
        yield from run
