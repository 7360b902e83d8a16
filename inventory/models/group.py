"""Groups that a provider knows, and thresholds that we set."""

from __future__ import annotations

from django.db import models

from inventory.querysets import StaffQuerySet
from portal.models import CachedFromProvider


class NumberGroup(CachedFromProvider):
    """A group of numbers at a provider account (a DID group); members stand in the mirror."""

    name = models.CharField(max_length=120)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["account", "name"]
        constraints = [
            models.UniqueConstraint(fields=["account", "provider_ref"], name="number_group_once")
        ]

    def __str__(self) -> str:
        return self.name or self.provider_ref


class StockThreshold(models.Model):
    """How many numbers of an area code should be in stock at least."""

    npa = models.CharField("area code", max_length=3, unique=True)
    minimum = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["npa"]

    def __str__(self) -> str:
        return f"{self.minimum} in {self.npa}"


class StockDay(models.Model):
    """How many numbers an account had in a state at the end of a day: the growth picture."""

    day = models.DateField()
    account = models.ForeignKey(
        "portal.ProviderAccount", on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(max_length=12)
    count = models.PositiveIntegerField()

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["day", "account", "state"], name="stock_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.state}: {self.count}"
