"""What the environment (or `.env`) says about servers, before Django can be asked."""

from __future__ import annotations

import os
from pathlib import Path


def is_configured(name: str, *, env_file: Path) -> bool:
    """Tell whether somebody named a server of their own with the variable `name`.

    Looks where the settings look: the environment, a file named by `<name>_FILE`, and `.env`.
    """
    if os.environ.get(name) or os.environ.get(f"{name}_FILE"):
        return True
    if name in os.environ or not env_file.is_file():
        return False  # an empty value in the environment overrides `.env`
    values = dict(_read_lines(env_file))
    return bool(values.get(name) or values.get(f"{name}_FILE"))


def _read_lines(path: Path) -> list[tuple[str, str]]:
    """Return the names and values of an env file, without quotes and comments."""
    pairs = []
    for line in path.read_text(errors="replace").splitlines():
        name, is_pair, value = line.strip().removeprefix("export ").partition("=")
        if is_pair and not name.startswith("#"):
            pairs.append((name.strip(), value.strip().strip("'\"")))
    return pairs
