"""Pin the newest packages within the ranges of `requirements.in` and `requirements-dev.in`.

Installs each set into an environment of its own and writes down what came, so that the pins are
known to fit together. The comment lines at the head of the pinned files are kept.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def resolve(*ranges: Path) -> list[str]:
    """Return the pins (`name==version`, sorted) of what the range files bring in."""
    with tempfile.TemporaryDirectory() as place:
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        pip = [f"{place}/bin/python", "-m", "pip", "--disable-pip-version-check"]
        wanted = [word for path in ranges for word in ("-r", str(path))]
        subprocess.run([*pip, "install", "-q", "--only-binary", ":all:", *wanted], check=True)
        frozen = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True)
    return sorted(frozen.stdout.split(), key=lambda pin: pin.lower().split("=")[0])


def write(path: Path, pins: list[str]) -> None:
    """Replace the pins of a requirements file below its head: comments and `-r` lines."""
    head = [line for line in path.read_text().splitlines() if line.startswith(("#", "-r"))]
    path.write_text("\n".join([*head, *pins]) + "\n")
    print(f"{path.name}: {len(pins)} packages")


def main() -> None:
    """Write both files; the development set is resolved with the run-time pins as they are."""
    run_time = resolve(ROOT / "requirements.in")
    write(ROOT / "requirements.txt", run_time)
    everything = resolve(ROOT / "requirements.txt", ROOT / "requirements-dev.in")
    write(ROOT / "requirements-dev.txt", [pin for pin in everything if pin not in run_time])


if __name__ == "__main__":
    main()
