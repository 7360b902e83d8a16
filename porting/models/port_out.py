"""Numbers that leave us, or seem to have left."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from inventory.models import TelephoneNumber
from portal.models import Customer
from portal.tn import TN
from porting.querysets import PortOutQuerySet


class PortOut(models.Model):
    """One number that another carrier asks for, or has taken.

    Our providers tell of no port-out: it is noticed by comparing lists, by the LRN, by a ticket, or
    somebody reports it.
    """

    class State(models.TextChoices):
        SUSPECTED = "suspected", "Seems to have left"
        REQUESTED = "requested", "Asked for"
        APPROVED = "approved", "Approved"
        AUTO_APPROVED = "auto_approved", "Approved by time"
        REJECTED = "rejected", "Rejected"
        CLOSED = "closed", "Closed"
        COMPLETED = "completed", "Ported out"
        CANCELLED = "cancelled", "Canceled"
        DISMISSED = "dismissed", "Still ours"

    class Way(models.TextChoices):
        LIST = "list", "Missing in the provider’s list"
        LRN = "lrn", "Its LRN belongs to somebody else"
        TICKET = "ticket", "A ticket speaks of it"
        PERSON = "person", "Somebody reported it"

    MOVES: dict[str, set[str]] = {
        "suspected": {"requested", "completed", "dismissed"},
        "requested": {"approved", "rejected", "auto_approved", "completed", "cancelled"},
        "approved": {"completed", "cancelled"},
        "auto_approved": {"completed", "cancelled"},
        "rejected": {"requested", "closed"},
        "closed": set(),
        "completed": set(),
        "cancelled": set(),
        "dismissed": set(),
    }
    OPEN = ("suspected", "requested", "approved", "auto_approved", "rejected")

    tn = models.CharField("number", max_length=16, db_collation="C")
    number = models.ForeignKey(
        TelephoneNumber, on_delete=models.SET_NULL, null=True, related_name="port_outs"
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=14, choices=State, default=State.SUSPECTED)
    previous_state = models.CharField(max_length=14, blank=True)
    state_since = models.DateTimeField(default=timezone.now)
    detected_by = models.CharField(max_length=8, choices=Way)
    detected_at = models.DateTimeField(default=timezone.now)
    evidence = models.JSONField(default=list)  # [{"at", "way", "words"}], the newest last
    gaining_carrier = models.CharField(max_length=120, blank=True)
    due_on = models.DateField("goes on", null=True, blank=True)
    answer_due_at = models.DateTimeField("approved by time", null=True, blank=True)
    reject_code = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=300, blank=True)
    left_on = models.DateField("billed until", null=True, blank=True)
    # What follows from it: step → {"at", "status", "job", "words"}.
    follow_up = models.JSONField(default=dict, blank=True)
    is_followed_up = models.BooleanField(default=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = PortOutQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tn"],
                condition=Q(
                    state__in=["suspected", "requested", "approved", "auto_approved", "rejected"]
                ),
                name="port_out_one_open",
            )
        ]
        indexes = [
            models.Index(fields=["state", "state_since", "id"], name="port_out_state"),
            models.Index(fields=["tn"], name="port_out_tn"),
            models.Index(fields=["customer", "-id"], name="port_out_customer"),
        ]

    def __str__(self) -> str:
        return f"Port-out of {TN(self.tn).pretty}"

    def why_not(self, to: str) -> str:
        """Return why it may not move to a state, as a sentence; empty where it may."""
        if to in self.MOVES[self.state]:
            return ""
        return f"{self} is “{self.get_state_display()}” and cannot become “{self.State(to).label}”."
