"""Where the suite's own servers are: each worker of a parallel run has a broker database of its own."""

from __future__ import annotations

import pytest

from tests.servers import broker_of_worker


@pytest.mark.parametrize(
    ("url", "worker", "expected"),
    [
        ("redis+socket:///tmp/s.sock?virtual_host=0", "gw0", "?virtual_host=0"),
        ("redis+socket:///tmp/s.sock?virtual_host=0", "gw1", "?virtual_host=1"),
        ("redis://127.0.0.1:6379/9", "gw1", "127.0.0.1:6379/10"),
        ("redis://:secret@127.0.0.1:6379", "gw2", ":secret@127.0.0.1:6379/2"),
        ("redis://127.0.0.1:6379/15", "gw1", "127.0.0.1:6379/0"),
        ("amqp://guest@127.0.0.1//", "gw1", "amqp://guest@127.0.0.1//"),
    ],
)
def test_each_worker_has_a_broker_database_of_its_own(url, worker, expected):
    found = broker_of_worker(url, worker)
    assert found.endswith(expected)
    assert found.partition("://")[0] == url.partition("://")[0]
