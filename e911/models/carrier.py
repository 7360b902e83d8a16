"""What providers hold: the mirror of their emergency records, kept locations, and past tries."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from e911.models.address import KeptAddress
from e911.querysets import CarrierRecordQuerySet, StaffQuerySet
from portal.models import CachedFromProvider
from portal.tn import TN


class Held(KeptAddress, CachedFromProvider):
    """What every answer about an address tells. `state` is one of `EmergencyState`."""

    class State(models.TextChoices):
        INVALID = "invalid", "Not found on the map"
        GEOCODED = "geocoded", "Known, not active"
        PROVISIONED = "provisioned", "Active"
        REMOVED = "removed", "Removed"
        UNKNOWN = "unknown", "Not known to us"

    tn = models.CharField("number", max_length=16, db_collation="C")
    state = models.CharField(max_length=12, choices=State, default=State.UNKNOWN)
    word = models.CharField("provider's word", max_length=64, blank=True)
    message = models.CharField(max_length=200, blank=True)
    order_ref = models.CharField(max_length=64, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    added_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField("changed at the provider", null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return TN(self.tn).pretty

    @property
    def is_active(self) -> bool:
        """Whether help is sent to this address now."""
        return self.state == self.State.PROVISIONED


class CarrierRecord(Held):
    """What a provider's list or answer says of one number, ours or not; sync and jobs write it.

    `key` is `addresses.key` of it: differences from what was accepted are found by comparing keys.
    """

    key = models.CharField(max_length=400, blank=True)
    fingerprint = models.CharField(max_length=40, blank=True)
    missing_count = models.PositiveSmallIntegerField(default=0)

    objects = CarrierRecordQuerySet.as_manager()

    class Meta:
        ordering = ["tn"]
        constraints = [
            models.UniqueConstraint(fields=["account", "tn"], name="e911_carrier_once"),
        ]
        indexes = [
            models.Index(fields=["tn"], name="e911_carrier_tn"),
            models.Index(
                fields=["account", "tn"],
                condition=Q(missing_count__gt=0),
                name="e911_carrier_missing",
            ),
        ]


class KeptLocation(Held):
    """One of several addresses that a provider keeps for a number; at most one is active."""

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["tn", "provider_ref"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "tn", "provider_ref"], name="e911_kept_location_once"
            ),
        ]


class ProvisioningTry(Held):
    """One try to put an address on a number, as the provider remembers it."""

    position = models.PositiveIntegerField()  # 0 is the newest

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["tn", "position"]
        verbose_name_plural = "provisioning tries"
        constraints = [
            models.UniqueConstraint(fields=["account", "tn", "position"], name="e911_try_once"),
        ]
