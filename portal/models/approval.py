"""What waits for a second person: an intent as it was asked for, and what was decided about it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class ApprovalQuerySet(models.QuerySet["Approval"]):
    """Reads of approvals."""

    def visible_to(self, user: Any) -> ApprovalQuerySet:
        """Return everything for staff, nothing for a customer's user."""
        return self if user.is_staff_role else self.none()

    def waiting(self) -> ApprovalQuerySet:
        """Return what can still be decided."""
        return self.filter(status=Approval.Status.WAITING, expires_at__gt=timezone.now())

    def lapsed(self) -> ApprovalQuerySet:
        """Return what nobody decided in time and does not say so yet."""
        return self.filter(status=Approval.Status.WAITING, expires_at__lte=timezone.now())


class Approval(models.Model):
    """One intent that another person must approve before it is carried out.

    `intent` is what was posted and previewed, as its `kind` (see `portal.approvals`) wants it back;
    it holds no secret. Nobody decides about what he asked for: the database refuses it too.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waits for approval"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Nobody decided in time"

    kind = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    count = (
        models.PositiveIntegerField()
    )  # of numbers or lines that were to change when it was asked
    intent = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=64, unique=True)  # a second click is no second intent
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=300, blank=True)
    outcome = models.CharField(max_length=300, blank=True)  # what carrying it out did, in words

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="approval_by_another",
                condition=~Q(status__in=["approved", "refused"])
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
                violation_error_message="Somebody else than who asked must decide.",
            )
        ]
        indexes = [
            models.Index(fields=["status", "expires_at"], name="approval_status"),
            models.Index(fields=["asked_by", "-id"], name="approval_asker"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        """The status as it is now: one that lapsed says so before the clock's task wrote it down."""
        if self.status == self.Status.WAITING and self.expires_at <= timezone.now():
            return self.Status.EXPIRED
        return self.status

    @property
    def is_waiting(self) -> bool:
        """Whether it can still be decided."""
        return self.state == self.Status.WAITING
