"""What differs between what was accepted and what a provider tells: the drift of E911."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from e911.models.record import EmergencyRecord
from e911.querysets import DifferenceQuerySet
from portal.models import Job, User


class Difference(models.Model):
    """One difference of one record; the same one is never open twice."""

    class Kind(models.TextChoices):
        ADDRESS = "address", "Address differs"
        NAME = "name", "Caller name differs"
        MISSING = "missing", "No record at the provider"
        UNWANTED = "unwanted", "A record that is not wanted here"

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        REPAIRING = "repairing", "Being repaired"
        IGNORED = "ignored", "Ignored"
        FIXED = "fixed", "Repaired"
        VANISHED = "vanished", "Gone by itself"

    LIVE = ("open", "repairing", "ignored")

    record = models.ForeignKey(
        EmergencyRecord, on_delete=models.CASCADE, related_name="differences"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    ours = models.CharField("here", max_length=300, blank=True)
    theirs = models.CharField("at the provider", max_length=300, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    ignored_until = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "kind"],
                condition=Q(status__in=["open", "repairing", "ignored"]),
                name="e911_difference_live_once",
            ),
            models.CheckConstraint(
                name="e911_difference_ignored",
                condition=~Q(status="ignored") | ~Q(reason=""),
                violation_error_message="Say why the difference is accepted.",
            ),
        ]
        indexes = [models.Index(fields=["status", "kind", "id"], name="e911_difference_group")]

    def __str__(self) -> str:
        return f"{self.record}: {self.get_kind_display()}"
