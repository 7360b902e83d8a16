"""What the pages of customers show: facts, what the domains have of one, people, jobs, history."""

from __future__ import annotations

from typing import Any

from portal import panels, row_drawing
from portal.models import AuditEntry, Customer, Job, User

JOBS_SHOWN = 8
ENTRIES_SHOWN = 15


def counts(ids: list[int]) -> dict[int, str]:
    """Return how many numbers each of some customers has, as it is shown."""
    return {key: n for source in panels.customer_counts for key, n in source(ids).items()}


def context(customer: Customer, user: User) -> dict[str, Any]:
    """Return what the page of one customer shows."""
    jobs = Job.objects.visible_to(user).roots().for_list().filter(customer=customer)
    entries = AuditEntry.objects.visible_to(user).filter(customer=customer).order_by("-id")
    keys = list(entries.values_list("id", flat=True)[:ENTRIES_SHOWN])
    people = User.objects.visible_to(user).filter(customer=customer)
    return {
        "customer": customer,
        "shares": [source(customer, user) for source in panels.customer_shares],
        "people": people.order_by("-is_active", "name"),
        "jobs": jobs.order_by("-id")[:JOBS_SHOWN],
        "entries": row_drawing.draw_entries(row_drawing.fetch_entries(keys, "id")),
        "can_change": user.has_perm("portal.change_customer"),
    }
