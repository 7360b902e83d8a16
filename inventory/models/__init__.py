"""The nouns of the inventory: numbers and their mirror, routes, searches, orders, drift, views."""

from inventory.models.assignment import Assignment
from inventory.models.finding import Finding
from inventory.models.group import NumberGroup, StockDay, StockThreshold
from inventory.models.lookup import Lookup
from inventory.models.number import CarrierNumber, TelephoneNumber
from inventory.models.order import CartLine, Order, OrderLine, OrderPreset
from inventory.models.route import Coverage, Route
from inventory.models.search import NumberSearch, SearchOffer
from inventory.models.view import SavedView

__all__ = [
    "Assignment",
    "CarrierNumber",
    "CartLine",
    "Coverage",
    "Finding",
    "Lookup",
    "NumberGroup",
    "NumberSearch",
    "Order",
    "OrderLine",
    "OrderPreset",
    "Route",
    "SavedView",
    "SearchOffer",
    "StockDay",
    "StockThreshold",
    "TelephoneNumber",
]
