"""The nouns of the inventory: numbers and their mirror, routes, searches, carts, orders."""

from inventory.models.number import CarrierNumber, TelephoneNumber
from inventory.models.order import CartLine, Order, OrderLine
from inventory.models.route import Coverage, Route
from inventory.models.search import NumberSearch, SearchOffer

__all__ = [
    "CarrierNumber",
    "CartLine",
    "Coverage",
    "NumberSearch",
    "Order",
    "OrderLine",
    "Route",
    "SearchOffer",
    "TelephoneNumber",
]
