"""Fixtures of the E911 tests: the sandbox over a real socket, numbers, checked addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from e911 import operations, services
from e911.addresses import Lines, parts_of
from e911.models import AddressCheck
from inventory.models import TelephoneNumber
from inventory.operations.sync import sync_account
from portal.models import ProviderAccount
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests.factories import make_account, make_customer

MAIN = Lines(
    address1="12 North Main Street", address2="Suite 4", city="Chicago", region="IL", zip="60601"
)
OAK = Lines(address1="7 Oak Avenue", city="Chicago", region="IL", zip="60602")
BAD = Lines(address1="PO Box 12", city="Chicago", region="IL", zip="60601")


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSandbox]:
    """Return a sandbox for all of these tests."""
    with RunningSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running) -> RunningSandbox:
    """Return the sandbox as it was when it was new."""
    running.control("reset")
    return running


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    """Leave jobs to `run_jobs`."""
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def held(sandbox, db, run_jobs) -> Callable[..., list[TelephoneNumber]]:
    """Return a function that brings an account's numbers in and puts some of them in service.

    They are numbers without 911 at the provider.
    """

    def bring(slug: str = "voip_innovations", count: int = 1) -> list[TelephoneNumber]:
        account = make_account(slug, base_url=sandbox.url)
        sync_account(account, actor=None)
        run_jobs()
        numbers = list(
            TelephoneNumber.objects.filter(account=account, tn__startswith="+1")
            .exclude(tn__startswith="+18")
            .order_by("-tn")[:count]
        )
        customer = make_customer()
        for number in numbers:
            number.state, number.customer = "in_service", customer
            number.save()
        return numbers

    return bring


@pytest.fixture
def checked(operator, run_jobs) -> Callable[..., AddressCheck]:
    """Return a function that has an address checked for numbers, and accepts what comes back."""

    def check(
        *numbers: TelephoneNumber,
        lines: Lines = MAIN,
        caller_name: str = "Example LLC",
        accepts: bool = True,
        account: ProviderAccount | None = None,
        **facts: Any,
    ) -> AddressCheck:
        one = services.new_check(
            account=account or numbers[0].account,
            parts=parts_of(lines),
            caller_name=caller_name,
            customer=numbers[0].customer if numbers else None,
            numbers=numbers,
            actor=operator,
            **facts,
        )
        operations.validate(one, actor=operator)
        run_jobs()
        one.refresh_from_db()
        if accepts and one.verdict in {"valid", "suggested"}:
            one = services.accept(one, actor=operator)
        return one

    return check
