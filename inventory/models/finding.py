"""What differs between us and a provider: the drift."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from inventory.models.number import TelephoneNumber
from inventory.querysets import FindingQuerySet
from portal.models import Job, ProviderAccount, User
from portal.tn import TN


class Finding(models.Model):
    """One difference about one number; the same one is never open twice.

    `kind` value: a wanted feature value differs. unknown_here: the provider lists a number that we
    do not hold. missing: we hold it and two full lists do not. also_listed: we hold it at another
    account, and this one lists it too; `ours` and `theirs` name both. `field` is the feature's name
    as in `TelephoneNumber.wanted`, empty for the other kinds.
    """

    class Kind(models.TextChoices):
        VALUE = "value", "Value differs"
        UNKNOWN_HERE = "unknown_here", "Unknown here"
        MISSING = "missing", "Missing at provider"
        ALSO_LISTED = "also_listed", "Also listed elsewhere"

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        REPAIRING = "repairing", "Being repaired"
        IGNORED = "ignored", "Ignored until a date"
        FIXED = "fixed", "Repaired"
        VANISHED = "vanished", "Gone by itself"

    LIVE = ("open", "repairing", "ignored")
    MOVES = {
        "open": {"repairing", "ignored", "fixed", "vanished"},
        "repairing": {"open", "fixed", "vanished"},
        "ignored": {"open", "fixed", "vanished"},
        "fixed": {"open"},
        "vanished": {"open"},
    }

    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="findings")
    tn = models.CharField("number", max_length=16, db_collation="C")
    number = models.ForeignKey(
        TelephoneNumber, on_delete=models.CASCADE, null=True, related_name="findings"
    )
    kind = models.CharField(max_length=14, choices=Kind)
    field = models.CharField(max_length=32, blank=True)
    ours = models.CharField("value here", max_length=200, blank=True)
    theirs = models.CharField("value there", max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    ignored_until = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "tn", "kind", "field"],
                condition=Q(status__in=["open", "repairing", "ignored"]),
                name="finding_live_once",
            )
        ]
        indexes = [
            models.Index(fields=["status", "kind", "account", "id"], name="finding_group"),
            models.Index(fields=["tn"], name="finding_tn"),
        ]

    def __str__(self) -> str:
        return f"{TN(self.tn).pretty} {self.field or self.get_kind_display()}"
