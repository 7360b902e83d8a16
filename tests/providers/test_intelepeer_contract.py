"""IntelePeer keeps the contract of every adapter, against the sandbox."""

from __future__ import annotations

from typing import Any, ClassVar

from portal.providers.dto import SearchCriteria
from portal.tn import TN
from tests.providers.contract import ProviderContract
from tests.providers.contract_faults import FaultContract


class TestIntelePeer(ProviderContract, FaultContract):
    slug = "intelepeer"
    credentials: ClassVar = {"username": "sandbox@example.net", "password": "sandbox-secret"}
    wrong_credentials: ClassVar = {"username": "sandbox@example.net", "password": "not-the-secret"}
    settings: ClassVar[dict[str, Any]] = {"package_id": "30001"}
    other_account = "other@example.net"
    a_number = TN("+18885550142")
    criteria = SearchCriteria(is_toll_free=True, npa="888")
    search_operation = "carrier.tf.search"
    query_operation = "my.tf.list"
    reserve_operation = "carrier.tf.reserve"
    order_operation = "my.tf.order"
    release_operation = "my.tf.disconnect"
    list_operation = "my.tf.list"
