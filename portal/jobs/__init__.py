"""The job ledger: submit, execute, settle, reconcile, sweep.

The only code that changes a job's status. See docs/adr/0002-ledger.md for why the broker is not
trusted with anything but ids.
"""

from portal.jobs.execute import execute
from portal.jobs.manage import cancel, hurry, retry_failed, settle_by_person, wake
from portal.jobs.submit import NotAccepted, submit, submit_group
from portal.jobs.sweep import prune, sweep

__all__ = [
    "NotAccepted",
    "cancel",
    "execute",
    "hurry",
    "prune",
    "retry_failed",
    "settle_by_person",
    "submit",
    "submit_group",
    "sweep",
    "wake",
]
