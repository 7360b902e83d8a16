"""Wire ⇄ DTO: groups, scripts, bare lists, numbers abroad (voip-innovations.md 2.2, 2.4, 2.13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from portal.providers.dto import OwnedNumber
from portal.providers.dto.features import (
    City,
    Country,
    InternationalNumber,
    NumberGroup,
    NumberKind,
    Script,
)
from portal.providers.errors import off_contract
from portal.providers.voip_innovations.client.features_groups import CountryFound
from portal.providers.voip_innovations.client.inventory import DIDType
from portal.providers.voip_innovations.mapping.fields import is_dummy, tn_of, unless_zero
from portal.providers.voip_innovations.mapping.inventory import owned_number
from portal.providers.xml import Record
from portal.tn import TN

_TYPES: Final[dict[NumberKind, DIDType]] = {
    NumberKind.LOCAL: "LOCAL",
    NumberKind.TOLL_FREE: "TF",
    NumberKind.INTERNATIONAL: "INTL",
    NumberKind.ANY: "ALL",
}


def did_type(kind: NumberKind) -> DIDType:
    """Return the provider's word for a kind of number (2.2)."""
    return _TYPES[kind]


def listed_tns(texts: Iterable[str], kind: NumberKind, operation: str) -> Iterator[TN]:
    """Yield the numbers of a bare list.

    Ten digits are a North American number unless numbers of other countries were asked for: some
    of those have ten digits with their country code.
    """
    for text in texts:
        if kind is NumberKind.INTERNATIONAL:
            yield _international(text, operation)
        else:
            yield tn_of({"tn": text}, operation)


def groups(records: Iterable[Record], operation: str) -> list[NumberGroup]:
    """Return the groups of a reply; the id 0 means none (4)."""
    return [
        NumberGroup(ref=ref, name=name or f"Group {ref}")
        for ref, name in _named(records, operation, ("id", "didgroupid", "groupid"), ("name",))
    ]


def created_group(records: Sequence[Record]) -> NumberGroup:
    """Return the one group that was made; without it nobody knows whether it was."""
    made = groups(records, "CreateDIDGroup")
    if len(made) != 1:
        raise off_contract("CreateDIDGroup", True, "it does not tell the new group")
    return made[0]


def members(records: Iterable[Record]) -> Iterator[OwnedNumber]:
    """Yield the numbers of a group, dummies left out."""
    for record in records:
        if not is_dummy(record, "AuditDIDGroup"):
            yield owned_number(record, "AuditDIDGroup")


def scripts(records: Iterable[Record]) -> list[Script]:
    """Return the scripts of a reply; their fields are [assumed], so several are looked for."""
    refs, names = ("id", "scriptid"), ("name", "scriptname", "description")
    return [
        Script(ref=ref, name=name or f"Script {ref}")
        for ref, name in _named(records, "GetScripts", refs, names)
    ]


def countries(found: Iterable[CountryFound]) -> list[Country]:
    """Return countries with their cities."""
    operation = "GetCountries"
    return [
        Country(
            name=one.country.get("name", ""),
            abbreviation=one.country.get("abbrev", ""),
            cities=tuple(
                City(ref=ref, name=name)
                for ref, name in _named(one.cities, operation, ("id",), ("name",))
            ),
        )
        for one in found
    ]


def international_numbers(
    records: Iterable[Record], operation: str, *, is_write: bool = False
) -> Iterator[InternationalNumber]:
    """Yield numbers of other countries; a record without a number is an empty shell."""
    for record in records:
        if not record.get("tn"):
            if any(record.values()):
                raise off_contract(operation, is_write, "a record has no number")
            continue
        yield InternationalNumber(
            tn=_international(record["tn"], operation, is_write=is_write),
            country=record.get("country", ""),
            city=record.get("city", ""),
            tier=record.get("tier", ""),
            word=record.get("status", ""),
        )


def _international(text: str, operation: str, *, is_write: bool = False) -> TN:
    """Return a number that starts with its country code, with or without a prefix for abroad."""
    digits = "".join(c for c in text if c not in "+-.() ").removeprefix("011")
    if digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 15 and digits[0] != "0":
        return TN(f"+{digits}")
    raise off_contract(operation, is_write, f"“{text[:40]}” is not a number")


def _named(
    records: Iterable[Record], operation: str, refs: tuple[str, ...], names: tuple[str, ...]
) -> list[tuple[str, str]]:
    """Return id and name of each record; one with content and no id is off contract."""
    found: list[tuple[str, str]] = []
    for record in records:
        ref = next((record[key] for key in refs if record.get(key)), "")
        if not ref and any(record.values()):
            raise off_contract(operation, operation == "CreateDIDGroup", "a record has no id")
        if unless_zero(ref):
            found.append((ref, next((record[key] for key in names if record.get(key)), "")))
    return found
