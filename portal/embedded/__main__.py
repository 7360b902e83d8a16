"""The command line: `python -m portal.embedded run`, or `exec [--dir DIRECTORY] COMMAND …`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from portal.embedded import paths
from portal.embedded.errors import CannotStart
from portal.embedded.site import run_site, run_with_servers
from portal.embedded.supervisor import StopRequested, end_with_parent, print_line


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return what the command line asks for; exits with the usage when it makes no sense."""
    parser = argparse.ArgumentParser(prog="python -m portal.embedded", description=__doc__)
    parser.add_argument("--dir", type=Path, help="instead of var/ (or VAR_DIR)")
    commands = parser.add_subparsers(dest="verb", required=True)
    commands.add_parser("run", help="run the whole site until Ctrl-C")
    inner = commands.add_parser("exec", help="run a command with database and broker up")
    inner.add_argument("command", nargs=argparse.REMAINDER)
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Do what the command line asks for, and return the exit code."""
    wanted = parse(arguments)
    var_dir = wanted.dir.absolute() if wanted.dir else paths.var_dir()
    try:
        if os.environ.get("MAKELEVEL"):
            end_with_parent()
        if wanted.verb == "exec":
            return run_with_servers(wanted.command, var_dir=var_dir)
        run_site(var_dir)
    except StopRequested:
        print_line("\nStopped.")
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:  # a full disk, a directory that is somebody else's
        place = f"{error.filename}: " if error.filename else ""
        print(f"Numberdesk cannot run here: {place}{error.strerror or error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
