"""Start-up of the inventory domain."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The domain of numbers: find, buy, hold, route and give back."""

    name = "inventory"
    verbose_name = "Inventory"
