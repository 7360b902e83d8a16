"""Start-up of the inventory domain."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The domain of numbers: find, buy, hold, route and give back."""

    name = "inventory"
    verbose_name = "Inventory"

    def ready(self) -> None:
        """Register what the platform's pages show of numbers, and what a second person approves."""
        from inventory import approvals, bulk, panels  # noqa: F401

        panels.register()
        approvals.register()
