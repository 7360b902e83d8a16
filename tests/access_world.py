"""The people and the things of the table of addresses; see `test_access_matrix`.

They are made once for a module; each test is rolled back to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from inventory.models import (
    CarrierNumber,
    CartLine,
    NumberGroup,
    Order,
    OrderPreset,
    Route,
    SavedView,
    StockThreshold,
)
from inventory.services import routes as services_routes
from portal.models import Customer, Exchange, JobItem, SupportTicket, User
from porting.models import PortMail, PortOut, Preflight, ProviderWord
from porting.services import add_document
from tests import access_e911, factories
from tests.access import TN, WHO

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SESSION = "sessionid"


@dataclass(frozen=True, kw_only=True)
class World:
    """Somebody of each kind who is signed in, and the ids of one of everything."""

    sessions: dict[str, str]
    things: dict[str, int]

    def client(self, who: str) -> Client:
        """Return the browser of one of `WHO`."""
        client = Client()
        if session := self.sessions[who]:
            client.cookies[SESSION] = session
        return client


@pytest.fixture(scope="module")
def world_of_module(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Make the world for a module, and take it back at its end."""
    documents = tmp_path_factory.mktemp("documents")
    with (
        django_db_blocker.unblock(),
        override_settings(PORT_DOCUMENT_DIR=Path(documents)),
        transaction.atomic(),
    ):
        people = _people()
        yield World(
            sessions={who: _session(user) for who, user in people.items()},
            things=_things(people["operator"], people["alice"].customer),
        )
        transaction.set_rollback(True)


@pytest.fixture
def world(world_of_module: World, db: None) -> World:
    """Return the world as it was made."""
    return world_of_module


def _people() -> dict[str, Any]:
    """Return the seven columns: None, then users."""
    lakeside = factories.make_customer("Lakeside Dental", code="LAKE")
    northgate = factories.make_customer("Northgate Freight")
    users = (
        None,
        factories.make_user("viewer", name="Vic Viewer"),
        factories.make_user("operator", name="Olga Operator"),
        factories.make_user("administrator", name="Ada Admin"),
        factories.make_user("member", name="Bob", customer=lakeside),
        factories.make_user("manager", name="Alice", customer=lakeside),
        factories.make_user("manager", name="Charlie", customer=northgate),
    )
    return dict(zip(WHO, users, strict=True))


def _session(user: User | None) -> str:
    client = Client()
    if user is None:
        return ""
    client.force_login(user, backend=BACKEND)
    return str(client.cookies[SESSION].value)


def _things(operator: User, lakeside: Customer) -> dict[str, int]:
    """Make one of everything; return the ids by the names that the table uses."""
    account = factories.make_account()
    number = factories.make_tn(TN["tn"], account=account, customer=lakeside)
    job = factories.make_job(operator, customer=lakeside, account=account, status="needs_review")
    JobItem.objects.create(job=job, position=0, target=TN["tn"], status="unknown")
    exchange = Exchange.objects.create(
        job=job, account=account, operation="getDIDs", is_write=False, method="POST", url="/"
    )
    search = factories.make_search(operator, "+13125550177", account=account)
    order = Order.objects.create(actor=operator, job=factories.make_job(operator, is_group=True))
    CarrierNumber.objects.create(account=account, tn="+13125550188", synced_at=timezone.now())
    CartLine.objects.create(user=operator, account=account, tn="+13125550199")
    made = {
        "customer": lakeside,
        "account": account,
        "job": job,
        "exchange": exchange,
        "search": search,
        "order": order,
    }
    made["lookup"] = factories.make_job(operator, kind="inventory.look_up_names", account=account)
    facts = {"account": account, "provider_ref": "7", "name": "Seven"}
    made["route"] = Route.objects.create(kind="endpoint_group", **facts)
    made["group"] = NumberGroup.objects.create(**facts)
    services_routes.keep_fact(account, "international", {"rows": [{"tn": "+442075550142"}]})
    made["threshold"] = StockThreshold.objects.create(npa="312", minimum=20)
    made["view"] = SavedView.objects.create(user=operator, name="Mine", is_shared=True)
    made["ticket"] = SupportTicket.objects.create(
        account=account, ticket_ref="7", subject="No audio", synced_at=timezone.now()
    )
    made["preset"] = OrderPreset.objects.create(name="Usual")
    made["upload"] = factories.make_upload(operator)
    made["approval"] = factories.make_approval(operator)
    made |= _ports(lakeside, operator)
    made |= access_e911.things(number, lakeside)
    return {name: row.pk for name, row in made.items()}


def _ports(customer: Customer, actor: User) -> dict[str, Any]:
    """Make a port order with one of everything that belongs to it."""
    order = factories.make_port("+13125550142", "+13125550143", customer=customer)
    bill = SimpleUploadedFile("bill.pdf", b"%PDF-1.4 a bill")
    return {
        "port": order,
        "port_line": order.lines.first(),
        "port_document": add_document(order, bill, kind="bill", actor=None),
        "port_mail": PortMail.objects.create(order=order, event="note", subject="A note"),
        "port_out": PortOut.objects.create(tn="+13125550142", detected_by="person"),
        "preflight": Preflight.objects.create(actor=actor, key="preflight"),
        "word": ProviderWord.objects.create(slug="voicetel", word="Parked", folded="parked"),
    }
