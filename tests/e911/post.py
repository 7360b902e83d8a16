"""A provider for tests of E911 that keeps its records in memory and misbehaves as it is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from portal import providers
from portal.models import ProviderAccount
from portal.providers.base import Limits, Provider, WireCall, WireReply
from portal.providers.capabilities import CAPABILITIES
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.e911 import (
    AddressCheck,
    EmergencyAddress,
    EmergencyRecord,
    EmergencyState,
)
from portal.providers.errors import ProviderRefused, ProviderTimeout, ProviderUnavailable
from portal.tn import TN
from tests import factories

OFFERED = frozenset({"e911_records", "e911_list", "e911_alerts"})
# What the next write does. Words behind a dash say what became of it although no answer came.
BEHAVIOURS = (
    "done",
    "refused",
    "refused-wiped",  # refused, and the old address is gone
    "unclear-wiped",  # neither yes nor no, and the old address is gone
    "unavailable",  # nothing was sent
    "lost",  # no answer, and nothing was carried out
    "lost-done",  # no answer, and it was carried out
    "lost-wiped",  # no answer, and the old address is gone
    "silent",  # said done, and was not carried out
)


class Post(Provider):
    """Spells addresses in upper case; refuses those whose street begins with “Nowhere”."""

    slug, name = "post", "Post"
    credential_fields = ()
    default_base_url = "http://127.0.0.1:9"
    limits = Limits()
    not_offered = dict.fromkeys(set(CAPABILITIES) - OFFERED, "The post does not offer this.")

    active: ClassVar[dict[str, EmergencyRecord]] = {}
    alerts: ClassVar[dict[str, list[str]]] = {}
    script: ClassVar[list[str]] = []
    reads_fail: ClassVar[int] = 0  # so many readings find nobody at home
    sent: ClassVar[list[tuple[str, str]]] = []

    @classmethod
    def reset(cls) -> None:
        """Forget everything."""
        cls.active, cls.alerts, cls.script, cls.sent = {}, {}, [], []
        cls.reads_fail = 0

    def _exchange(self, operation: str, *, is_write: bool, outcome: str = "answered") -> None:
        self.runtime.guard()
        call = WireCall(
            operation=operation,
            is_write=is_write,
            method="POST",
            url="http://post/",
            headers={},
            body="",
        )
        handle = self.runtime.before_send(call)
        self.runtime.after_reply(handle, WireReply(outcome=outcome, status=200))

    def validate_address(self, address: EmergencyAddress, *, caller_name: str = "") -> AddressCheck:
        """Return whether it is an address; no suggestion, as VoIP Innovations has none."""
        self._exchange("validate", is_write=False)
        is_valid = not address.address1.upper().split(" ", 1)[-1].startswith("NOWHERE")
        return AddressCheck(
            is_valid=is_valid,
            code="100" if is_valid else "101",
            message="" if is_valid else "The street is not known.",
            advice="" if is_valid else "Correct it.",
        )

    def e911_record(self, tn: TN) -> EmergencyRecord | None:
        """Return what is active."""
        if type(self).reads_fail:
            type(self).reads_fail -= 1
            raise ProviderUnavailable("Nobody is at home.", operation="query")
        self._exchange("query", is_write=False)
        return type(self).active.get(tn)

    def set_e911(self, tn: TN, *, address: EmergencyAddress, caller_name: str) -> ItemOutcome:
        """Carry out the next behaviour."""
        return self._write("set", tn, self.record(tn, address, caller_name))

    def change_e911(self, tn: TN, *, address: EmergencyAddress, caller_name: str) -> ItemOutcome:
        """Carry out the next behaviour."""
        return self._write("change", tn, self.record(tn, address, caller_name))

    def remove_e911(self, tn: TN) -> ItemOutcome:
        """Carry out the next behaviour."""
        return self._write("remove", tn, None)

    def list_e911(self) -> Iterator[EmergencyRecord]:
        """Yield what is active."""
        self._exchange("list", is_write=False)
        yield from sorted(type(self).active.values(), key=lambda record: record.tn)

    def e911_alerts(self, tn: TN) -> list[str]:
        """Return who is mailed."""
        self._exchange("alerts", is_write=False)
        if tn not in type(self).active:
            raise ProviderRefused("911 is not enabled on the number.", code="941")
        return list(type(self).alerts.get(tn, []))

    def add_e911_alert(self, tn: TN, *, email: str) -> ItemOutcome:
        """Add one."""
        self._exchange("alert", is_write=True)
        type(self).alerts.setdefault(tn, []).append(email)
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED)

    def remove_e911_alert(self, tn: TN, *, email: str) -> ItemOutcome:
        """Remove one."""
        self._exchange("alert", is_write=True)
        type(self).alerts[tn].remove(email)
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED)

    def remove_e911_alerts(self, tn: TN) -> ItemOutcome:
        """Remove all."""
        self._exchange("alert", is_write=True)
        type(self).alerts.pop(tn, None)
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED)

    @classmethod
    def record(cls, tn: TN, address: EmergencyAddress, caller_name: str) -> EmergencyRecord:
        return EmergencyRecord(
            tn=tn,
            address=replace(address, address1=address.address1.upper(), plus4="0001"),
            caller_name=caller_name.upper().ljust(32),
            state=EmergencyState.PROVISIONED,
            word="PROVISIONED",
            location_ref=f"L{len(cls.sent)}",
        )

    def _write(self, name: str, tn: TN, record: EmergencyRecord | None) -> ItemOutcome:
        behaviour = type(self).script.pop(0) if type(self).script else "done"
        if behaviour == "unavailable":
            raise ProviderUnavailable("The line is dead.", operation=name)
        outcome = "timeout" if behaviour.startswith("lost") else "answered"
        self._exchange(name, is_write=True, outcome=outcome)
        type(self).sent.append((name, str(tn)))
        if behaviour.endswith("done"):
            self._keep(tn, record)
        if behaviour.endswith("wiped"):
            type(self).active.pop(tn, None)
        if behaviour.startswith("lost"):
            raise ProviderTimeout("No answer came.", operation=name)
        result = {
            "done": Outcome.SUCCEEDED,
            "silent": Outcome.SUCCEEDED,
            "refused": Outcome.REFUSED,
            "refused-wiped": Outcome.REFUSED,
            "unclear-wiped": Outcome.UNKNOWN,
        }[behaviour]
        words = "" if result is Outcome.SUCCEEDED else "The post says no."
        return ItemOutcome(tn=tn, outcome=result, code="77" if words else "100", message=words)

    def _keep(self, tn: TN, record: EmergencyRecord | None) -> None:
        if record is None:
            type(self).active.pop(tn, None)
            type(self).alerts.pop(tn, None)
        else:
            type(self).active[tn] = record


@pytest.fixture
def post(monkeypatch, db) -> Iterator[ProviderAccount]:
    """Make the post the only provider; return an account there."""
    monkeypatch.setattr(providers, "REGISTRY", {})
    Post.reset()
    monkeypatch.setitem(providers.REGISTRY, Post.slug, f"{__name__}.Post")
    providers.provider_class.cache_clear()
    yield factories.make_account("post", name="Post main", credentials={}, settings={})
    providers.provider_class.cache_clear()


def other(**fields: Any) -> EmergencyAddress:
    """Return an address that nobody here has asked for."""
    given = {"address1": "99 ELSEWHERE RD", "city": "CHICAGO", "state": "IL", "zip": "60699"}
    return EmergencyAddress(**(given | fields))
