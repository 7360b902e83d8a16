"""What was made lately and may serve again: few things, for some seconds, in one process."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """The latest `most` things that were kept, each under its key for at most `seconds`."""

    def __init__(self, *, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._kept: OrderedDict[Hashable, tuple[float, V]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> V | None:
        """Return what is kept under a key; None where nothing is, or not any more."""
        with self._lock:
            made, value = self._kept.get(key, (0.0, None))
            if value is None or time.monotonic() - made > self._seconds:
                return None
            self._kept.move_to_end(key)
        return value

    def keep(self, key: Hashable, value: V) -> V:
        """Keep something in place of what was there, and return it."""
        with self._lock:
            self._kept[key] = (time.monotonic(), value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value

    def forget(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._kept.clear()
