"""A provider for tests of accounts: it tells everything, and remembers what was written to it."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from portal import providers
from portal.models import ProviderAccount
from portal.providers.base import Field, Limits, Provider, WireCall, WireReply
from portal.providers.capabilities import CAPABILITIES
from portal.providers.dto import AccountStatus
from portal.providers.dto.account import (
    AccountChanges,
    AccountProfile,
    AccountUpdate,
    CallRecord,
    Charge,
    Credit,
    NewAccount,
    Payment,
    PaymentStatus,
    RecurringCharges,
    Registration,
)
from portal.providers.dto.features import ClientRecord
from portal.providers.dto.support import Person, Ticket, TicketMessage, TicketStatus
from portal.providers.errors import ProviderError, ProviderRefused, ProviderTimeout

AT_THE_KIOSK = frozenset({"credential_check"})
AT_THE_BANK = AT_THE_KIOSK | {
    *("account_profile", "recurring_charges", "account_credits", "account_payments"),
    *("registration", "call_records", "support_tickets", "account_settings"),
    *("account_creation", "account_signup", "account_recovery", "client_list"),
}
PASSWORD = "made-up-Secret-77"
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


class Kiosk(Provider):
    """Tells its balance and nothing else."""

    slug, name = "kiosk", "Kiosk"
    credential_fields = (
        Field(name="username", label="Username"),
        Field(name="password", label="Password"),
    )
    default_base_url = "http://127.0.0.1:9"
    limits = Limits()
    not_offered = dict.fromkeys(set(CAPABILITIES) - AT_THE_KIOSK, "The kiosk does not offer this.")

    script: ClassVar[list[ProviderError]] = []
    state: ClassVar[dict[str, Any]] = {}

    @classmethod
    def reset(cls) -> None:
        """Forget everything."""
        cls.script, cls.state = [], {}

    def _exchange(self, operation: str, *, is_write: bool = False) -> None:
        """Go through the ledger; a step of the script is raised, with "done" after the write."""
        self.runtime.guard()
        call = WireCall(
            operation=operation,
            is_write=is_write,
            method="POST",
            url="http://bank/",
            headers={},
            body="",
        )
        handle = self.runtime.before_send(call)
        step = type(self).script.pop(0) if type(self).script else None
        is_lost = isinstance(step, ProviderTimeout)
        outcome = "timeout" if is_lost else ("refused" if step else "answered")
        self.runtime.after_reply(handle, WireReply(outcome=outcome, status=200))
        if step is not None and step.code != "done":
            raise step
        if step is not None:
            type(self).state["raise_after"] = step

    def _written(self) -> None:
        """Raise the time-out of a write that was carried out all the same."""
        if error := type(self).state.pop("raise_after", None):
            raise error

    def check_credentials(self) -> AccountStatus:
        """Tell the balance."""
        self._exchange("balance")
        return AccountStatus(balance=Decimal("7.50"), name="Kiosk")


class Bank(Kiosk):
    """Tells all of an account."""

    slug, name = "bank", "Bank"
    not_offered = dict.fromkeys(set(CAPABILITIES) - AT_THE_BANK, "The bank does not offer this.")

    script: ClassVar[list[ProviderError]] = []
    state: ClassVar[dict[str, Any]] = {}

    def account_profile(self) -> AccountProfile:
        """Tell the profile."""
        self._exchange("profile")
        return AccountProfile(
            ref="2125550100",
            name="Example Desk",
            balance=type(self).state.get("balance", Decimal("125.40")),
            created_at=NOON,
            **{"time_zone": "America/New_York", "warn_below": 20, "is_warned": True}
            | type(self).state.get("settings", {}),
            services={"sms": True},
            rates={"minute": Decimal("0.0085")},
        )

    def recurring_charges(self) -> RecurringCharges:
        """Tell two charges."""
        self._exchange("charges")
        charges = (
            Charge(amount=Decimal("4.00"), description="8 numbers"),
            Charge(amount=Decimal("1.50"), description="E911"),
        )
        return RecurringCharges(charges=charges, total=Decimal("5.50"))

    def list_credits(self, *, is_paid: bool | None = None) -> list[Credit]:
        """Tell one credit."""
        self._exchange("credits")
        return [Credit(at=NOON, amount=Decimal("100.00"), is_paid=True)]

    def list_payments(self) -> list[Payment]:
        """Tell a payment with a word that is new."""
        self._exchange("payments")
        return [
            Payment(
                at=NOON, amount=Decimal("99.00"), status=PaymentStatus.UNKNOWN, word="Odd\x00word"
            )
        ]

    def registration(self) -> Registration | None:
        """Tell the device of the test."""
        self._exchange("registration")
        return type(self).state.get("registration")

    def call_records(
        self, *, since: datetime, until: datetime | None = None
    ) -> Iterator[CallRecord]:
        """Yield the calls of the test within the window, newest first; the script can break off."""
        self._exchange("calls")
        type(self).state.setdefault("windows", []).append((since, until))
        for call in sorted(type(self).state.get("calls", []), key=lambda c: c.at, reverse=True):
            if since <= call.at <= (until or call.at):
                yield call
        if error := type(self).state.pop("break_off", None):
            raise error

    def list_clients(self) -> list[ClientRecord]:
        """List one customer."""
        self._exchange("clients")
        return [ClientRecord(ref="C-1", name="Lakeside <Dental>", details={"numbers": 12})]

    def update_account(self, changes: AccountChanges) -> AccountUpdate:
        """Change settings; what the test calls stubborn is not confirmed."""
        wanted = {name: v for name, v in asdict(changes).items() if v is not None}
        self._exchange("settings", is_write=True)
        stubborn = type(self).state.get("stubborn", set())
        done = {name: value for name, value in wanted.items() if name not in stubborn}
        type(self).state.setdefault("settings", {}).update(done)
        self._written()
        return AccountUpdate(
            changed=frozenset(done), unconfirmed=frozenset(set(wanted) - set(done))
        )

    def create_account(
        self, *, username: str, name: str, email: str, billing_ref: str = ""
    ) -> NewAccount:
        """Open an account."""
        self._exchange("create", is_write=True)
        password = type(self).state.get("password", PASSWORD)
        self._written()
        return NewAccount(username=username, password=password, name=name, email=email)

    def sign_up(self, *, name: str, email: str, promo: str = "") -> NewAccount:
        """Open an account for anybody."""
        self._exchange("sign up", is_write=True)
        self._written()
        return NewAccount(username="1000000001", password=PASSWORD, name=name, email=email)

    def recover_account(self, *, email: str) -> str:
        """Mail the way back."""
        self._exchange("recover", is_write=True)
        self._written()
        return "Recovery email sent"

    def _tickets(self) -> dict[str, Ticket]:
        return type(self).state.setdefault("tickets", {})

    def list_tickets(self) -> list[Ticket]:
        """List the tickets without their messages."""
        self._exchange("tickets")
        return [replace(ticket, messages=()) for ticket in self._tickets().values()]

    def ticket(self, ref: str) -> Ticket:
        """Tell one."""
        self._exchange("ticket")
        if ref not in self._tickets():
            raise ProviderRefused("Ticket not found", code="404")
        return self._tickets()[ref]

    def ticket_messages(self, ref: str) -> list[TicketMessage]:
        """Tell the thread."""
        return list(self.ticket(ref).messages)

    def open_ticket(self, *, subject: str, message: str, email: str = "") -> Ticket:
        """Open one."""
        if message == "unsendable":
            raise ValueError("odd words")
        self._exchange("open", is_write=True)
        ref = str(100 + len(self._tickets()))
        opened = made_ticket(ref, subject=subject, messages=(made_message("1", message),))
        self._tickets()[ref] = opened
        self._written()
        return opened

    def set_ticket_status(self, ref: str, status: TicketStatus) -> None:
        """Change it."""
        self._exchange("status", is_write=True)
        self._change(ref, status=status)

    def reply_to_ticket(self, ref: str, *, message: str) -> None:
        """Add a message."""
        self._exchange("reply", is_write=True)
        told = self._tickets()[ref]
        reply = made_message(str(len(told.messages) + 1), message)
        self._change(ref, messages=(*told.messages, reply), status=TicketStatus.ACTIVE)

    def delete_ticket(self, ref: str) -> None:
        """Delete it, for administrators."""
        self._exchange("delete", is_write=True)
        if not type(self).state.get("is_admin"):
            raise ProviderRefused("Admin only", code="403")
        del self._tickets()[ref]
        self._written()

    def _change(self, ref: str, **facts: Any) -> None:
        facts.setdefault("updated_at", datetime.now(UTC))
        self._tickets()[ref] = replace(self._tickets()[ref], **facts)
        self._written()


def made_message(ref: str, text: str, *, kind: str = "customer", name: str = "") -> TicketMessage:
    """Return a message of now, as a help desk shows plain text."""
    body = html.escape(text).replace("\n", "<br />")
    return TicketMessage(
        ref=ref,
        kind=kind,
        unsafe_html=f"<p>{body}</p>",
        created_at=datetime.now(UTC),
        author=Person(first_name=name) if name else None,
    )


def made_ticket(ref: str, **facts: Any) -> Ticket:
    """Return a ticket of now."""
    now = datetime.now(UTC)
    facts = {"subject": "No audio", "status": TicketStatus.ACTIVE, "created_at": now} | facts
    return Ticket(ref=ref, number=f"9{ref}", **{"updated_at": now} | facts)


def made_call(ref: str, at: datetime, **facts: Any) -> CallRecord:
    """Return a call of one minute and a half."""
    facts = {
        "caller": "12125550142",
        "called": "13125550177",
        "seconds": 90,
        "rate_per_minute": Decimal("0.0085"),
        "charged": Decimal("0.0128"),
    } | facts
    return CallRecord(ref=ref, at=at, **facts)


def ago(**span: float) -> datetime:
    """Return a moment that long ago."""
    return datetime.now(UTC) - timedelta(**span)


@pytest.fixture
def banks(monkeypatch, db) -> dict[str, ProviderAccount]:
    """Make bank and kiosk the only providers; return an account at each, by slug."""
    monkeypatch.setattr(providers, "REGISTRY", {})
    for cls in (Bank, Kiosk):
        cls.reset()
        monkeypatch.setitem(providers.REGISTRY, cls.slug, f"{__name__}.{cls.__name__}")
    providers.provider_class.cache_clear()
    made = {
        slug: ProviderAccount.objects.create(
            slug=slug,
            name=f"{slug.capitalize()} main",
            base_url="http://127.0.0.1:9",
            credentials={"username": "2125550100", "password": "Sandbox1"},
            calls_per_minute=10_000,
        )
        for slug in ("bank", "kiosk")
    }
    yield made
    providers.provider_class.cache_clear()
