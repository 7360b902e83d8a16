"""The mixin of every model that caches what a provider holds."""

from __future__ import annotations

from django.db import models

from portal.models.provider import ProviderAccount


class CachedFromProvider(models.Model):
    """A row that mirrors a record at a provider; written by sync and job results only.

    `missing_since` is set when a complete list no longer held the record; sync never deletes.
    """

    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, related_name="+")
    provider_ref = models.CharField("provider's reference", max_length=64, blank=True)
    synced_at = models.DateTimeField("last seen at the provider", null=True, blank=True)
    missing_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
