"""Wire ⇄ DTO of brands, campaigns and the numbers in them (voicetel.md 9, 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.providers.dto.messaging import Campaign, RegistrationState
from portal.providers.errors import ProviderRefused, off_contract
from portal.providers.rest import clean
from portal.providers.voicetel import codes
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.mapping.fields import is_dummy, read_tn, told
from portal.providers.voicetel.methods import messaging_campaigns as methods
from portal.providers.voicetel.methods.core import Method
from portal.tn import TN


def require_registered(content: Record, method: Method) -> None:
    """Raise unless the carrier's own verdict, inside a good answer, is a success (9).

    `ProviderRefused` where it says otherwise, `ProviderProtocolError` where it says nothing.
    """
    result = content.get("result")
    told_of = result if isinstance(result, dict) else {}
    code, word = clean(told_of.get("statusCode")), clean(told_of.get("status"))
    if not code and not word:
        raise off_contract(method.name, True, "it does not tell what the carrier said")
    if code in {"200", ""} and word.lower() in {"success", ""}:
        return
    happened = codes.status("400", method.name).happened
    raise ProviderRefused(
        f"{happened} Nothing was carried out. It said: {word[:300]}",
        code=code,
        operation=method.name,
    )


def campaigns(records: Iterable[Record]) -> list[Campaign]:
    """Return campaigns with their numbers, dummies left out."""
    method = methods.GET_MESSAGING_CAMPAIGNS
    found: list[Campaign] = []
    for record in records:
        ref = clean(record.get("id"))
        if not ref:
            if is_dummy(record):
                continue
            raise off_contract(method.name, False, "a campaign has no id")
        word = clean(record.get("status"))
        found.append(
            Campaign(
                ref=ref,
                tns=_tns(record["numbers"]) if "numbers" in record else None,
                word=word,
                state=RegistrationState.of(word),
                details=told(record, ("network", "upstreamCnpId")),
            )
        )
    return found


def network_left_behind(content: Record) -> str:
    """Return the network that still has a number which moved to another one, "" for none (10)."""
    before = clean(content.get("previousNetwork"))
    if not before or before == clean(content.get("network")):
        return ""
    return before if content.get("previousNetworkCleared") is False else ""


def is_unassigned(content: Record) -> bool:
    """Return whether an answer does not deny that a number was taken out of its campaign."""
    return content.get("unassigned") is not False


@dataclass(frozen=True, kw_only=True, slots=True)
class Unassigned:
    """What the answer about many numbers tells: those taken out, the others with their reasons."""

    done: frozenset[TN]
    failed: Mapping[TN, str]


def unassigned(content: Record) -> Unassigned:
    """Return the verdict on each number; what cannot be read proves nothing and is left out."""
    failed: dict[TN, str] = {}
    for element in _elements(content.get("failed")):
        is_record = isinstance(element, dict)
        if (tn := read_tn(element.get("number") if is_record else element)) is not None:
            failed[tn] = clean(element.get("reason")) if is_record else ""
    return Unassigned(done=frozenset(_tns(content.get("unassignedNumbers"))), failed=failed)


def _tns(value: object) -> tuple[TN, ...]:
    found = (read_tn(element) for element in _elements(value))
    return tuple(tn for tn in found if tn is not None)


def _elements(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
