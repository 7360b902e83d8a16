"""The bare Celery task that jobs are measured beside."""

from __future__ import annotations

import os
import time
from pathlib import Path

from celery import shared_task


@shared_task(name="bench.tasks.note")
def note(place: str, sent_at: float) -> None:
    """Append how many seconds ago the message was sent, and when it ended, to a file."""
    now = time.time()
    line = f"{now - sent_at:.6f} {now:.6f}\n".encode()
    descriptor = os.open(Path(place), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, line)  # one write: lines of several threads do not mix
    os.close(descriptor)
