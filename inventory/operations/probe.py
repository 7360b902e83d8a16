"""The first look at an account: harmless reads, and what they say of our assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from portal import audit
from portal.account_operations.base import AccountRead
from portal.models import Job, JobItem
from portal.operations import register
from portal.providers.capabilities.inventory import SelfCheck
from portal.providers.dto import ItemOutcome


@register
class ProbeAccount(AccountRead):
    """Make every harmless read once; the result tells what works, differs and is to be decided."""

    kind, permission = "inventory.probe_account", "portal.test_provideraccount"
    capability = "self_check"
    also_uses = ("credential_check",)
    max_attempts = 1
    words = "First look at"

    def call(self, provider: SelfCheck, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Probe; a read that fails is a finding and stops nothing."""
        found = run.scratch.setdefault("probed", [])
        for probed in provider.probe():
            found.append(asdict(probed))
            Job.objects.filter(pk=run.job.pk).update(
                reason=f"{probed.operation}: {probed.words}"[:300]
            )
        run.scratch["decisions"] = provider.decisions()
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Keep the findings with the job."""
        run.job.result = {
            "probed": run.scratch.get("probed", []),
            "decisions": run.scratch.get("decisions", []),
        }
        audit.record(run.job.actor, "portal.account.probed", run.account, job=run.job)
