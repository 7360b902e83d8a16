"""Become another program that ends when the one that asked for it ends.

Run as a script by `process.Child`, never imported by it:

    python -I -S launch.py PARENT SIGNAL IDENTITY PROGRAM [ARGUMENT …]

PARENT is the process id of the one who asks; SIGNAL is what the kernel sends this process when
that one is gone, also after SIGKILL. IDENTITY is `same`, `UID:GID` (become that user), or
`namespace` (stay who we are for the machine, but look like an ordinary user to PROGRAM:
PostgreSQL refuses to run as root).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
NOBODY = 65534
CANNOT_LAUNCH = 126


def enter_namespace(libc: ctypes.CDLL) -> None:
    """Enter a user namespace in which we are nobody; raises OSError where that is forbidden."""
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def become(identity: str, libc: ctypes.CDLL) -> None:
    """Take on `identity`, as described above; raises OSError when the system forbids it."""
    if identity == "namespace":
        enter_namespace(libc)
    elif identity != "same":
        uid, _, gid = identity.partition(":")
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))


def main(arguments: list[str]) -> int:
    """Do as described above; returns only when that was not possible."""
    parent, orphan_signal, identity, *argv = arguments
    libc = ctypes.CDLL(None, use_errno=True)
    # Python ignores these two, and what is ignored stays so in the program that we become.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        become(identity, libc)
        # After the change of identity, which takes this promise back.
        libc.prctl(PR_SET_PDEATHSIG, int(orphan_signal))
        if os.getppid() != int(parent):
            return 0  # the one who asked is gone already
        os.execv(argv[0], argv)  # noqa: S606 - the point of this script
    except OSError as error:
        print(f"cannot run {argv[0]}: {error.strerror}", file=sys.stderr)
    return CANNOT_LAUNCH


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
