"""Pages: a named list of addresses, each beside a view that returns a constant.

The baseline is signed in and runs through the same server and middleware. Each page takes turns
with it on one connection, so that both see the same machine.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.test import Client

from bench.counting import QUERY_HEADER
from bench.report import Row, compare
from bench.urls import BASELINE
from inventory.columns import SORTS
from inventory.models import TelephoneNumber
from portal.embedded import ports
from portal.listing import DEFAULT_SIZE, encode_cursor
from portal.models import User

PART = "pages"
MOST_TIMES = 3.0  # design: a list page at most three times the baseline
MOST_QUERIES = 10
WARM_UP = 12  # each of the server's threads opens its own connection to the database


@dataclass(frozen=True, kw_only=True)
class Address:
    """One page: its name and address, and whether the targets for lists hold for it.

    "{}" in the address becomes another number at each visit.
    """

    name: str
    path: str
    is_list: bool = True
    is_first_byte: bool = False


class Visitor:
    """Somebody who is signed in, with one connection that is kept open."""

    def __init__(self, port: int, user: User) -> None:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        self._port = port
        self.session = client.cookies["sessionid"].value
        self._headers = {"Cookie": f"sessionid={self.session}"}
        self._link = self._connect()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(ports.HOST, self._port, timeout=600)

    def get(self, path: str, **headers: str) -> tuple[float, http.client.HTTPResponse, int]:
        """Return the seconds until the whole answer was there, the answer, and its bytes."""
        sent = self._headers | {name.replace("_", "-"): value for name, value in headers.items()}
        started = time.perf_counter()
        try:
            self._link.request("GET", path, headers=sent)
            answer = self._link.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self._link = self._connect()  # the server gave up an idle connection
            return self.get(path, **headers)
        size = len(answer.read())
        seconds = time.perf_counter() - started
        if answer.status != http.client.OK:
            raise RuntimeError(f"{path} answers {answer.status}")
        return seconds, answer, size

    def first_byte(self, path: str) -> float:
        """Return the seconds until the first bytes of an answer are there; the rest is dropped."""
        link = self._connect()
        started = time.perf_counter()
        link.request("GET", path, headers=self._headers)
        link.getresponse().read(1)
        seconds = time.perf_counter() - started
        link.close()
        return seconds

    def queries(self, path: str) -> int:
        """Return how many SQL queries a page takes."""
        _, answer, _ = self.get(path, **{QUERY_HEADER: "1"})
        return int(answer.headers[QUERY_HEADER])


def addresses() -> Iterator[Address]:
    """Yield the named list for what the database holds now."""
    numbers = TelephoneNumber.objects.order_by("tn")
    total = numbers.count()
    some: Any = numbers[total // 2]
    by_customer = numbers.exclude(customer=None).order_by().values_list("customer")
    customer = by_customer.annotate(n=Count("pk")).order_by("-n")[0][0]
    base = "/numbers/"
    yield Address(name="numbers", path=base)
    yield Address(name="numbers, one state", path=f"{base}?state=stock")
    yield Address(name="numbers, two rare states", path=f"{base}?state=lost&state=port_out")
    yield Address(name="numbers, biggest customer", path=f"{base}?customer={customer}")
    yield Address(name="numbers, one provider", path=f"{base}?account={some.account_id}")
    yield Address(name="numbers, one area code", path=f"{base}?npa=312")
    yield Address(
        name="numbers, state, provider, area",
        path=f"{base}?state=in_service&account={some.account_id}&npa=312",
    )
    yield Address(name="numbers, one US state", path=f"{base}?region=IL")
    yield Address(name="numbers, one rate center", path=f"{base}?rate_center=CHICAGO")
    yield Address(name="numbers, one LATA", path=f"{base}?lata=358")
    yield Address(name="numbers, missing at provider", path=f"{base}?sync=missing")
    yield Address(name="numbers, one exchange", path=f"{base}?nxx=555")
    yield Address(name="numbers, toll-free", path=f"{base}?kind=toll_free")
    yield Address(name="numbers, one tag", path=f"{base}?tag=tag-3")
    yield Address(name="numbers, able to do SMS", path=f"{base}?feature=sms")
    yield Address(name="numbers, no forward", path=f"{base}?has=no_forward")
    yield Address(name="numbers, a year in a state", path=f"{base}?age=over_365")
    for length in (3, 4, 7):
        digits = some.tn[-length:]
        yield Address(name=f"search, {length} digits", path=f"{base}?q={digits}")
    yield Address(name="search, whole number", path=f"{base}?q={some.tn[2:]}")
    yield Address(name="search, a label", path=f"{base}?q=Warehouse")
    yield Address(name="search, no such digits", path=f"{base}?q=5550142999")
    for sort in SORTS:
        yield Address(name=f"sorted by {sort.name}", path=f"{base}?sort={sort.name}")
        yield Address(name=f"sorted by {sort.name}, down", path=f"{base}?sort=-{sort.name}")
    yield from _deep_pages(base, total)
    yield Address(name="jump to 555-01xx", path=f"{base}?at=312-555-01")
    # What is around the rows is kept from visit to visit; this is what a page costs without that.
    yield Address(name="numbers, first visit", path=f"{base}?state=stock&x={{}}", is_list=False)
    yield Address(name="home", path="/", is_list=False)
    yield Address(name="number page", path=f"{base}%2B{some.tn[1:]}/", is_list=False)
    yield Address(name="jobs", path="/jobs/")
    yield Address(name="audit", path="/audit/")
    yield from _e911()
    yield from _desks()
    yield Address(name="exact count, all", path=f"{base}count/", is_list=False)
    yield Address(
        name="exact count, 4 digits", path=f"{base}count/?q={some.tn[-4:]}", is_list=False
    )
    yield Address(
        name="export, first byte", path=f"{base}export/", is_list=False, is_first_byte=True
    )


def _e911() -> Iterator[Address]:
    """Yield the lists of E911, filled by `bench.fill_e911`; the report counts every number in use."""
    yield Address(name="E911 records", path="/e911/")
    yield Address(name="E911 records, one state", path="/e911/?state=verified")
    yield Address(name="E911 records, an address", path="/e911/?q=1200")
    yield Address(name="E911 gaps", path="/e911/gaps/", is_list=False)
    yield Address(name="E911 gaps, one bucket", path="/e911/gaps/?bucket=9")


def _desks() -> Iterator[Address]:
    """Yield the other lists that staff have open, filled by `bench.fill_desks`."""
    lists = {
        "E911 places": "/e911/locations/",
        "E911 differences": "/e911/differences/",
        "E911 orphans": "/e911/orphans/",
        "differences": "/drift/",
        "port board": "/ports/",
        "ports": "/ports/list/",
        "ports, late": "/ports/list/?flag=late",
        "port-outs": "/ports/out/",
        "pre-flights": "/ports/checks/",
        "orders": "/orders/",
        "customers": "/customers/",
        "tickets": "/tickets/",
        "uploads": "/uploads/",
        "approvals": "/approvals/",
        "routes": "/routes/",
        "groups": "/groups/",
        "lookups": "/lookups/",
    }
    for name, path in lists.items():
        yield Address(name=name, path=path)


def _deep_pages(base: str, total: int) -> Iterator[Address]:
    """Yield page 2, the middle, page 20,000 (or the last full one) and the last, by their cursors."""
    last_page = max(total // DEFAULT_SIZE, 2)
    pages = {"page 2": 2, "page in the middle": last_page // 2, f"page {last_page:,}": last_page}
    for name, page in pages.items():
        before = TelephoneNumber.objects.order_by("tn")[(page - 1) * DEFAULT_SIZE - 1]
        yield Address(name=name, path=f"{base}?after={encode_cursor(before, ['tn'])}")
    before = TelephoneNumber.objects.order_by("state_since", "pk")[(last_page // 2) * DEFAULT_SIZE]
    cursor = encode_cursor(before, ["state_since", "pk"])
    yield Address(name="middle by state since", path=f"{base}?sort=since&after={cursor}")
    yield Address(name="last page", path=f"{base}?last=1")


def measure(port: int, user: User, *, repeat: int) -> list[Row]:
    """Return a row for each address, from `repeat` visits each."""
    visitor = Visitor(port, user)
    rows = TelephoneNumber.objects.count()
    for _ in range(WARM_UP):
        visitor.get(BASELINE)
        visitor.get("/numbers/")
    measured = [_baseline(visitor, rows, repeat)]
    return measured + [_measure_one(visitor, page, rows, repeat) for page in addresses()]


def _baseline(visitor: Visitor, rows: int, repeat: int) -> Row:
    times = [visitor.get(BASELINE)[0] for _ in range(repeat)]
    return compare(
        PART, "baseline: a constant", times, times, rows=rows, queries=visitor.queries(BASELINE)
    )


def _measure_one(visitor: Visitor, page: Address, rows: int, repeat: int) -> Row:
    mine: list[float] = []
    other: list[float] = []
    size = 0
    for turn in range(repeat + 2):
        base = visitor.get(BASELINE)[0]
        if page.is_first_byte:
            seconds = visitor.first_byte(page.path)
        else:
            seconds, _, size = visitor.get(page.path.format(turn))
        if turn >= 2:
            mine.append(seconds)
            other.append(base)
    return compare(
        PART,
        page.name,
        mine,
        other,
        rows=rows,
        at_most=MOST_TIMES if page.is_list else None,
        most_queries=MOST_QUERIES if page.is_list else None,
        queries=None if page.is_first_byte else visitor.queries(page.path),
        more={"kilobytes": size / 1024},
    )


def growth(measured: list[Row]) -> list[Row]:
    """Return, for each list page, its ratio at the most rows over that at the fewest."""
    scales = sorted({row.rows for row in measured if row.part == PART})
    if len(scales) < 2:
        return []
    fewest, most = (
        {row.name: row for row in measured if row.part == PART and row.rows == scale}
        for scale in (scales[0], scales[-1])
    )
    found = []
    for name, large in most.items():
        small = fewest.get(name)
        if small and small.ratio and large.ratio and large.at_most:
            found.append(
                Row(
                    part=f"growth from {scales[0]:,} to {scales[-1]:,} rows",
                    name=name,
                    rows=scales[-1],
                    ms=large.ms,
                    beside_ms=small.ms,
                    ratio=large.ratio / small.ratio,
                )
            )
    return found
