"""How many numbers go to each route or are in each group, counted once while nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from inventory.services.routes import COUNT_CAP
from portal import counts

# Only syncs and jobs write where calls go; a number that comes or goes is one that changed.
_CHANGED: Final = """
    SELECT concat((SELECT max(finished_at) FROM portal_job), ' ',
                  (SELECT max(updated_at) FROM inventory_telephonenumber))
"""


def remembered(
    count: Callable[[Sequence[int]], dict[int, int]], ids: Sequence[int]
) -> dict[int, int]:
    """Return what `count` tells of these ids: `numbers_on` or `numbers_in` of the routes' services.

    It is counted again when a job is settled or a number changes; what is beyond the cap, after
    some seconds.
    """
    return counts.remembered(
        count.__name__, ids, count, changed=_CHANGED, is_believed=lambda told: told > COUNT_CAP
    )
