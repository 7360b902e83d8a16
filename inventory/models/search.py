"""A search at the providers and what they offered; offers never enter the number table."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from inventory.querysets import NumberSearchQuerySet
from portal.models import Job, ProviderAccount
from portal.tn import TN


class NumberSearch(models.Model):
    """What somebody looked for. Its job is a group with one child per provider account."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="search", null=True)
    criteria = models.JSONField(default=dict)
    left_out = models.JSONField(default=list)  # [{account, reason}] not asked, with the sentence
    created_at = models.DateTimeField(auto_now_add=True)

    objects = NumberSearchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "number searches"

    def __str__(self) -> str:
        return f"Search {self.pk}"


class SearchOffer(models.Model):
    """A number that a provider had for sale when it was asked."""

    search = models.ForeignKey(NumberSearch, on_delete=models.CASCADE, related_name="offers")
    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="+")
    tn = models.CharField(max_length=16, db_collation="C")
    rate_center = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=60, blank=True)
    region = models.CharField(max_length=2, blank=True)
    lata = models.CharField(max_length=5, blank=True)
    tier = models.CharField(max_length=12, blank=True)
    network = models.CharField(max_length=40, blank=True)
    features = ArrayField(models.CharField(max_length=12), default=list)
    monthly_cost = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    setup_cost = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["tn"]
        constraints = [
            models.UniqueConstraint(fields=["search", "account", "tn"], name="offer_once")
        ]

    def __str__(self) -> str:
        return TN(self.tn).pretty
