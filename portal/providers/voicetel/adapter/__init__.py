"""VoiceTel's adapter: its declaration, put together from one mixin per domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from portal.providers.base import Account, Field, Limits, Provider, Runtime
from portal.providers.capabilities import tollfree
from portal.providers.capabilities.e911 import LACKING_AT_VOICETEL as NO_E911
from portal.providers.capabilities.features_lacking import LACKING_AT_VOICETEL
from portal.providers.capabilities.messaging import NO_MESSAGING_AT_VOICETEL
from portal.providers.capabilities.porting import LACKING_AT_VOICETEL as NO_PORTING
from portal.providers.catalogue import WireMethod
from portal.providers.probing import SelfChecking
from portal.providers.voicetel import probes
from portal.providers.voicetel.adapter.account import AccountOperations
from portal.providers.voicetel.adapter.e911 import E911
from portal.providers.voicetel.adapter.features import Features
from portal.providers.voicetel.adapter.inventory import Inventory
from portal.providers.voicetel.adapter.messaging import Messaging
from portal.providers.voicetel.adapter.network import Network
from portal.providers.voicetel.adapter.ordering import DEFAULT_ROUTE, RELEASE_BATCH, Ordering
from portal.providers.voicetel.adapter.porting import Porting
from portal.providers.voicetel.adapter.support import Support
from portal.providers.voicetel.client import ORDER_BATCH, Client
from portal.providers.voicetel.methods import METHODS


class VoiceTel(
    Inventory,
    Ordering,
    Features,
    Network,
    AccountOperations,
    E911,
    Porting,
    Messaging,
    Support,
    SelfChecking,
    Provider,
):
    """One account at VoiceTel, by its REST API 2.2."""

    look: ClassVar = probes
    slug: ClassVar[str] = "voicetel"
    name: ClassVar[str] = "VoiceTel"
    default_base_url: ClassVar[str] = "https://api.voicetel.com"
    credential_fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="username",
            label="Username",
            help="The account’s ten-digit number.",
            pattern=r"\d{1,20}",
        ),
        Field(
            name="password",
            label="Password",
            help="The portal fetches the API key with it; six times an hour are allowed.",
        ),
    )
    setting_fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="route",
            label="Default gateway",
            help="Where calls to bought numbers go unless the order names another: its numeric id.",
            is_required=False,
            default=DEFAULT_ROUTE,
            pattern=r"[1-9]\d{0,8}",
        ),
        Field(
            name="port_date_form",
            label="Spelling of a port’s wished date",
            help="VoiceTel’s documents have both; change it if requests with a date are refused.",
            is_required=False,
            default="date",
            choices=(("date", "2025-01-31"), ("datetime", "2025-01-31T12:00:00Z")),
        ),
    )
    limits: ClassVar[Limits] = Limits(order_batch=ORDER_BATCH, release_batch=RELEASE_BATCH)
    search_filters: ClassVar[frozenset[str]] = frozenset(
        {"npa", "nxx", "starts", "state", "rate_center", "lata", "quantity"}
    )
    methods: ClassVar[Mapping[str, WireMethod]] = METHODS
    sells_local: ClassVar[bool] = True
    not_offered: ClassVar[Mapping[str, str]] = {
        **LACKING_AT_VOICETEL,
        **NO_MESSAGING_AT_VOICETEL,
        **NO_E911,
        **NO_PORTING,
        **tollfree.LACKING_AT_VOICETEL,
        "number_reservation": (
            "VoiceTel has no reservations: somebody else may buy a number until it is ordered."
        ),
    }

    def __init__(self, account: Account, runtime: Runtime) -> None:
        super().__init__(account, runtime)
        self.client = Client(account, runtime)

    def close(self) -> None:
        """Give back the sockets."""
        self.client.close()
