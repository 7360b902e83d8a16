"""`manage.py runsandbox`: the pretend carriers as a process of their own."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.sandbox.server import serve


class Command(BaseCommand):
    """Run the sandbox until it is interrupted (Ctrl-C or SIGTERM)."""

    help = "Run the four pretend carriers (see docs/sandbox.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8081, help="0 takes a free port")
        parser.add_argument("--dir", default="var/sandbox", help="where stock and state are kept")
        parser.add_argument(
            "--scale", type=float, default=1.0, help="how much of the stock to make, 1 is all"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, self._interrupt)
        host, port, directory = options["host"], options["port"], Path(options["dir"])
        try:
            serve(
                host,
                port,
                directory,
                lambda bound: self._announce(host, bound),
                scale=options["scale"],
            )
        except KeyboardInterrupt:
            return
        except OSError as error:
            raise CommandError(
                f"The sandbox cannot start on {host}:{port} with {directory}: {error}"
            ) from error

    def _announce(self, host: str, port: int) -> None:
        self.stdout.write(f"Sandbox ready on http://{host}:{port}")
        self.stdout.flush()

    @staticmethod
    def _interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt
