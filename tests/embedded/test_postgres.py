"""The embedded PostgreSQL: its data outlive everything, and its refusals are one sentence."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psycopg
import pytest

from portal.embedded import identity
from portal.embedded.errors import CannotStart
from portal.embedded.postgres import FAST_OPTIONS, EmbeddedPostgres, find_bin_dir
from tests.embedded.watch import wait_until


def execute(server: EmbeddedPostgres, sql: str) -> list[tuple]:
    """Run one statement on a connection of its own and return its rows."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def test_data_outlive_a_stop_and_a_kill(own_postgres: EmbeddedPostgres) -> None:
    execute(own_postgres, "CREATE TABLE kept AS SELECT 1 AS n")
    own_postgres.stop()
    assert not own_postgres.is_ready()
    own_postgres.start()
    execute(own_postgres, "INSERT INTO kept VALUES (2)")
    own_postgres.kill()
    assert not own_postgres.is_ready()
    own_postgres.start()
    execute(own_postgres, "INSERT INTO kept VALUES (3)")
    own_postgres.stop(immediate=True)
    own_postgres.start()
    assert execute(own_postgres, "SELECT n FROM kept ORDER BY n") == [(1,), (2,), (3,)]


def test_starting_what_runs_changes_nothing(own_postgres: EmbeddedPostgres) -> None:
    pid = own_postgres.child.pid
    own_postgres.start()
    assert own_postgres.child.pid == pid


def test_it_sorts_and_knows_characters_as_production_does(own_postgres: EmbeddedPostgres) -> None:
    [(version,)] = execute(own_postgres, "SHOW server_version_num")
    assert int(version) >= 150_000
    assert execute(own_postgres, "SHOW server_encoding") == [("UTF8",)]
    assert execute(own_postgres, "SELECT upper('é') = 'É'") == [(True,)]
    execute(own_postgres, "CREATE EXTENSION pg_trgm")


def test_it_listens_on_no_network(own_postgres: EmbeddedPostgres) -> None:
    assert execute(own_postgres, "SHOW listen_addresses") == [("",)]


def test_a_database_that_is_there_stays(own_postgres: EmbeddedPostgres) -> None:
    own_postgres.make_database("second")
    own_postgres.make_database("second")
    with psycopg.connect(own_postgres.url("second")) as connection:
        assert connection.info.dbname == "second"


def sentence(server: EmbeddedPostgres) -> str:
    """Return what a start is refused with."""
    with pytest.raises(CannotStart) as caught:
        server.start()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_broken_directory_is_named_and_left_alone(own_postgres: EmbeddedPostgres) -> None:
    own_postgres.stop()
    directory = own_postgres.directory
    control = directory / "global" / "pg_control"
    control.write_bytes(b"\0" * 64)
    said = sentence(own_postgres)
    assert said.startswith("PostgreSQL did not start: could not read file")
    assert f"move {directory} away" in said
    (directory / "PG_VERSION").rename(directory / "elsewhere")
    assert f"{directory} is not a whole database" in sentence(own_postgres)
    (directory / "PG_VERSION").write_text("9\n")
    assert "was made by PostgreSQL 9" in sentence(own_postgres)
    assert control.read_bytes() == b"\0" * 64


def test_a_first_start_that_was_cut_short_is_begun_again(server_directory: Path) -> None:
    half_made = server_directory / "postgres.new"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18\n")
    (server_directory / "postgres").mkdir()
    server = EmbeddedPostgres(server_directory / "postgres", options=FAST_OPTIONS)
    server.start()
    server.stop(immediate=True)
    assert not half_made.exists()


def test_a_wrong_option_is_a_sentence(server_directory: Path) -> None:
    server = EmbeddedPostgres(server_directory / "postgres", options={"no_such": "thing"})
    assert "no_such" in sentence(server)


def test_a_bin_directory_without_a_server_is_refused(
    server_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBERDESK_PG_BIN", str(server_directory))
    assert sentence(EmbeddedPostgres(server_directory / "postgres")).startswith("NUMBERDESK_PG_BIN")


def test_another_bin_directory_can_be_named(
    server_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = sorted(Path("/usr/lib/postgresql").glob("1[5-9]/bin/initdb"))
    if not others:
        pytest.skip("no PostgreSQL of a distribution on this machine")
    monkeypatch.setenv("NUMBERDESK_PG_BIN", str(others[0].parent))
    server = EmbeddedPostgres(server_directory / "postgres", options=FAST_OPTIONS)
    server.start()
    try:
        [(version,)] = execute(server, "SHOW server_version")
        assert version.split(".")[0] == others[0].parent.parent.name
        assert execute(server, "SELECT upper('é') = 'É'") == [(True,)]
    finally:
        server.stop(immediate=True)


def test_a_long_path_works(server_directory: Path) -> None:
    server = EmbeddedPostgres(server_directory / ("long " * 20) / "postgres", options=FAST_OPTIONS)
    server.directory.parent.mkdir()
    server.start()
    try:
        assert execute(server, "SELECT 1") == [(1,)]
    finally:
        server.stop(immediate=True)
        shutil.rmtree(server.socket_dir)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_without_namespaces_runs_it_as_nobody(
    server_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "can_use_namespace", lambda: False)
    server_directory.chmod(0o755)
    try:
        identity.check_reachable("65534:65534", find_bin_dir() / "postgres")
    except CannotStart:
        pytest.skip("the checkout is in a private directory")
    server = EmbeddedPostgres(server_directory / "postgres", options=FAST_OPTIONS)
    server.start()
    try:
        assert execute(server, "SELECT 1") == [(1,)]
        assert server.directory.stat().st_uid == Path(f"/proc/{server.child.pid}").stat().st_uid
        assert server.directory.stat().st_uid != 0
    finally:
        server.stop(immediate=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_without_namespaces_in_a_private_place_gets_a_sentence(
    server_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "can_use_namespace", lambda: False)
    said = sentence(EmbeddedPostgres(server_directory / "postgres"))  # 0700, root's alone
    assert "cannot reach" in said
    assert "DATABASE_URL" in said


def test_no_process_of_a_killed_server_stays(own_postgres: EmbeddedPostgres) -> None:
    own_postgres.kill()
    place = str(own_postgres.directory).encode()

    def left() -> list[str]:
        names = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                is_there = (process / "cwd").readlink() == own_postgres.directory
                if is_there or place in (process / "cmdline").read_bytes():
                    names.append(process.name)
            except OSError:
                continue
        return names

    wait_until(lambda: not left(), what="the server's own processes to end")
