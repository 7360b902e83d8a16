"""Packages and accounts of a login (intelepeer.md section 8). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portal.providers.dto import RouteRecord
from portal.providers.dto.features import ClientRecord
from portal.providers.intelepeer.envelope import Call, unexpected
from portal.providers.rest import clean, plain


def routes(value: Any) -> list[RouteRecord]:
    """Return the packages of the account; their fields are not documented (section 8)."""
    listed = value.get("packages") if isinstance(value, dict) else value
    if not isinstance(listed, list):
        raise unexpected(Call(operation="GET /_rest/v4/my/packages"), "it holds no packages")
    found: dict[str, RouteRecord] = {}
    for row in listed:
        if not isinstance(row, dict):
            continue
        ref = clean(row.get("packageID")) or clean(row.get("id"))
        name = next(
            (t for key in ("name", "label", "description") if (t := clean(row.get(key)))), ""
        )
        if ref.isascii() and ref.isdigit():
            found[ref] = RouteRecord(
                ref=ref, name=name or f"Package {ref}", kind="package", details=plain(row)
            )
    return list(found.values())


def accounts(value: Any) -> list[ClientRecord]:
    """Return the accounts that the login may use, with what the provider counts of each."""
    listed = value.get("accounts") if isinstance(value, dict) else None
    if not isinstance(listed, list):
        raise unexpected(Call(operation="GET /_rest/v4/my/accounts"), "it holds no accounts")
    return list(_accounts(listed))


def _accounts(listed: list[Any]) -> Iterator[ClientRecord]:
    for row in listed:
        ref = _account_ref(row) if isinstance(row, dict) else ""
        if ref:
            yield ClientRecord(
                ref=ref, name=clean(row.get("name")) or f"Account {ref}", details=plain(row)
            )


def _account_ref(row: Mapping[str, Any]) -> str:
    ref = clean(row.get("accountID")) or clean(row.get("id"))
    return ref if ref.isascii() and ref.isdigit() else ""
