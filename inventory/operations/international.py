"""Numbers outside the North American plan: which we have, and giving one back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from inventory import targets
from inventory.services import routes as services_routes
from portal import audit
from portal.account_operations.base import AccountRead
from portal.models import AccountFact, JobItem
from portal.operations import Answer, Item, Operation, register
from portal.providers.capabilities.holdings import InternationalNumbers
from portal.providers.dto import ItemOutcome
from portal.tn import TN

ABROAD = "international"  # the kind of the fact


@register
class ReadAbroad(AccountRead):
    """List an account's numbers outside North America."""

    kind, permission = "inventory.read_abroad", "inventory.sync_account"
    capability = "international_numbers"
    queue = "interactive"
    words = "Numbers abroad of"

    def call(self, provider: InternationalNumbers, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """List them."""
        run.scratch["rows"] = [asdict(one) for one in provider.list_international()]
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Keep the list."""
        if "rows" in run.scratch:
            services_routes.keep_fact(run.account, ABROAD, {"rows": run.scratch["rows"]})
            run.job.result = {"numbers": len(run.scratch["rows"])}


@register
class ReleaseAbroad(Operation):
    """Give a number outside North America back. Cannot be undone."""

    kind, permission = "inventory.release_abroad", "inventory.release_telephonenumber"
    capability, is_write = "international_numbers", True
    queue = "interactive"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which number is given back."""
        return f"Give back {items[0].target}"

    def call(self, provider: InternationalNumbers, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Give it back."""
        for item in part.items:
            try:
                yield provider.release_international(TN(item.target))
            except ValueError as error:
                yield targets.unsendable(item.target, error)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Take it off our copy of the list, and audit it."""
        gone = [item.target for item in items if item.status == JobItem.Status.SUCCEEDED]
        fact = AccountFact.objects.filter(account=run.account, kind=ABROAD).first()
        if not gone or fact is None:
            return
        rows = [row for row in fact.content.get("rows", []) if row["tn"] not in gone]
        services_routes.keep_fact(run.account, ABROAD, {"rows": rows})
        facts: dict[str, Any] = {"before": {"numbers": ", ".join(gone)}, "after": {"numbers": ""}}
        reason = run.job.params.get("reason", "")
        audit.record(
            run.job.actor,
            "inventory.abroad.released",
            run.account,
            reason=reason,
            job=run.job,
            **facts,
        )

    def ask(
        self, provider: InternationalNumbers, run: Any, items: Sequence[JobItem]
    ) -> Iterator[Answer]:
        """List them again: what is gone was given back."""
        listed = {one.tn for one in provider.list_international()}
        for item in items:
            if item.target in listed:
                words = "Asked the provider: it is still ours."
                yield Answer(item=item, verdict="not_done", words=words)
            else:
                outcome = targets.done(item.target, "Asked the provider: it is no longer ours.")
                yield Answer(item=item, verdict="done", outcome=outcome)
