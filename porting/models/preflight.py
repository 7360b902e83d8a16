"""Numbers that were pasted to be ported: checked first, then put together into orders."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from portal.models import Customer, Job, ProviderAccount
from portal.tn import TN
from porting.models.order import PortOrder
from porting.querysets import PreflightLineQuerySet, PreflightQuerySet


class Preflight(models.Model):
    """One list of numbers on its way to be orders; kept, so that coming back works."""

    class State(models.TextChoices):
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Checked"
        GROUPED = "grouped", "Made into orders"
        DISCARDED = "discarded", "Thrown away"

    uid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="port_preflights"
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    key = models.CharField(max_length=100, unique=True)
    file_name = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PreflightQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Pre-flight {self.pk}"


class PreflightLine(models.Model):
    """One entry of the list: a number and what was found out, or a text that is none."""

    class Verdict(models.TextChoices):
        WAITING = "waiting", "Being checked"
        PORTABLE = "portable", "Can be ported"
        NOT_PORTABLE = "not_portable", "Cannot be ported"
        SET_ASIDE = "set_aside", "Set aside"
        NOT_CHECKED = "not_checked", "Could not be checked"

    preflight = models.ForeignKey(Preflight, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    text = models.CharField("as it was entered", max_length=60)
    tn = models.CharField("number", max_length=16, blank=True, db_collation="C")
    verdict = models.CharField(max_length=12, choices=Verdict, default=Verdict.WAITING)
    problem = models.CharField(max_length=32, blank=True)  # a name of porting.preflight.PROBLEMS
    words = models.CharField(max_length=300, blank=True)
    account = models.ForeignKey(
        ProviderAccount, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answers = models.JSONField(default=dict)  # account id → what that provider answered
    losing_carrier = models.CharField(max_length=120, blank=True)
    routing_number = models.CharField("LRN", max_length=16, blank=True)
    rate_center = models.CharField(max_length=40, blank=True)
    tier = models.CharField(max_length=12, blank=True)
    is_wireless = models.BooleanField(null=True)
    checked_at = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    order = models.ForeignKey(PortOrder, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = PreflightLineQuerySet.as_manager()

    class Meta:
        ordering = ["preflight", "position"]
        constraints = [
            models.UniqueConstraint(fields=["preflight", "position"], name="preflight_position")
        ]
        indexes = [
            models.Index(fields=["preflight", "tn"], name="preflight_tn"),
            models.Index(fields=["preflight", "verdict"], name="preflight_verdict"),
        ]

    def __str__(self) -> str:
        return TN(self.tn).pretty if self.tn else self.text
