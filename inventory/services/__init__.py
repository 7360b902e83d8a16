"""Writes of the inventory that stay in our database, a module per noun."""

from inventory.services.cart import (
    add_to_cart,
    expire_holds,
    offer_facts,
    remove_from_cart,
    restore_to_cart,
)
from inventory.services.numbers import (
    IllegalMove,
    edit_number,
    mark_checked,
    move,
    new_number,
    release_done,
    release_refused,
    start_release,
    upsert_mirror,
)
from inventory.services.presets import drop_preset, keep_preset
from inventory.services.purchase import purchase_done, purchase_refused, start_purchase

__all__ = [
    "IllegalMove",
    "add_to_cart",
    "drop_preset",
    "edit_number",
    "expire_holds",
    "keep_preset",
    "mark_checked",
    "move",
    "new_number",
    "offer_facts",
    "purchase_done",
    "purchase_refused",
    "release_done",
    "release_refused",
    "remove_from_cart",
    "restore_to_cart",
    "start_purchase",
    "start_release",
    "upsert_mirror",
]
