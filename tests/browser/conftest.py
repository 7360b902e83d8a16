"""The site in a real browser: live server, worker process, sandbox, and a watch on the console."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from portal.celery import app
from portal.models import Job, ProviderAccount, User
from portal.sandbox.server import RunningSandbox
from tests.factories import PASSWORD, make_account, make_user
from tests.ledger.world import Worker, database_url, environment, eventually

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
NAMES = {
    "voip_innovations": "VoIP Innovations",
    "voicetel": "VoiceTel",
    "intelepeer": "IntelePeer",
    "custom_toll_free": "Custom Toll Free",
}
PATIENCE_MS = 90_000  # of one that waits in vain; the machine may be busy with other tests
expect.set_options(timeout=PATIENCE_MS)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, and skip it in words where there is none."""
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.django_db(transaction=True))
        if CHROMIUM is None:
            item.add_marker(
                pytest.mark.skip(reason="no Chromium on this machine: chromium is not in PATH")
            )


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Return how the machine's own Chromium is started."""
    return {"executable_path": CHROMIUM, "args": ["--disable-dev-shm-usage"]}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """Return what every browser window has."""
    return {"viewport": {"width": 1280, "height": 900}, "locale": "en-US", "color_scheme": "light"}


@pytest.fixture(autouse=True, scope="package")
def real_broker() -> Iterator[None]:
    """Send messages to the broker instead of running them in the web server."""
    before = app.conf.task_always_eager
    app.conf.task_always_eager = False
    app.control.purge()
    yield
    app.control.purge()
    app.conf.task_always_eager = before


@pytest.fixture(scope="session")
def sandbox_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """Run one sandbox for all browser tests."""
    with RunningSandbox(directory=tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def sandbox(sandbox_for_all: RunningSandbox) -> RunningSandbox:
    """Return a sandbox in which nothing has happened yet."""
    sandbox_for_all.control("reset")
    return sandbox_for_all


@pytest.fixture(scope="package")
def worker_for_all(
    django_db_setup: None,
    django_db_blocker: Any,
    real_broker: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worker]:
    """Run one worker process for all browser tests."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with django_db_blocker.unblock():
        url = database_url()
    worker = Worker(environment(url), tmp_path_factory.mktemp("worker") / "worker.log").start()
    yield worker
    worker.kill()


@pytest.fixture
def worker(worker_for_all: Worker, transactional_db: None) -> Iterator[Worker]:
    """Return a worker; at the end of the test every job has left it, before the tables are emptied."""
    yield worker_for_all
    eventually(
        lambda: not Job.objects.filter(status="running", is_group=False).exists(),
        what="no job runs any more",
    )


@pytest.fixture
def accounts(transactional_db: None, sandbox: RunningSandbox) -> dict[str, ProviderAccount]:
    """Return an account at each of the four providers, by slug."""
    return {
        slug: make_account(slug, name=name, base_url=sandbox.url) for slug, name in NAMES.items()
    }


@dataclass
class Desk:
    """Somebody at the site: a page, its address, and what the console said."""

    page: Any
    url: str
    complaints: list[str]

    def go(self, path: str) -> None:
        """Open an address of the site."""
        answer = self.page.goto(f"{self.url}{path}")
        assert answer is not None
        assert answer.status < 400, f"{path} answers {answer.status}"

    def visit(self, path: str) -> None:
        """Open an address, also one that says no (409), and wait for what it loads by itself."""
        answer = self.page.goto(f"{self.url}{path}")
        assert answer is not None
        assert answer.status < 400 or answer.status == 409, f"{path} answers {answer.status}"
        expect(self.page.locator(".htmx-request")).to_have_count(0)
        self.complaints[:] = [words for words in self.complaints if "409" not in words]

    def sign_in(self, email: str) -> None:
        """Give the browser the session of somebody who signed in."""
        client = Client()
        client.force_login(User.objects.get(email=email), backend=BACKEND)
        cookie = client.cookies["sessionid"].value
        self.page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": self.url}])

    def sign_in_by_form(self, email: str) -> None:
        """Sign in as a person does."""
        self.go("/accounts/login/")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url(f"{self.url}/")


@pytest.fixture
def open_desk(
    live_server: Any, browser: Any, browser_context_args: dict[str, Any]
) -> Iterator[Callable[..., Desk]]:
    """Return a function that opens a browser window; at the end no console may have complained."""
    desks: list[Desk] = []

    def open_one(**context: Any) -> Desk:
        page = browser.new_context(**{**browser_context_args, **context}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        desk = Desk(page=page, url=live_server.url, complaints=[])
        page.on("console", lambda m: m.type == "error" and desk.complaints.append(m.text))
        page.on("pageerror", lambda error: desk.complaints.append(str(error)))
        desks.append(desk)
        return desk

    yield open_one
    for desk in desks:
        desk.page.context.close()
    assert [desk.complaints for desk in desks] == [[] for _ in desks]


@pytest.fixture
def operator_email(transactional_db: None) -> str:
    """Return the address that an operator signs in with."""
    return str(make_user("operator", name="Olga Operator", email="olga@example.net").email)
