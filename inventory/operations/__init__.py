"""Questions and orders of the inventory that reach a provider."""

from inventory.operations.accounts import CheckAccount, RefreshCoverage, SyncRoutes
from inventory.operations.features import ChangeFeature
from inventory.operations.finish import FinishOrder
from inventory.operations.groups import CreateGroup, ReadGroup, SyncGroups
from inventory.operations.international import ReadAbroad, ReleaseAbroad
from inventory.operations.lookups import CheckPortability, LookUpNames, LookUpRouting, look_up
from inventory.operations.network import (
    ChangeAccessList,
    ChangeSignInMode,
    ChangeSignInPassword,
    ReadNetwork,
)
from inventory.operations.order import OrderTNs, place_order
from inventory.operations.probe import ProbeAccount
from inventory.operations.reading import ReadFeatures, read_features
from inventory.operations.recheck import RecheckOffers
from inventory.operations.release import ReleaseTNs, release
from inventory.operations.reserve import ReserveTNs, reserve
from inventory.operations.routes import ReadRoute, RemoveGateway, SaveGateway, SwitchRoute
from inventory.operations.search import SearchExtended, SearchNumbers, start_search
from inventory.operations.sync import RefreshTN, SyncAccount, SyncFeatures
from inventory.operations.take_off import TakeOffFeatures
from inventory.operations.walks import EditMany, MoveMany, PlanChange, PlanRefresh
from inventory.operations.welcome import WelcomeCustomer

__all__ = [
    "ChangeAccessList",
    "ChangeFeature",
    "ChangeSignInMode",
    "ChangeSignInPassword",
    "CheckAccount",
    "CheckPortability",
    "CreateGroup",
    "EditMany",
    "FinishOrder",
    "LookUpNames",
    "LookUpRouting",
    "MoveMany",
    "OrderTNs",
    "PlanChange",
    "PlanRefresh",
    "ProbeAccount",
    "ReadAbroad",
    "ReadFeatures",
    "ReadGroup",
    "ReadNetwork",
    "ReadRoute",
    "RecheckOffers",
    "RefreshCoverage",
    "RefreshTN",
    "ReleaseAbroad",
    "ReleaseTNs",
    "RemoveGateway",
    "ReserveTNs",
    "SaveGateway",
    "SearchExtended",
    "SearchNumbers",
    "SwitchRoute",
    "SyncAccount",
    "SyncFeatures",
    "SyncGroups",
    "SyncRoutes",
    "TakeOffFeatures",
    "WelcomeCustomer",
    "look_up",
    "place_order",
    "read_features",
    "release",
    "reserve",
    "start_search",
]
