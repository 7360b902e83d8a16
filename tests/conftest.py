"""Fixtures for the whole suite: people, provider accounts, jobs, the sandbox."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, settings

from portal import filtering, jobs, kept
from portal.models import Job, User
from portal.sandbox import server, stock
from portal.sandbox.store import Store
from tests import factories

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop in this process
# How fast an example runs is the machine's affair: no property fails for it.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
LONGEST = ("test_bench_small.py", "test_site.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files first that take longest: two workers that share files then end together."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(autouse=True, scope="session")
def quick_sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have sandboxes share the stock of each size, which takes a second, and not wait for the disk."""
    made: dict[float, Path] = {}

    def open_store(directory: Path, *, scale: float = 1.0) -> Store:
        if scale not in made:
            made[scale] = tmp_path_factory.mktemp("stock")
            stock.open_store(made[scale], scale=scale).close()
        directory.mkdir(parents=True, exist_ok=True)
        for pristine in made[scale].glob("stock-*.sqlite3"):
            shutil.copy(pristine, directory)
        return stock.open_store(directory, scale=scale)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "stock", SimpleNamespace(open_store=open_store))
        patch.setattr(Store, "synchronous", "OFF")
        yield


@pytest.fixture(autouse=True)
def empty_cache():
    """Have no figure and no page of one test shown in another."""
    cache.clear()
    kept.forget()
    filtering.forget()


@pytest.fixture
def admin(db) -> User:
    """Return an administrator."""
    return factories.make_user("administrator", name="Ada Admin")


@pytest.fixture
def operator(db) -> User:
    """Return an operator."""
    return factories.make_user("operator", name="Olga Operator")


@pytest.fixture
def viewer(db) -> User:
    """Return a viewer."""
    return factories.make_user("viewer", name="Vic Viewer")


@pytest.fixture
def lakeside(db):
    """Return the customer of Alice and Bob."""
    return factories.make_customer("Lakeside Dental", code="LAKE")


@pytest.fixture
def alice(lakeside) -> User:
    """Return the manager at Lakeside."""
    return factories.make_user("manager", name="Alice", customer=lakeside)


@pytest.fixture
def bob(lakeside) -> User:
    """Return Alice's colleague."""
    return factories.make_user("member", name="Bob", customer=lakeside)


@pytest.fixture
def charlie(db) -> User:
    """Return the stranger: a manager at another customer."""
    return factories.make_user(
        "manager", name="Charlie", customer=factories.make_customer("Northgate Freight")
    )


@pytest.fixture
def client_for() -> Callable[[User | None], Client]:
    """Return a function that gives a signed-in client for a user."""

    def make(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


@pytest.fixture
def run_jobs() -> Callable[..., list[Job]]:
    """Return a function that carries out every due job, round after round, until none is due.

    Delays are skipped: whatever waits is made due. Stops after `rounds`.
    """

    def run(*, rounds: int = 10) -> list[Job]:
        done: list[Job] = []
        for _ in range(rounds):
            due = Job.objects.filter(
                status__in=["queued", "waiting", "unknown"], is_group=False
            ).order_by("pk")
            ids = list(due.values_list("pk", flat=True))
            if not ids:
                break
            for pk in ids:
                Job.objects.filter(pk=pk).update(run_after=timezone.now())
                jobs.execute(pk)
        done.extend(Job.objects.order_by("pk"))
        return done

    return run
