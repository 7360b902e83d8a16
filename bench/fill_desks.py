"""Filling what staff have open beside numbers: ports, differences, orders, tickets, files, places.

As many as a reseller of a million numbers has; made once, whatever the number of numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection, models
from django.utils import timezone

from e911.models import Difference, EmergencyRecord, Location
from inventory.models import (
    Finding,
    Lookup,
    NumberGroup,
    Order,
    OrderLine,
    Route,
    TelephoneNumber,
)
from portal.models import Approval, Customer, ProviderAccount, SupportTicket, Upload, User
from porting.models import PortLine, PortOrder, PortOut, Preflight

FEW, MANY = 100, 1000
LINES = 5  # of an order


class Desks:
    """What the rows are made of, and the rows of each list."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.now = timezone.now()
        self.customers = list(Customer.objects.order_by("pk")[:100])
        self.accounts = list(ProviderAccount.objects.order_by("pk"))
        self.numbers = list(
            TelephoneNumber.objects.filter(state="in_service").order_by("pk")[: 2 * MANY]
        )

    def fill(self) -> None:
        """Make the rows of every list."""
        PortOrder.objects.bulk_create(self._ports())
        orders = list(PortOrder.objects.order_by("pk"))
        PortLine.objects.bulk_create(
            PortLine(order=order, tn=number.tn)
            for order, number in zip(orders, self.numbers, strict=False)
        )
        Order.objects.bulk_create(self._orders())
        OrderLine.objects.bulk_create(self._order_lines())
        for rows in (
            *(self._findings(), self._port_outs(), self._preflights(), self._tickets()),
            *(self._uploads(), self._approvals(), self._lookups(), self._routes()),
            *(self._groups(), self._places(), self._differences()),
        ):
            _create(rows)

    def _at(self, n: int) -> datetime:
        return self.now - timedelta(minutes=n * 17)

    def _customer(self, n: int) -> Customer:
        return self.customers[n % len(self.customers)]

    def _account(self, n: int) -> ProviderAccount:
        return self.accounts[n % len(self.accounts)]

    def _ports(self) -> Iterator[PortOrder]:
        states = ("draft", "submitted", "with_losing_carrier", "foc_set", "exception", "completed")
        for n in range(MANY):
            yield PortOrder(
                state=states[n % len(states)],
                state_since=self._at(n),
                who_must_act=("us", "provider", "losing_carrier", "customer")[n % 4],
                sla_due_at=self.now + timedelta(hours=n % 200 - 50) if n % 3 else None,
                foc_date=(self.now + timedelta(days=n % 20)).date() if n % 6 == 3 else None,
                provider_ref=f"{700000 + n}",
                provider_word="In process",
                label=f"Example {n}",
                name=f"Example Company {n}",
                losing_carrier="Example Telecom",
                number_count=1,
                account=self._account(n),
                customer=self._customer(n),
                created_by=self.user,
            )

    def _port_outs(self) -> Iterator[PortOut]:
        for n, number in enumerate(self.numbers[:FEW]):
            evidence = [{"way": "list", "words": "Not in the last two lists", "at": ""}]
            yield PortOut(
                tn=number.tn,
                number=number,
                customer_id=number.customer_id,
                state="completed" if n % 2 else "suspected",
                state_since=self._at(n),
                detected_by="list",
                detected_at=self._at(n),
                evidence=evidence,
            )

    def _preflights(self) -> Iterator[Preflight]:
        for n in range(FEW):
            yield Preflight(
                actor=self.user,
                customer=self._customer(n),
                file_name=f"list-{n}.csv",
                key=f"bench-{n}",
            )

    def _orders(self) -> Iterator[Order]:
        for n in range(MANY):
            customer = self._customer(n) if n % 3 else None
            yield Order(label=f"Example {n}", actor=self.user, customer=customer)

    def _order_lines(self) -> Iterator[OrderLine]:
        for n, order in enumerate(Order.objects.order_by("pk")):
            for place in range(LINES):
                number = self.numbers[(n * LINES + place) % len(self.numbers)]
                status = "failed" if (n + place) % 20 == 0 else "ok"
                yield OrderLine(
                    order=order, tn=number.tn, account_id=number.account_id, status=status
                )

    def _findings(self) -> Iterator[Finding]:
        for n, number in enumerate(self.numbers[:MANY]):
            yield Finding(
                account_id=number.account_id,
                tn=number.tn,
                number=number,
                kind="missing" if n % 4 == 0 else "value",
                field="" if n % 4 == 0 else ("failover_to", "forward_to", "cnam_name")[n % 3],
                ours="in_service" if n % 4 == 0 else f"Example {n}",
                theirs="" if n % 4 == 0 else f"Example {n + 1}",
                first_seen_at=self._at(n),
                last_seen_at=self.now,
            )

    def _tickets(self) -> Iterator[SupportTicket]:
        for n, number in enumerate(self.numbers[:FEW]):
            yield SupportTicket(
                account=self._account(n),
                ticket_ref=f"{n}",
                shown_number=f"T{n:06}",
                subject=f"No calls to one number ({n})",
                preview="Since this morning callers hear that the number is not in service.",
                status=("active", "pending", "closed")[n % 3],
                tn=number.tn,
                opened_at=self._at(n + 100),
                changed_at=self._at(n),
                synced_at=self.now,
            )

    def _uploads(self) -> Iterator[Upload]:
        for n in range(FEW):
            yield Upload(
                kind="numbers",
                name=f"changes-{n}.csv",
                state="done",
                row_count=1000,
                counts={"ok": 990, "faulty": 10},
                actor=self.user,
            )

    def _approvals(self) -> Iterator[Approval]:
        for n in range(FEW):
            yield Approval(
                kind="inventory.release",
                title=f"Give {n + 2} numbers back",
                count=n + 2,
                intent={},
                reason="Not wanted any more",
                key=f"bench-{n}",
                asked_by=self.user,
                asked_at=self._at(n),
                expires_at=self.now + timedelta(days=7),
            )

    def _lookups(self) -> Iterator[Lookup]:
        for n, number in enumerate(self.numbers[:MANY]):
            yield Lookup(
                kind="cnam",
                tn=number.tn,
                answer={"name": f"EXAMPLE {n}"},
                account=self._account(n),
                actor=self.user,
                looked_up_at=self._at(n),
            )

    def _routes(self) -> Iterator[Route]:
        for n in range(FEW):
            yield Route(
                account=self._account(n),
                provider_ref=f"{20000 + n}",
                name=f"Gateway {n:03}",
                kind="endpoint_group",
                details={},
                synced_at=self.now,
            )

    def _groups(self) -> Iterator[NumberGroup]:
        for n in range(FEW):
            yield NumberGroup(
                account=self._account(n),
                provider_ref=f"G{n}",
                name=f"Group {n:03}",
                synced_at=self.now,
            )

    def _places(self) -> Iterator[Location]:
        for n in range(MANY):
            yield Location(
                name=f"Place {n:04}",
                customer=self._customer(n),
                house_number=f"{n + 1}",
                street="MAIN",
                street_suffix="ST",
                city="CHICAGO",
                region="IL",
                zip="60601",
                caller_name=f"EXAMPLE {n}",
            )

    def _differences(self) -> Iterator[Difference]:
        for n, record in enumerate(EmergencyRecord.objects.order_by("pk")[:FEW]):
            yield Difference(
                record=record,
                kind="address",
                ours=f"{n} MAIN ST, CHICAGO, IL 60601",
                theirs=f"{n} MAIN AVE, CHICAGO, IL 60601",
                first_seen_at=self._at(n),
                last_seen_at=self.now,
            )


def _create(rows: Iterator[Any]) -> None:
    first = next(rows, None)
    if first is not None:
        model: type[models.Model] = type(first)
        model._default_manager.bulk_create([first, *islice(rows, MANY)])


def desks(user: User) -> None:
    """Make the rows of the lists beside numbers, where there are none yet."""
    if PortOrder.objects.exists():
        return
    Desks(user).fill()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
