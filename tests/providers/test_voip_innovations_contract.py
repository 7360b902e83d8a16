"""VoIP Innovations keeps the contract of every adapter, against the sandbox."""

from __future__ import annotations

from typing import Any, ClassVar

from portal.providers.dto import SearchCriteria
from tests.providers.contract import ProviderContract
from tests.providers.contract_faults import FaultContract


class TestVoIPInnovations(ProviderContract, FaultContract):
    slug = "voip_innovations"
    credentials: ClassVar = {"login": "sandbox", "secret": "sandbox-secret"}
    wrong_credentials: ClassVar = {"login": "sandbox", "secret": "not-the-secret"}
    settings: ClassVar[dict[str, Any]] = {"endpoint_group": "13550"}
    other_account = "sandbox2"
    criteria = SearchCriteria(npa="312", state="IL")
    search_operation = "getDIDs"
    query_operation = "queryDID"
    reserve_operation = "reserveDID"
    order_operation = "assignDID"
    release_operation = "releaseDID"
    list_operation = "auditDIDs"
