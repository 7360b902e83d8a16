"""Secrets of a first look: made once, kept under var/ for the owner's eyes only."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path


def load_or_create(var_dir: Path) -> dict[str, str]:
    """Return SECRET_KEY and SALT_KEY, making and keeping them (mode 0600) if there are none yet."""
    path = var_dir / "secrets.json"
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        values = {name: secrets.token_urlsafe(50) for name in ("SECRET_KEY", "SALT_KEY")}
        part = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(values, file)
        try:
            os.link(part, path)  # atomic: of two processes one wins, both read the same
        except FileExistsError:
            pass
        finally:
            part.unlink()
    values = json.loads(path.read_text())
    return {name: str(values[name]) for name in ("SECRET_KEY", "SALT_KEY")}
