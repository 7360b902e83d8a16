"""VoiceTel section 2: call detail records, made up but the same each time they are asked for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_checks import epoch_range
from portal.sandbox.rest_voicetel_wire import (
    Caller,
    is_faulted,
    operation,
    parameters,
    success,
)
from portal.sandbox.store import Store

HOUR = 3600
KEPT = timedelta(days=90)
CALLS_PER_HOUR = 3
CALLERS = ("JANE ROE", "EXAMPLE LLC", "FRONT DESK", "J & R SUPPLY")
FAR_ENDS = ("8005550100", "3125550142", "4155550143", "2125550144", "6175550145")


@operation(limited="cdr", refusal=(401, "Account is disabled"))
def list_calls(request: Request, store: Store, caller: Caller) -> Response:
    """GET /account/cdr: the calls between two edges, both included, newest first.

    `start` is the newer edge, `end` the older one. Calls of the last 90 days are kept, and those
    of the future are not known yet.
    """
    now = store.now()
    start, end = epoch_range(parameters(request), newer="start", older="end", now=now)
    calls: list[dict[str, Any]] = []
    if not is_faulted(request, "empty"):
        newest = min(start, int(now.timestamp()))
        oldest = max(end, int((now - KEPT).timestamp()))
        calls = [
            call
            for hour in range(newest // HOUR, oldest // HOUR - 1, -1)
            for call in _calls_of(caller, hour)
            if oldest <= int(call["key"][1]) <= newest
        ]
    return success({"start": start, "end": end, "cdr": calls})


def _calls_of(caller: Caller, hour: int) -> Iterator[dict[str, Any]]:
    """Yield the calls of an account in one hour since 1970, newest first; all values are texts."""
    rng = random.Random(f"cdr{caller.login}{hour}")  # noqa: S311 - repeatable, not secret
    rate = float(caller.facts["rates"]["nibble"])
    seconds = sorted(rng.sample(range(HOUR), rng.randrange(CALLS_PER_HOUR)), reverse=True)
    for second in seconds:
        duration = rng.randrange(6, 1800, 6)
        yield {
            "id": f"{rng.getrandbits(128):032x}",
            "key": [caller.login, str(hour * HOUR + second)],
            "value": {
                "ip": f"198.51.100.{rng.randrange(1, 255)}",
                "cn": quote(rng.choice(CALLERS)),
                "nr": f"{rate:.3f}",
                "dst": rng.choice(FAR_ENDS),
                "dur": str(duration),
                "ba": f"{duration * rate / 60:.6f}",
                "cid": caller.facts["callerId"],
            },
        }
