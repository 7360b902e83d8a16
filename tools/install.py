"""Make `.venv` and install a requirements file into it, unless that was done already.

Run by make with the system's Python: `python3 -P tools/install.py requirements.txt`. It uses the
standard library only. The stamp in `.venv` holds a hash of what was installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
LOG = VENV / "install.log"
RUN_TIME, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"


def main(requirements: str) -> int:
    """Bring `.venv` up to date with `requirements`; return the exit code."""
    # Two at once (make run and make test) take turns; a lock on the directory leaves no file.
    place = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        return bring_up_to_date(requirements)
    finally:
        os.close(place)


def bring_up_to_date(requirements: str) -> int:
    """Install what is not installed yet, and stamp it; return the exit code."""
    wanted = fingerprint(requirements)
    installed = read_stamp() if is_usable() else {}
    if installed.get(requirements) == wanted:
        return 0
    print("Installing the packages (only when requirements change) …", flush=True)
    STAMP.unlink(missing_ok=True)  # an installation that is cut short must not pass for whole
    try:
        if not is_usable():
            make_environment()
        install(requirements)
    except subprocess.CalledProcessError as error:
        print(explain(error), file=sys.stderr)
        return 1
    names = [RUN_TIME, DEVELOPMENT] if requirements == DEVELOPMENT else [requirements]
    STAMP.write_text(json.dumps({name: fingerprint(name) for name in names}))
    return 0


def fingerprint(requirements: str) -> str:
    """Return a hash of a requirements file, of the one it includes, and of this checkout's path.

    The path counts because an environment cannot be moved or copied.
    """
    names = [RUN_TIME, DEVELOPMENT] if requirements == DEVELOPMENT else [requirements]
    content = b"".join((ROOT / name).read_bytes() for name in names)
    return hashlib.sha256(content + os.fsencode(ROOT)).hexdigest()


def read_stamp() -> dict[str, str]:
    """Return what was installed: hash by file name; empty when that is not known."""
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def is_usable() -> bool:
    """Tell whether the environment's Python runs and is new enough."""
    question = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        asked = subprocess.run(
            [PYTHON, "-c", question], capture_output=True, check=False, timeout=60
        )
    except OSError:
        return False
    return asked.returncode == 0


def make_environment() -> None:
    """Make the environment afresh; raises CalledProcessError."""
    run([sys.executable, "-m", "venv", "--clear", str(VENV)])


def install(requirements: str) -> None:
    """Install what is pinned, as wheels: building from source wants compilers and headers."""
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-q"]
    done = run([*pip, "--only-binary", ":all:", "-r", str(ROOT / requirements)])
    LOG.write_text(done.stdout)


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command; raises CalledProcessError with all that it said when it fails."""
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
    )


def explain(error: subprocess.CalledProcessError) -> str:
    """Return one sentence on why the environment could not be made."""
    said = str(error.stdout)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if "ensurepip" in said or "No module named venv" in said:
        return (
            f"Python {version} here cannot make virtual environments. Install its venv module "
            f"(on Debian and Ubuntu: apt install python{version}-venv) and run make again."
        )
    lines = [line.removeprefix("ERROR: ") for line in said.splitlines() if "ERROR: " in line]
    reason = (lines or said.splitlines() or ["it said nothing"])[-1].strip().rstrip(".")
    if "No matching distribution" in said and "Connection" not in said:
        return (
            f"A package has no wheel for Python {version} on this machine: {reason}. "
            "Try another Python: make run PYTHON=/path/to/python3.11."
        )
    return f"The packages could not be installed: {reason}. Check the network and run make again."


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit("Stopped. The packages are not all installed; run make again.")
    except OSError as problem:
        sys.exit(f"The environment {VENV} could not be made: {problem}.")
