"""Custom Toll Free as a provider: what it can do, in our words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import ClassVar, Final

from portal.providers.base import Account, Field, Limits, Provider, Runtime
from portal.providers.capabilities import e911, porting
from portal.providers.capabilities.account_lacking import account_lacking
from portal.providers.capabilities.features_lacking import LACKING_AT_CUSTOM_TOLL_FREE
from portal.providers.capabilities.messaging import NO_MESSAGING_AT_CUSTOM_TOLL_FREE
from portal.providers.custom_toll_free import probes, releasing
from portal.providers.custom_toll_free.client import (
    MAX_NUMBERS,
    CustomTollFreeClient,
    is_template,
    is_toll_free,
)
from portal.providers.custom_toll_free.mapping import numbers, search
from portal.providers.custom_toll_free.methods import METHODS
from portal.providers.custom_toll_free.ordering import Purchase
from portal.providers.custom_toll_free.recording import Recording
from portal.providers.custom_toll_free.registry import Registry
from portal.providers.dto import (
    AccountStatus,
    ItemOutcome,
    NumberStatus,
    Offer,
    OrderRequest,
    OwnedNumber,
    Ownership,
    RouteRecord,
    SearchCriteria,
)
from portal.providers.errors import ProviderAuthError, ProviderRefused
from portal.providers.probing import SelfChecking
from portal.tn import TN

_PROBE_TN: Final = TN("+18005550199")


class CustomTollFree(Registry, Recording, SelfChecking, Provider):
    """Toll-free numbers under the account's own RespOrg id, by the eleven SMS/800 operations."""

    look: ClassVar = probes
    slug = "custom_toll_free"
    name = "Custom Toll Free"
    default_base_url = "https://api.customtollfree.com"
    methods: ClassVar = METHODS
    sells_toll_free = True
    limits = Limits(
        order_batch=MAX_NUMBERS,
        reserve_batch=MAX_NUMBERS,
        release_batch=MAX_NUMBERS,
        hold=timedelta(days=45),
    )
    search_filters = frozenset(
        {"is_toll_free", "npa", "nxx", "starts", "contains", "ends", "quantity"}
    )
    credential_fields = (Field(name="key", label="API key"),)
    setting_fields = (
        Field(
            name="resporg",
            label="RespOrg id",
            help="Five letters or digits; the numbers of this id are yours.",
            pattern=r"[A-Za-z0-9]{5}",
        ),
        Field(
            name="template",
            label="Template records",
            help="Names that start with *, separated by commas; new numbers get the first one’s "
            "record unless an order says otherwise.",
            is_required=False,
        ),
        Field(
            name="contact_name",
            label="Contact name for holds",
            help="The subscriber for whom numbers are held, at most 30 characters.",
            is_required=False,
            pattern=r".{1,30}",
        ),
        Field(
            name="contact_phone",
            label="Contact telephone for holds",
            help="Ten digits.",
            is_required=False,
        ),
        Field(
            name="write_method",
            label="How changes are sent",
            help="POST keeps the key out of access logs.",
            is_required=False,
            default="POST",
            choices=(("POST", "POST"), ("GET", "GET")),
        ),
    )
    not_offered: ClassVar = {
        **LACKING_AT_CUSTOM_TOLL_FREE,
        **NO_MESSAGING_AT_CUSTOM_TOLL_FREE,
        **account_lacking("Custom Toll Free"),
        **e911.not_offered_by("Custom Toll Free"),
        **porting.not_offered_by("Custom Toll Free"),
        "stock_counts": "Custom Toll Free does not count its stock; search it instead.",
        "coverage_lists": "Toll-free numbers belong to no place.",
    }

    def __init__(self, account: Account, runtime: Runtime) -> None:
        super().__init__(account, runtime)
        self.client = CustomTollFreeClient(account, runtime)
        self.sleep: Callable[[float], None] = time.sleep

    def close(self) -> None:
        """Give back sockets."""
        self.client.wire.close()

    def check_credentials(self) -> AccountStatus:
        """Ask about a number of the 555-01xx range: proves the key, and that it fits the RespOrg."""
        try:
            self.client.query([_PROBE_TN])
        except ProviderRefused as error:
            if error.code in {"permission_denied", "invalid_resporg"}:
                raise ProviderAuthError(
                    error.message, code=error.code, operation=error.operation
                ) from error
            if error.code not in {"invalid_number", "record_not_found"}:
                raise
        return AccountStatus(name=f"RespOrg {self.client.resporg}")

    # -- finding --------------------------------------------------------------------------------

    def why_not_searchable(self, criteria: SearchCriteria) -> str:
        """Return why the search interface cannot be asked, "" if it can."""
        return search.why_not_searchable(criteria)

    def search(self, criteria: SearchCriteria) -> Iterator[Offer]:
        """Yield spare numbers that hold the longest text looked for; nothing if it cannot be asked."""
        if self.why_not_searchable(criteria):
            return
        plan = search.search_plan(criteria)
        answer = self.client.search(
            vanity=plan.vanity,
            prefixes=sorted(plan.prefixes),
            quantity=max(1, criteria.quantity),
            trailing=plan.trailing,
        )
        yield from search.offers(answer)

    def query_tn(self, tn: TN) -> NumberStatus:
        """Return RespOrg and status of a number, and what they mean for us."""
        if not is_toll_free(tn):
            return NumberStatus(tn=tn, ownership=Ownership.NOT_FOUND, code="invalid_number")
        row = numbers.number_rows(self.client.query([tn])).get(tn)
        return numbers.number_status(tn, row, resporg=self.client.resporg)

    # -- holding, buying, giving back -----------------------------------------------------------

    def reserve_tns(
        self, tns: Sequence[TN], *, reference: str, contact_name: str = "", contact_phone: str = ""
    ) -> Iterator[ItemOutcome]:
        """Hold numbers for up to 45 days, in one request."""
        self._check_batch(tns, self.limits.reserve_batch)
        name, phone = self._contact(contact_name, contact_phone)
        yield from self.hold_until(tns, reference=reference, contact_name=name, contact_phone=phone)

    def order_tns(self, request: OrderRequest) -> Iterator[ItemOutcome]:
        """Hold each number that is still spare and copy the template's record onto it."""
        self._check_batch(request.tns, self.limits.order_batch)
        name, phone = self._contact(request.contact_name, request.contact_phone)
        template = request.route_ref or next(iter(self._templates()), "")
        yield from Purchase(
            client=self.client,
            reference=request.reference,
            template=template if is_template(template) else "",
            contact_name=name,
            contact_phone=phone,
        ).order(request.tns)

    def release_tns(self, tns: Sequence[TN], *, reference: str) -> Iterator[ItemOutcome]:
        """Disconnect working numbers, make held and rested ones spare."""
        self._check_batch(tns, self.limits.release_batch)
        yield from releasing.release(self.client, tns, reference=reference)

    # -- lists ----------------------------------------------------------------------------------

    def list_owned(self) -> Iterator[OwnedNumber]:
        """Yield the numbers in service under our RespOrg; held and resting ones are left out.

        Waits up to half an hour for a list that the provider has to make first.
        """
        for row in self.listed_rows():
            owned = numbers.listed_number(row)
            if owned is not None:
                yield owned

    def list_routes(self) -> list[RouteRecord]:
        """Return the templates named in the account's settings; the provider has no list of them."""
        return [
            RouteRecord(
                ref=name,
                name=name,
                kind="template",
                details={
                    "source": "Named in the account’s settings; not checked with the provider."
                },
            )
            for name in self._templates()
        ]

    # -- settings -------------------------------------------------------------------------------

    def _templates(self) -> list[str]:
        names = re.split(r"[,;\s]+", str(self.account.setting("template")).upper())
        return list(dict.fromkeys(name for name in names if is_template(name)))

    def _contact(self, name: str, phone: str) -> tuple[str, str]:
        """Return who the numbers are held for; "" for what is missing or unusable (section 7.1)."""
        name = name or str(self.account.setting("contact_name"))
        name = "".join(char for char in name if char >= " " and char != "\x7f").strip()[:30].strip()
        digits = re.sub(r"\D", "", phone or str(self.account.setting("contact_phone")))
        digits = digits.removeprefix("1") if len(digits) == 11 else digits
        return name, digits if len(digits) == 10 else ""

    def _check_batch(self, tns: Sequence[TN], most: int) -> None:
        if len(tns) > most:
            raise ValueError(f"Custom Toll Free takes at most {most} numbers at once.")
