"""Custom Toll Free keeps the contract of every adapter, against the sandbox."""

from __future__ import annotations

from typing import Any, ClassVar

from portal.providers.dto import SearchCriteria
from portal.tn import TN
from tests.providers.contract import ProviderContract
from tests.providers.contract_faults import FaultContract


class TestCustomTollFree(ProviderContract, FaultContract):
    slug = "custom_toll_free"
    credentials: ClassVar = {"key": "SANDBOXKEY0001"}
    wrong_credentials: ClassVar = {"key": "NOTTHEKEY9999"}
    settings: ClassVar[dict[str, Any]] = {
        "resporg": "SBX01",
        "template": "*SBDEFAULT",
        "contact_name": "Test Person",
        "contact_phone": "312-555-0100",
    }
    other_account = "OTH02"
    one_bad_fault = "refuse"  # each number has a request of its own
    a_number = TN("+18885550142")
    criteria = SearchCriteria(is_toll_free=True, contains="555")
    search_operation = "search"
    query_operation = "query"
    reserve_operation = "reserve"
    order_operation = "copyrecord"
    release_operation = "disconnect"
    list_operation = "resporgcheck"
