"""Porting in the read-only back office."""

from __future__ import annotations

from django.contrib import admin

from portal.admin import ReadOnlyAdmin
from porting import models


@admin.register(models.PortOrder)
class PortOrderAdmin(ReadOnlyAdmin):
    """Port orders without their secrets."""

    exclude = ("account_number", "pin")
    list_display = ("id", "state", "customer", "account", "losing_carrier", "foc_date")
    list_filter = ("state", "account")
    show_full_result_count = False


@admin.register(models.PortLine)
class PortLineAdmin(ReadOnlyAdmin):
    """Numbers of port orders."""

    list_display = ("tn", "order", "status")
    list_filter = ("status",)
    show_full_result_count = False


admin.site.register([models.ProviderWord, models.PortOut, models.PortMail], ReadOnlyAdmin)
