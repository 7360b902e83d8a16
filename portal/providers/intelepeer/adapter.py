"""IntelePeer as a provider: what it can do, in our words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import ClassVar, Final

from portal.providers.base import Account, Limits, Provider, Runtime
from portal.providers.capabilities import e911, porting, tollfree
from portal.providers.capabilities.account_lacking import account_lacking
from portal.providers.capabilities.features_lacking import LACKING_AT_INTELEPEER
from portal.providers.capabilities.messaging import NO_MESSAGING_AT_INTELEPEER
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
from portal.providers.dto.features import ClientRecord
from portal.providers.intelepeer import listing, ordering, probes
from portal.providers.intelepeer.client import (
    MAX_PAGE,
    SERVICE_AREAS,
    IntelePeerClient,
    is_email,
)
from portal.providers.intelepeer.envelope import Refused
from portal.providers.intelepeer.fields import (
    CREDENTIAL_FIELDS,
    DEFAULT_SERVICE_AREA,
    SETTING_FIELDS,
)
from portal.providers.intelepeer.mapping import account as accounts
from portal.providers.intelepeer.mapping import numbers, outcomes, search
from portal.providers.intelepeer.mapping.numbers import Page
from portal.providers.intelepeer.methods import METHODS
from portal.providers.matching import matches
from portal.providers.probing import SelfChecking
from portal.tn import TN

MAX_SEARCH_PAGES: Final = 20
MAX_ACCOUNT_PAGES: Final = 50
_BATCH: Final = 25


class IntelePeer(SelfChecking, Provider):
    """Toll-free numbers of a carrier that carries orders out some time after it accepted them."""

    look: ClassVar = probes
    slug = "intelepeer"
    name = "IntelePeer"
    default_base_url = "https://customer.intelepeer.com"
    methods: ClassVar = METHODS
    sells_toll_free = True
    limits = Limits(
        order_batch=_BATCH,
        reserve_batch=_BATCH,
        release_batch=_BATCH,
        list_page=MAX_PAGE,
        hold=timedelta(minutes=30),
    )
    search_filters = frozenset(
        {"is_toll_free", "npa", "nxx", "starts", "contains", "quantity", "consecutive"}
    )
    credential_fields = CREDENTIAL_FIELDS
    setting_fields = SETTING_FIELDS
    not_offered: ClassVar = {
        **LACKING_AT_INTELEPEER,
        **NO_MESSAGING_AT_INTELEPEER,
        **account_lacking("IntelePeer"),
        **e911.not_offered_by("IntelePeer"),
        **porting.not_offered_by("IntelePeer"),
        **tollfree.LACKING_AT_INTELEPEER,
        "stock_counts": "IntelePeer does not count its toll-free stock; search it instead.",
        "coverage_lists": "Toll-free numbers belong to no place.",
    }

    def __init__(self, account: Account, runtime: Runtime) -> None:
        super().__init__(account, runtime)
        self.client = IntelePeerClient(account, runtime)

    def close(self) -> None:
        """Give back sockets."""
        self.client.wire.close()

    def check_credentials(self) -> AccountStatus:
        """Sign in and read one of our numbers; the provider tells no balance."""
        self.client.check()
        return AccountStatus(name=self.account.name)

    # -- finding --------------------------------------------------------------------------------

    def why_not_searchable(self, criteria: SearchCriteria) -> str:
        """Return why the stock cannot be asked, "" if it can."""
        return search.why_not_searchable(criteria)

    def search(self, criteria: SearchCriteria) -> Iterator[Offer]:
        """Yield numbers for sale until as many as asked for fit, or the stock is read."""
        if self.why_not_searchable(criteria):
            return
        plan = search.search_plan(criteria)

        def fetch(page: int) -> Page:
            value = self.client.carrier_tf(
                like=plan.like,
                npas=plan.npas,
                page=page,
                is_sequential=plan.is_sequential,
            )
            return numbers.stock_page(value, page_size=MAX_PAGE)

        if plan.is_sequential:  # one answer; it may be longer than a page (section 2)
            yield from (numbers.offer(tn, row) for tn, row in fetch(1).rows)
            return
        fitting = 0
        for tn, row in listing.all_pages(fetch, "GET /_rest/v4/carrier/tf", most=MAX_SEARCH_PAGES):
            offer = numbers.offer(tn, row)
            yield offer
            fitting += matches(offer, criteria)
            if fitting >= max(1, criteria.quantity):
                return

    def query_tn(self, tn: TN) -> NumberStatus:
        """Return whether a number is ours or for sale; `NOT_OURS` if it is in neither list.

        Then it may be held, ordered or disconnected a moment ago, or somebody else's.
        """
        if not tn.is_toll_free:
            return NumberStatus(tn=tn, ownership=Ownership.NOT_FOUND, word="not toll-free")
        for found, row in listing.own_page(self.client, like=str(tn), page_size=10).rows:
            if found == tn:
                owned = numbers.owned_number(tn, row)
                word = f"package {owned.route_ref}" if owned.route_ref else "on the account"
                return NumberStatus(tn=tn, ownership=Ownership.OURS, word=word, owned=owned)
        value = self.client.carrier_tf(like=str(tn), page_size=10)
        if any(found == tn for found, _ in numbers.stock_page(value, page_size=10).rows):
            return NumberStatus(tn=tn, ownership=Ownership.AVAILABLE, word="for sale")
        return NumberStatus(
            tn=tn, ownership=Ownership.NOT_OURS, word="neither on the account nor for sale"
        )

    # -- holding, buying, giving back -----------------------------------------------------------

    def reserve_tns(
        self, tns: Sequence[TN], *, reference: str, contact_name: str = "", contact_phone: str = ""
    ) -> Iterator[ItemOutcome]:
        """Hold numbers for about half an hour, each under an id of its own; no contact is needed."""
        _check_batch(tns, self.limits.reserve_batch)
        for tn in tns:
            if not tn.is_toll_free:
                yield outcomes.not_toll_free(tn, "It is not held.")
                continue
            own = outcomes.reservation_id(reference, tn)
            try:
                value = self.client.carrier_tf_reservations([tn], reservation_id=own)
            except Refused as error:
                yield outcomes.refused_by(tn, error, "It is not held.")
            else:
                yield outcomes.held(tn, value)

    def order_tns(self, request: OrderRequest) -> Iterator[ItemOutcome]:
        """Hold what is not held yet and order it; accepted numbers are pending until listed as ours."""
        _check_batch(request.tns, self.limits.order_batch)
        package = str(request.route_ref or self.account.setting("package_id")).strip()
        if not (package.isascii() and package.isdigit() and int(package)):
            for tn in request.tns:
                yield outcomes.refused(
                    tn,
                    "No package is chosen for the number. It was not bought.",
                    "Choose a package in the order, or enter one in the account’s settings.",
                    code="no_package",
                )
            return
        sellable = [tn for tn in request.tns if tn.is_toll_free]
        for tn in request.tns:
            if tn not in sellable:
                yield outcomes.not_toll_free(tn, ordering.NOT_BOUGHT)
        yield from ordering.Purchase(
            client=self.client,
            query=self.query_tn,
            reference=request.reference,
            package_id=int(package),
            service_area=self._service_area(),
            has_own_resporg=self.account.setting("resporg") == "own",
            email=self._email(),
            notes=request.note,
        ).order(sellable, request.reservation_refs)

    def release_tns(self, tns: Sequence[TN], *, reference: str) -> Iterator[ItemOutcome]:
        """Disconnect numbers; accepted ones are pending until they leave our list."""
        _check_batch(tns, self.limits.release_batch)
        yield from ordering.release(self.client, tns, reference=reference, email=self._email())

    def assign_route(
        self, tns: Sequence[TN], *, route_ref: str, reference: str = ""
    ) -> Iterator[ItemOutcome]:
        """Put numbers on another package; accepted ones are pending until the list shows it."""
        if not (route_ref.isascii() and route_ref.isdigit() and int(route_ref)):
            raise ValueError("A package is a number.")
        for start in range(0, len(tns), _BATCH):
            yield from ordering.change_package(
                self.client,
                tns[start : start + _BATCH],
                package_id=int(route_ref),
                reference=reference or outcomes.new_reference(),
                email=self._email(),
            )

    # -- lists ----------------------------------------------------------------------------------

    def list_owned(self) -> Iterator[OwnedNumber]:
        """Yield our numbers page by page; short codes are left out."""

        def fetch(page: int) -> Page:
            return listing.own_page(self.client, page=page)

        for tn, row in listing.all_pages(fetch, "GET /_rest/v4/my/tf"):
            yield numbers.owned_number(tn, row)

    def list_routes(self) -> list[RouteRecord]:
        """Return the packages; only the one in the settings where the provider lists none."""
        default = str(self.account.setting("package_id"))
        try:
            found = accounts.routes(self.client.my_packages())
        except Refused as error:
            if error.code != "404" or not default:
                raise
            found = []
        if default and default not in {route.ref for route in found}:
            found.append(RouteRecord(ref=default, name=f"Package {default}", kind="package"))
        return found

    def list_clients(self) -> list[ClientRecord]:
        """Return the accounts that the login may use, with the count of their numbers."""
        found: list[ClientRecord] = []
        for page in range(1, MAX_ACCOUNT_PAGES + 1):
            value = self.client.my_accounts(counts_numbers=True, page=page)
            some = accounts.accounts(value)
            known = {each.ref for each in found}
            found += [each for each in some if each.ref not in known]
            if len(some) < MAX_PAGE or len(found) == len(known):
                break
        return found

    # -- settings -------------------------------------------------------------------------------

    def _service_area(self) -> int:
        area = str(self.account.setting("service_area", DEFAULT_SERVICE_AREA)).strip()
        known = {str(each): each for each in SERVICE_AREAS}
        return known.get(area, int(DEFAULT_SERVICE_AREA))

    def _email(self) -> str:
        email = str(self.account.setting("order_email")).strip()
        return email if is_email(email) else ""


def _check_batch(tns: Sequence[TN], most: int) -> None:
    if len(tns) > most:
        raise ValueError(f"IntelePeer takes at most {most} numbers at once.")
