"""The inventory in the read-only back office."""

from __future__ import annotations

from django.contrib import admin

from inventory import models
from portal.admin import ReadOnlyAdmin


@admin.register(models.TelephoneNumber)
class TelephoneNumberAdmin(ReadOnlyAdmin):
    """Numbers."""

    list_display = ("tn", "state", "account", "customer", "label", "sync_state")
    list_filter = ("state", "sync_state", "account")
    search_fields = ("tn",)
    show_full_result_count = False


admin.site.register([models.CarrierNumber, models.Route, models.Order], ReadOnlyAdmin)
