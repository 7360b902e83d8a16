"""Wire ⇄ DTO: gateways, access list and SIP sign-in (voicetel.md 3, 4, 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any, Final

from portal.providers.dto import OwnedNumber, RouteRecord
from portal.providers.dto.network import (
    AccessChange,
    AccessFailure,
    SignIn,
    SignInChange,
    SignInField,
    SignInMode,
)
from portal.providers.errors import off_contract
from portal.providers.rest import clean
from portal.providers.voicetel import codes
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.mapping.fields import is_dummy, told
from portal.providers.voicetel.mapping.inventory import owned_number
from portal.providers.voicetel.methods import network as methods
from portal.providers.voicetel.methods.core import Method

AUTH_TYPES: Final[dict[SignInMode, int]] = {
    SignInMode.PASSWORD: 0,
    SignInMode.ADDRESS: 1,
    SignInMode.EITHER: 2,
    SignInMode.BOTH: 3,
}
_MODES: Final = {str(code): mode for mode, code in AUTH_TYPES.items()}
_FIELDS: Final = {"authtype": SignInField.MODE, "password": SignInField.PASSWORD}


def routes(records: Iterable[Record]) -> list[RouteRecord]:
    """Return the gateways; the system's own are always there and cannot be changed (6)."""
    found = (route(r, methods.GET_GATEWAYS) for r in records if r.get("id") or not is_dummy(r))
    return list({one.ref: one for one in found}.values())


def route(record: Record, method: Method) -> RouteRecord:
    """Return one gateway; `details` holds ``prefix`` and ``limit``, null for the system's own."""
    ref = clean(record.get("id"))
    if not ref:
        raise off_contract(method.name, method.is_write, "a gateway has no id")
    return RouteRecord(
        ref=ref,
        name=clean(record.get("gateway")) or f"Gateway {ref}",
        kind="gateway",
        is_system=record.get("system") is True,
        details=told(record, ("prefix", "limit")),
    )


def route_numbers(records: Iterable[Record], route_ref: str) -> Iterator[OwnedNumber]:
    """Yield the numbers of a gateway; their records do not repeat which one it is."""
    for record in records:
        if not is_dummy(record):
            owned = owned_number(record, methods.GET_GATEWAY_NUMBERS)
            yield replace(owned, route_ref=route_ref)


def access_list(records: Iterable[Record]) -> list[str]:
    """Return the ranges of the access list."""
    found = [clean(record.get("cidr")) for record in records]
    if not all(found):
        raise off_contract(methods.GET_ACL.name, False, "a range is empty")
    return found


def access_change(content: Record, asked: Sequence[str], *, is_removal: bool) -> AccessChange:
    """Return what was carried out of a change, what failed, and what the answer does not tell.

    A range that the answer calls both done and failed, or both added and removed, is not told.
    """
    added, removed = _ranges(content.get("added")), _ranges(content.get("removed"))
    reasons = {
        _range(element): clean(element.get("reason"))
        for element in content.get("failed") or ()
        if isinstance(element, dict)
    }
    done, undone = (removed, added) if is_removal else (added, removed)
    clear = set(done) ^ set(undone) ^ reasons.keys()
    settled = clear - set(undone)
    return AccessChange(
        added=tuple(cidr for cidr in added if cidr in clear),
        removed=tuple(cidr for cidr in removed if cidr in clear),
        failed=tuple(
            AccessFailure(cidr=cidr, reason=reason, advice=codes.access_reason(reason).advice)
            for cidr, reason in reasons.items()
            if cidr in clear
        ),
        unconfirmed=tuple(cidr for cidr in asked if _spelled(cidr) not in settled),
        message=clean(content.get("message")),
    )


def sign_in(content: Record) -> SignIn:
    """Return how devices sign in; a way that is new keeps its code and its words."""
    code = clean(content.get("authType"))
    listed = content.get("acl")
    return SignIn(
        mode=_MODES.get(code),
        code=code,
        word=clean(content.get("authTypeDescription")),
        access_list=tuple(_ranges(listed)) if isinstance(listed, list) else (),
    )


def sign_in_change(content: Record, asked: Iterable[SignInField]) -> SignInChange:
    """Return which fields were changed, which failed and why, and which the answer does not tell.

    A field that the answer calls both changed and failed is not told.
    """
    values = dict(_by_field(content.get("updated"), "value"))
    words = dict(_by_field(content.get("errors"), "message"))
    changed, failed = values.keys() - words.keys(), words.keys() - values.keys()
    return SignInChange(
        changed=frozenset(changed),
        failed={one: words[one] for one in words if one in failed},
        unconfirmed=frozenset(asked) - changed - failed,
        mode=_MODES.get(values[SignInField.MODE]) if SignInField.MODE in changed else None,
        message=clean(content.get("message")),
    )


def _by_field(listed: Any, member: str) -> Iterator[tuple[SignInField, str]]:
    for element in listed if isinstance(listed, list) else ():
        if isinstance(element, dict):
            known = _FIELDS.get(clean(element.get("field")).casefold())
            if known is not None:
                yield known, clean(element.get(member))


def _ranges(listed: Any) -> list[str]:
    elements = listed if isinstance(listed, list) else []
    return [found for element in elements if (found := _range(element))]


def _range(element: Any) -> str:
    return _spelled(clean(element.get("cidr") if isinstance(element, dict) else element))


def _spelled(cidr: str) -> str:
    """Return a range in its usual form, so that two spellings of one compare as equal."""
    try:
        return str(IPv4Network(cidr, strict=False))
    except ValueError:
        return cidr
