"""The wire of Custom Toll Free: one function per operation (custom-toll-free.md sections 5 to 7).

Arguments are checked before anything is sent (`ValueError`). Every function returns an `Answer`
that is SUCCESS or, for writes and the list, PENDING; ERROR answers are raised.
"""

from __future__ import annotations

from portal.providers.custom_toll_free.client.core import (
    MAX_NUMBERS,
    NOW,
    is_template,
    is_toll_free,
)
from portal.providers.custom_toll_free.client.lists import Lists
from portal.providers.custom_toll_free.client.numbers import Numbers
from portal.providers.custom_toll_free.client.records import Records

__all__ = ["MAX_NUMBERS", "NOW", "CustomTollFreeClient", "is_template", "is_toll_free"]


class CustomTollFreeClient(Numbers, Records, Lists):
    """Every operation of one account."""
