"""Who had a number, and when: the basis of the aging rule and of the disconnect report."""

from __future__ import annotations

from django.db import models
from django.db.models import Q, Value

from inventory.models.number import TelephoneNumber
from inventory.querysets import AssignmentQuerySet
from portal.models import Customer, Job, User


class Assignment(models.Model):
    """One customer's time with a number; open while `until` is empty.

    `is_disconnect` says that its subscriber lost the number for good: that ages it, and stands in
    the disconnect report. Restoring the number opens the same row again.
    """

    class E911(models.TextChoices):
        LATER = "later", "The record comes later"
        KEPT = "kept", "The record that stands is right for them; without one it comes later"
        NOT_REQUIRED = "not_required", "No voice, so none is needed"

    number = models.ForeignKey(
        TelephoneNumber, on_delete=models.CASCADE, related_name="assignments"
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="assignments")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    is_disconnect = models.BooleanField(default=False, db_default=False)
    # What was decided when the customer got it: nobody may go without E911 by accident.
    e911_decision = models.CharField(
        "E911", max_length=12, choices=E911, blank=True, default="", db_default=Value("")
    )
    e911_reason = models.CharField(max_length=200, blank=True, default="", db_default=Value(""))
    reason = models.CharField(max_length=200, blank=True)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(until=None), name="assignment_open_once"
            )
        ]
        indexes = [
            models.Index(fields=["customer", "-since"], name="assignment_customer"),
            models.Index(fields=["until"], name="assignment_until"),
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.customer}"
