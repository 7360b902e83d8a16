"""Questions and orders of the inventory that reach a provider."""

from inventory.operations.accounts import CheckAccount, RefreshCoverage, SyncRoutes
from inventory.operations.features import ChangeFeature, ReadFeatures, read_features
from inventory.operations.order import OrderTNs, place_order
from inventory.operations.probe import ProbeAccount
from inventory.operations.release import ReleaseTNs, release
from inventory.operations.reserve import ReserveTNs, reserve
from inventory.operations.search import SearchNumbers, start_search
from inventory.operations.sync import RefreshTN, SyncAccount

__all__ = [
    "ChangeFeature",
    "CheckAccount",
    "OrderTNs",
    "ProbeAccount",
    "ReadFeatures",
    "RefreshCoverage",
    "RefreshTN",
    "ReleaseTNs",
    "ReserveTNs",
    "SearchNumbers",
    "SyncAccount",
    "SyncRoutes",
    "place_order",
    "read_features",
    "release",
    "reserve",
    "start_search",
]
