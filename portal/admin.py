"""The read-only back office: to look, never to change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from portal import models


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows rows; adds, changes and deletes nothing."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False."""
        return False


@admin.register(models.ProviderAccount)
class ProviderAccountAdmin(ReadOnlyAdmin):
    """Accounts without their secrets."""

    exclude = ("credentials",)
    list_display = ("name", "slug", "breaker", "last_sync_at")


@admin.register(models.Job)
class JobAdmin(ReadOnlyAdmin):
    """The ledger."""

    list_display = ("id", "kind", "title", "status", "actor", "created_at")
    list_filter = ("status", "kind")
    show_full_result_count = False


@admin.register(models.AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The audit log."""

    list_display = ("at", "actor_name", "verb", "object_text")
    show_full_result_count = False


admin.site.register([models.Customer, models.User], ReadOnlyAdmin)
admin.site.site_header = "Numberdesk back office (read-only)"
