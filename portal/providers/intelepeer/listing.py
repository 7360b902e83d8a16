"""Lists to their end: our numbers, and the stock (intelepeer.md sections 2, 3 and 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from portal.providers.intelepeer.client import MAX_PAGE, IntelePeerClient
from portal.providers.intelepeer.envelope import Refused
from portal.providers.intelepeer.mapping import numbers
from portal.providers.intelepeer.mapping.numbers import Page
from portal.tn import TN


def own_numbers(
    client: IntelePeerClient,
    *,
    like: str | Sequence[str] = (),
    page: int = 1,
    page_size: int = MAX_PAGE,
) -> Any:
    """Return one page of our numbers, by version 4 of the route or, where it is missing, 3.

    `client.my_tf_version` tells afterwards which one answered.
    """
    if client.my_tf_version == "v4":
        try:
            return client.my_tf_v4(like=like, page=page, page_size=page_size)
        except Refused as error:
            if error.code != "404":
                raise
            client.my_tf_version = "v3"
    return client.my_tf_v3(like=like, page=page, page_size=page_size)


def own_page(
    client: IntelePeerClient,
    *,
    like: str | Sequence[str] = (),
    page: int = 1,
    page_size: int = MAX_PAGE,
) -> Page:
    """Return the rows of one page of our numbers."""
    value = own_numbers(client, like=like, page=page, page_size=page_size)
    return numbers.owned_page(value, page_size=page_size, version=client.my_tf_version)


def all_pages(
    fetch: Callable[[int], Page], operation: str, *, most: int | None = None
) -> Iterator[tuple[TN, Mapping[str, Any]]]:
    """Yield the rows of all pages, at most `most`, each once.

    A page with a successor holds a row more than asked for, which comes again on the next one
    (section 3); so the rows of one page are remembered while the next is read, and no longer.
    """
    before: set[TN] = set()
    number = 0
    while most is None or number < most:
        number += 1
        page = fetch(number)
        now = {tn for tn, _ in page.rows}
        if page.is_empty:
            return
        if number > 1 and now <= before and page.has_more:
            raise numbers.repeats_itself(operation)
        seen = set(before)
        for tn, row in page.rows:
            if tn not in seen:
                seen.add(tn)
                yield tn, row
        if not page.has_more:
            return
        before = now
