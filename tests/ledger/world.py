"""Real processes for the fault tests: workers, a broker that forgets, a sandbox that counts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent
LEASE_SECONDS = 2
QUEUES = "interactive,voip_innovations,voicetel,intelepeer,custom_toll_free,bulk,default"


def eventually(condition: Callable[[], object], *, seconds: float = 120.0, what: str = "") -> None:
    """Wait until `condition` is true; fails the test with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"did not happen within {seconds} s: {what or condition}")


def database_url() -> str:
    """Return the address of the test database, for another process."""
    values = connection.settings_dict
    host = values.get("HOST") or values.get("OPTIONS", {}).get("host", "")
    user = f"{values['USER']}:{quote(values['PASSWORD'])}" if values["PASSWORD"] else values["USER"]
    if str(host).startswith("/"):
        return f"postgresql://{user}@/{values['NAME']}?host={host}"
    return f"postgresql://{user}@{host or '127.0.0.1'}:{values['PORT'] or 5432}/{values['NAME']}"


def environment(url: str) -> dict[str, str]:
    """Return the environment of a worker on the database `url`."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": url,
        "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "SALT_KEY": ",".join(settings.SALT_KEY),
        "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
        "JOB_REDELIVER_SECONDS": "1",
        "LOG_FORMAT": "json",
    }


@dataclass
class Worker:
    """A Celery worker in a process group of its own, so that SIGKILL leaves nothing of it."""

    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> Worker:
        """Start it and wait until it takes work."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "celery", "-A", "portal", "worker", "-Q", QUEUES),
                    *("--pool", "threads", "--concurrency", "4", "-l", "INFO"),
                    *("-n", f"w{os.getpid()}-{time.monotonic_ns()}@test"),
                    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
                ],
                cwd=ROOT,
                env=dict(self.environment),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        eventually(lambda: b"ready." in self.log.read_bytes(), what=f"worker up, see {self.log}")
        return self

    def kill(self) -> None:
        """SIGKILL: no goodbye, no clean-up."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
