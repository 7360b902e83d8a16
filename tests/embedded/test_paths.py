"""Addresses of the embedded servers stay short, plain and the same."""

from __future__ import annotations

import stat
from pathlib import Path

import environ
import pytest

from portal.embedded import paths, secrets
from portal.embedded.errors import CannotStart


def test_the_socket_lies_with_the_data_where_the_path_is_short() -> None:
    assert paths.socket_dir(Path("/srv/desk/var"), "postgres") == Path("/srv/desk/var/postgres")


@pytest.mark.parametrize("place", ["/srv/" + "x" * 100, "/srv/my desk", "/srv/büro", "/srv/a,b"])
def test_a_long_or_unusual_path_gets_a_short_socket_directory(place: str) -> None:
    found = paths.socket_dir(Path(place), "postgres")
    assert found.parent == paths.SHORT_DIR
    assert found == paths.socket_dir(Path(place), "postgres")
    assert found != paths.socket_dir(Path(place), "valkey")
    paths.check_socket_path(found / paths.LONGEST_NAME)


def test_a_socket_path_that_would_be_cut_off_is_refused() -> None:
    with pytest.raises(CannotStart, match=r"too long for a socket.*VAR_DIR"):
        paths.check_socket_path(Path("/" + "x" * 120))


def test_django_reads_the_address_back() -> None:
    settings = environ.Env.db_url_config(paths.database_url(Path("/srv/desk/var")))
    assert settings["NAME"] == "portal"
    assert settings["USER"] == "portal"
    assert settings["OPTIONS"]["host"] == "/srv/desk/var/postgres"


def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match="not a directory"):
        paths.make_private(tmp_path / "link")
    with pytest.raises(CannotStart, match="is a file"):
        paths.make_private(tmp_path / "file")


def test_a_private_directory_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    paths.make_private(tmp_path / "open")
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o700


def test_secrets_are_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    first = secrets.load_or_create(tmp_path / "var")
    assert secrets.load_or_create(tmp_path / "var") == first
    assert set(first) == {"SECRET_KEY", "SALT_KEY"}
    assert len(first["SECRET_KEY"]) >= 50
    assert first["SECRET_KEY"] != first["SALT_KEY"]
    assert stat.S_IMODE((tmp_path / "var" / "secrets.json").stat().st_mode) == 0o600
    assert secrets.load_or_create(tmp_path / "other") != first
