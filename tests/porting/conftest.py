"""The sandbox, accounts in it, and orders on their way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.models import ProviderAccount
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from porting import operations, services
from porting.models import PortOrder
from tests import factories


@pytest.fixture(scope="session")
def carriers(tmp_path_factory):
    """Return a running sandbox for the whole run of these tests."""
    with RunningSandbox(directory=tmp_path_factory.mktemp("carriers"), scale=0.05) as running:
        running.control("setting", key="voicetel.rate_limit", value="off")
        yield running


@pytest.fixture
def sandbox(carriers, monkeypatch):
    """Return the sandbox without faults; jobs run when a test says so."""
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    carriers.control("fault/clear")
    yield carriers
    carriers.control("fault/clear")


@pytest.fixture
def voicetel(sandbox, db) -> ProviderAccount:
    """Return an account at VoiceTel."""
    return factories.make_account("voicetel", base_url=sandbox.url)


@pytest.fixture
def voip_innovations(sandbox, db) -> ProviderAccount:
    """Return an account at VoIP Innovations."""
    return factories.make_account("voip_innovations", base_url=sandbox.url)


@pytest.fixture
def documents(settings, tmp_path):
    """Keep documents of a test in a folder of its own."""
    settings.PORT_DOCUMENT_DIR = tmp_path / "documents"
    return settings.PORT_DOCUMENT_DIR


@pytest.fixture
def ready(voicetel, operator):
    """Return a function that makes an order that is ready, its numbers just checked."""

    def make(*tns: str, **fields) -> PortOrder:
        order = factories.make_port(*tns, account=voicetel, price_per_number=6, **fields)
        order.price_total = order.price_of(order.number_count)
        order.save()
        services.move(order, "ready", actor=operator)
        return order

    return make


@pytest.fixture
def submitted(ready, operator, run_jobs):
    """Return a function that makes an order that its provider has taken."""

    def make(*tns: str, **fields) -> PortOrder:
        order = ready(*tns, **fields)
        operations.submit(
            order, actor=operator, key=f"key-{order.pk}", price_total=order.price_total
        )
        run_jobs(rounds=2)
        order.refresh_from_db()
        return order

    return make


def make_due(order: PortOrder) -> None:
    """Let the time of an order to be asked about be now."""
    PortOrder.objects.filter(pk=order.pk).update(next_poll_at=timezone.now() - timedelta(minutes=1))
