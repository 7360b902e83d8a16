"""Sending the letter that tells a customer which numbers are his."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.mail import EmailMessage

from inventory import targets, welcome, wishes
from inventory.models import Order
from portal import audit
from portal.models import JobItem
from portal.operations import Item, Operation, register
from portal.providers.dto import ItemOutcome, Outcome


@register
class WelcomeCustomer(Operation):
    """Mail the letter of an order, to each address by itself; the mail server is nobody's provider."""

    kind, permission = welcome.KIND, wishes.PERMISSION
    is_local, queue = True, "interactive"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which order the letter is about."""
        return f"Order {params[wishes.MARK]}: welcome mail"

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Hand each mail to the mail server."""
        subject, body = run.job.params["subject"], run.job.params["body"]
        for item in part.items:
            try:
                EmailMessage(subject, f"{body}\n", to=[item.params["to"]]).send()
            except (OSError, ValueError) as error:  # smtplib's errors are OSErrors
                words = f"The mail server did not take the mail to {item.params['to']}: {error}"
                advice = "Send it again from the order; the numbers are not touched by this."
                yield targets.outcome(item.target, Outcome.REFUSED, words, advice=advice)
            else:
                words = f"Handed to the mail server for {item.params['to']}."
                yield targets.done(item.target, words)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Audit what went."""
        sent = [item.params["to"] for item in items if item.status == JobItem.Status.SUCCEEDED]
        order = Order.objects.filter(pk=run.job.params[wishes.MARK]).first()
        if sent and order is not None:
            facts: dict[str, Any] = {
                "after": {"to": ", ".join(sent), "subject": run.job.params["subject"]}
            }
            audit.record(run.job.actor, "inventory.order.welcomed", order, job=run.job, **facts)
