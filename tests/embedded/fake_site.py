"""A supervisor over small fake programs, for the tests: run as `python -m … DIRECTORY WHAT`."""

from __future__ import annotations

import sys
from pathlib import Path

from portal.embedded.errors import CannotStart
from portal.embedded.process import ProcessSpec
from portal.embedded.supervisor import RestartRule, StopRequested, Supervisor, print_line

SLEEP = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); {SLEEP}"
CRASH = "import sys; print('first'); print('the reason.'); sys.exit(3)"
ONCE = (
    "import pathlib, sys; seen = pathlib.Path('seen'); was = seen.exists(); seen.touch();"
    f"sys.exit('only once') if not was else exec({SLEEP!r})"
)
PROGRAMS = {"sleep": SLEEP, "stubborn": STUBBORN, "parent": PARENT, "crash": CRASH, "once": ONCE}


def main(directory: Path, names: list[str]) -> int:
    """Keep the named programs running until asked to end."""
    try:
        with Supervisor(rule=RestartRule(delays=(0.1, 0.1))) as supervisor:
            for name in names:
                supervisor.start(
                    ProcessSpec(
                        name=name,
                        argv=(sys.executable, "-c", PROGRAMS[name]),
                        log=directory / f"{name}.log",
                        directory=directory,
                        stop_seconds=1.0,
                    )
                )
            print_line("started")
            supervisor.run()
    except StopRequested as request:
        print_line(f"stopped by {request}")
    except CannotStart as error:
        print_line(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
