"""Where the embedded servers live, and how Django and Celery reach them."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from portal.embedded.errors import CannotStart

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SOCKET_PATH_LIMIT = 107  # bytes, of a Unix socket's address
# Not tempfile.gettempdir(): the address must not change with somebody's TMPDIR.
SHORT_DIR = Path("/tmp")  # noqa: S108
LONGEST_NAME = ".s.PGSQL.5432.lock"
PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")  # what needs no quoting in a URL or a server option


def var_dir() -> Path:
    """Return the directory of everything that is made at run time, from VAR_DIR or `var/`."""
    return Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").absolute()


def short_socket_dir(directory: Path) -> Path:
    """Return where a server with its data in `directory` puts its socket: there, if that can be.

    A path that is too long for a socket's address, or that would need quoting, gets a short
    directory of its own instead, the same one at every start.
    """
    wanted = directory.resolve()
    is_short = len(os.fsencode(wanted / LONGEST_NAME)) < SOCKET_PATH_LIMIT
    if is_short and PLAIN_PATH.fullmatch(str(wanted)):
        return wanted
    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
    return SHORT_DIR / f"numberdesk-{digest}"


def socket_dir(var_dir: Path, name: str) -> Path:
    """Return the socket directory of the server `name` under `var_dir`."""
    return short_socket_dir(var_dir / name)


def database_url(var_dir: Path, name: str = "portal") -> str:
    """Return the DSN of the embedded PostgreSQL under `var_dir`."""
    return f"postgresql://portal@/{name}?host={socket_dir(var_dir, 'postgres')}"


def broker_url(var_dir: Path) -> str:
    """Return the address of the embedded Valkey under `var_dir`."""
    return f"redis+socket://{socket_dir(var_dir, 'valkey')}/s.sock?virtual_host=0"


def make_private(directory: Path, *, owner: tuple[int, int] | None = None) -> None:
    """Make `directory` (mode 0700) if it is missing, and see that it is nobody else's.

    `owner` is the user and group that the server runs as, where that is not ourselves.
    Raises CannotStart when the directory belongs to another user or is no directory.
    """
    allowed = {os.geteuid()} | ({owner[0]} if owner else set())
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = directory.lstat()
    except FileExistsError:
        raise CannotStart(f"{directory} is a file, not a directory. Move it away.") from None
    if not directory.is_dir() or directory.is_symlink() or facts.st_uid not in allowed:
        raise CannotStart(
            f"{directory} belongs to another user or is not a directory. "
            "Remove it, or run as the user who made it."
        )
    if owner and facts.st_uid != owner[0]:
        os.chown(directory, *owner)
    directory.chmod(0o700)


def check_socket_path(path: Path) -> None:
    """Refuse, with CannotStart, a socket address that the system would cut off."""
    if len(os.fsencode(path)) > SOCKET_PATH_LIMIT:
        raise CannotStart(
            f"The path {path} is too long for a socket ({SOCKET_PATH_LIMIT} bytes at most). "
            "Move the checkout to a shorter path, or set VAR_DIR to one."
        )
