"""VoIP Innovations' adapter: its declaration, put together from one mixin per domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from portal.providers.base import Account, Field, Limits, Provider, Runtime
from portal.providers.capabilities import tollfree
from portal.providers.capabilities.account_lacking import account_lacking
from portal.providers.capabilities.features_lacking import LACKING_AT_VOIP_INNOVATIONS
from portal.providers.capabilities.messaging import NO_MESSAGING_AT_VOIP_INNOVATIONS
from portal.providers.capabilities.porting import LACKING_AT_VOIP_INNOVATIONS as NO_PORTING
from portal.providers.catalogue import WireMethod
from portal.providers.probing import SelfChecking
from portal.providers.voip_innovations import probes
from portal.providers.voip_innovations.adapter.account import AccountReads
from portal.providers.voip_innovations.adapter.e911 import E911
from portal.providers.voip_innovations.adapter.features import Features
from portal.providers.voip_innovations.adapter.inventory import Inventory
from portal.providers.voip_innovations.adapter.messaging import Messaging
from portal.providers.voip_innovations.adapter.ordering import HOLD, Ordering
from portal.providers.voip_innovations.adapter.porting import Porting
from portal.providers.voip_innovations.client import BATCH, Client
from portal.providers.voip_innovations.methods import METHODS


class VoIPInnovations(
    Inventory, Ordering, Features, E911, Porting, Messaging, AccountReads, SelfChecking, Provider
):
    """One account at VoIP Innovations, by its BackOffice SOAP API 3.0."""

    look: ClassVar = probes
    slug: ClassVar[str] = "voip_innovations"
    name: ClassVar[str] = "VoIP Innovations"
    default_base_url: ClassVar[str] = "https://backoffice.voipinnovations.com"
    credential_fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="login",
            label="API login",
            help="The login of an API user. It works only from the addresses bound to that user.",
        ),
        Field(name="secret", label="API secret"),
    )
    setting_fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="endpoint_group",
            label="Default endpoint group",
            help="Where bought numbers go unless the order names another group: its numeric id.",
            is_required=False,
            pattern=r"[1-9]\d{0,8}",
        ),
    )
    limits: ClassVar[Limits] = Limits(
        order_batch=BATCH, reserve_batch=BATCH, release_batch=BATCH, hold=HOLD
    )
    search_filters: ClassVar[frozenset[str]] = frozenset(
        {"is_toll_free", "npa", "nxx", "state", "rate_center", "lata", "tier", "features"}
    )
    not_offered: ClassVar[Mapping[str, str]] = {
        **LACKING_AT_VOIP_INNOVATIONS,
        **NO_MESSAGING_AT_VOIP_INNOVATIONS,
        **account_lacking("VoIP Innovations"),
        **NO_PORTING,
        **tollfree.LACKING_AT_VOIP_INNOVATIONS,
    }
    methods: ClassVar[Mapping[str, WireMethod]] = METHODS
    sells_local: ClassVar[bool] = True
    sells_toll_free: ClassVar[bool] = True

    def __init__(self, account: Account, runtime: Runtime) -> None:
        super().__init__(account, runtime)
        self.client = Client(account, runtime)

    def close(self) -> None:
        """Give back the sockets."""
        self.client.close()
