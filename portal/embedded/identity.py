"""As whom PostgreSQL runs, which refuses to run as root."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from functools import cache
from pathlib import Path

from portal.embedded.errors import CannotStart
from portal.embedded.process import LAUNCHER

SAME = "same"
NAMESPACE = "namespace"


def server_identity(directory: Path) -> str:
    """Return the identity (see launch.py) for a server whose data are in `directory`.

    Root runs it in a user namespace of one's own, where that is allowed, and otherwise as nobody;
    data of another user stay with that user. Raises CannotStart for data that are not ours.
    """
    owner = directory.stat() if directory.exists() else None
    ours = os.geteuid()
    if ours != 0:
        if owner and owner.st_uid != ours:
            raise CannotStart(
                f"{directory} belongs to {_user_name(owner.st_uid)}. Run as that user, "
                "or move it away to start with an empty database."
            )
        return SAME
    if owner and owner.st_uid != 0:
        return f"{owner.st_uid}:{owner.st_gid}"
    if can_use_namespace():
        return NAMESPACE
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart(
            "PostgreSQL does not run as root, this machine allows no user namespaces and has no "
            "user named nobody. Run as an ordinary user, or set DATABASE_URL."
        ) from None
    return f"{nobody.pw_uid}:{nobody.pw_gid}"


def user_and_group(identity: str) -> tuple[int, int] | None:
    """Return the user and group ids that an identity stands for; None when they are ours."""
    if identity in (SAME, NAMESPACE):
        return None
    uid, _, gid = identity.partition(":")
    return int(uid), int(gid)


@cache
def can_use_namespace() -> bool:
    """Tell whether this machine lets us make a user namespace (many containers do not)."""
    return run_as(NAMESPACE, ["/bin/true"]).returncode == 0


def check_reachable(identity: str, *paths: Path) -> None:
    """Refuse, with CannotStart, paths that `identity` cannot enter, such as one below /root."""
    if user_and_group(identity) is None:
        return
    for path in paths:
        if run_as(identity, ["/bin/sh", "-c", 'test -r "$0"', str(path)]).returncode != 0:
            raise CannotStart(
                "PostgreSQL does not run as root, this machine allows no user namespaces, and an "
                f"ordinary user cannot reach {path}. Run as an ordinary user, move the checkout "
                "out of the private directory, or set DATABASE_URL."
            )


def run_as(identity: str, argv: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a short command with `identity` and return how it ended and what it said."""
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), "9", identity]
    return subprocess.run(
        launcher + argv,
        cwd="/",
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def clean_environment() -> dict[str, str]:
    """Return our environment without what steers PostgreSQL's programs, and with plain words."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
