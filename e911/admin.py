"""E911 in the read-only back office."""

from __future__ import annotations

from django.contrib import admin

from e911 import models
from portal.admin import ReadOnlyAdmin


@admin.register(models.EmergencyRecord)
class EmergencyRecordAdmin(ReadOnlyAdmin):
    """What we want of each number."""

    list_display = ("tn", "account", "state", "accepted_address1", "is_location_lost")
    list_filter = ("state", "is_location_lost", "account")
    search_fields = ("tn",)
    show_full_result_count = False


@admin.register(models.CarrierRecord)
class CarrierRecordAdmin(ReadOnlyAdmin):
    """What the providers tell."""

    list_display = ("tn", "account", "state", "address1", "synced_at")
    list_filter = ("state", "account")
    search_fields = ("tn",)
    show_full_result_count = False


admin.site.register(
    [
        models.AddressCheck,
        models.AlertContact,
        models.CallTest,
        models.Difference,
        models.KeptLocation,
        models.Location,
        models.ProvisioningTry,
        models.Standing,
    ],
    ReadOnlyAdmin,
)
