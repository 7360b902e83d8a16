"""The sandbox's store under several clients at once."""

from __future__ import annotations

import threading

from portal.sandbox.server import RunningSandbox

NUMBERS = "SELECT tn FROM number WHERE provider = 'voicetel' ORDER BY tn"


def test_a_list_that_is_still_read_does_not_stop_a_write(sandbox: RunningSandbox) -> None:
    """Two searches at once: one's open list, the other's write, then the first one's own write."""
    store = sandbox.store
    rows = store.iterate(NUMBERS)
    next(rows)
    other = threading.Thread(target=store.set_setting, args=("tests.other", 1))
    other.start()
    other.join(10)
    store.set_setting("tests.own", 1)
    rows.close()
    assert (store.setting("tests.other"), store.setting("tests.own")) == ("1", "1")
