"""Where calls can be sent, and where providers have numbers."""

from __future__ import annotations

from django.db import models

from inventory.querysets import RouteQuerySet
from portal.models import CachedFromProvider, ProviderAccount


class Route(CachedFromProvider):
    """An endpoint group, a gateway, a package or a template record of a provider account."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    is_active = models.BooleanField(default=True)
    is_system = models.BooleanField(default=False)
    details = models.JSONField(default=dict)

    objects = RouteQuerySet.as_manager()

    class Meta:
        ordering = ["account", "name"]
        constraints = [
            models.UniqueConstraint(fields=["account", "provider_ref"], name="route_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.provider_ref})" if self.name != self.provider_ref else self.name


class Coverage(models.Model):
    """A place where a provider account has numbers; `count` where it tells how many."""

    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="coverage")
    region = models.CharField("US state", max_length=2)
    rate_center = models.CharField(max_length=40, blank=True)
    npa = models.CharField(max_length=3, blank=True)
    count = models.PositiveIntegerField(null=True)
    fetched_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "coverage"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "rate_center", "npa"], name="coverage_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rate_center} {self.region}".strip()
