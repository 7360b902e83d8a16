"""Where the embedded servers live, and how Django and Celery reach them."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

SOCKET_PATH_LIMIT = 107  # bytes, of a Unix socket's address


def socket_dir(var_dir: Path, name: str) -> Path:
    """Return a directory whose socket paths are short enough, the same one at every start."""
    wanted = var_dir.resolve() / name
    if len(str(wanted / ".s.PGSQL.5432.lock").encode()) < SOCKET_PATH_LIMIT:
        return wanted
    digest = hashlib.sha256(str(wanted).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"numberdesk-{digest}"


def database_url(var_dir: Path, name: str = "portal") -> str:
    """Return the DSN of the embedded PostgreSQL under `var_dir`."""
    return f"postgresql://portal@/{name}?host={socket_dir(var_dir, 'postgres')}"


def broker_url(var_dir: Path) -> str:
    """Return the address of the embedded Valkey under `var_dir`."""
    return f"redis+socket://{socket_dir(var_dir, 'valkey')}/s.sock?virtual_host=0"
