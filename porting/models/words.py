"""What providers' words mean to us, where an administrator said so, or nobody did yet."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from porting.querysets import StaffQuerySet


class ProviderWord(models.Model):
    """One word of one provider for a port that the code does not know by itself.

    A word without a meaning changes nothing: the order keeps its state, and somebody is told.
    """

    class Meaning(models.TextChoices):
        UNKNOWN = "", "Not known yet"
        KEEP = "keep", "Says nothing new: the state stays"
        SUBMITTED = "submitted", "Submitted"
        PENDING_DOCUMENTS = "pending_documents", "Papers missing"
        WITH_LOSING_CARRIER = "with_losing_carrier", "With the losing carrier"
        EXCEPTION = "exception", "Rejected"
        FOC_SET = "foc_set", "Date confirmed"
        ACTIVATING = "activating", "Activating"
        PARTIALLY_COMPLETED = "partially_completed", "Partly completed"
        COMPLETED = "completed", "Completed"
        CANCELLED = "cancelled", "Canceled"

    slug = models.CharField("provider", max_length=32)
    word = models.CharField(max_length=120)  # as it was first seen
    folded = models.CharField(max_length=120)  # as it compares: no case, single blanks
    meaning = models.CharField(max_length=20, choices=Meaning, blank=True, default="")
    note = models.CharField(max_length=200, blank=True)
    seen_count = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["slug", "folded"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "folded"], name="provider_word_once")
        ]

    def __str__(self) -> str:
        return self.word

    @property
    def is_known(self) -> bool:
        """Whether somebody said what it means."""
        return bool(self.meaning)
