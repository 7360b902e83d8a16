"""The nouns of E911: places, records, their mirror, checks, alerts, tests, differences, standings."""

from e911.models.alert import GATEWAYS, AlertContact
from e911.models.call_test import CallTest
from e911.models.carrier import CarrierRecord, KeptLocation, ProvisioningTry
from e911.models.check import AddressCheck
from e911.models.difference import Difference
from e911.models.location import Location
from e911.models.record import EmergencyRecord
from e911.models.standing import GapRun, Standing

__all__ = [
    "GATEWAYS",
    "AddressCheck",
    "AlertContact",
    "CallTest",
    "CarrierRecord",
    "Difference",
    "EmergencyRecord",
    "GapRun",
    "KeptLocation",
    "Location",
    "ProvisioningTry",
    "Standing",
]
