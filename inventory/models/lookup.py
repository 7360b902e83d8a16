"""What was looked up about numbers, ours or not, and what it cost."""

from __future__ import annotations

from django.db import models

from inventory.querysets import LookupQuerySet
from portal.models import Job, ProviderAccount, User
from portal.tn import TN


class Lookup(models.Model):
    """The last answer of one kind about one number; paid for, so kept and shown again."""

    class Kind(models.TextChoices):
        CNAM = "cnam", "Caller name"
        LRN = "lrn", "Carrier and routing (LRN)"
        PORTABLE = "portable", "Portability"

    kind = models.CharField(max_length=8, choices=Kind)
    tn = models.CharField("number", max_length=16, db_collation="C")
    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, related_name="+")
    answer = models.JSONField(default=dict)  # our words: name, lrn, ocn, lata, carrier, is_portable
    cost = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    looked_up_at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = LookupQuerySet.as_manager()

    class Meta:
        ordering = ["-looked_up_at"]
        constraints = [models.UniqueConstraint(fields=["kind", "tn"], name="lookup_last_only")]
        indexes = [models.Index(fields=["-looked_up_at", "id"], name="lookup_newest")]

    def __str__(self) -> str:
        return f"{TN(self.tn).pretty} {self.get_kind_display()}"
