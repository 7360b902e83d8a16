"""Wire ⇄ DTO of the account: balance and clients (voip-innovations.md sections 2.14, 4)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from portal.providers.dto.features import ClientRecord
from portal.providers.errors import off_contract
from portal.providers.voip_innovations.mapping.fields import unless_zero
from portal.providers.xml import Record


def balance(amount: str) -> Decimal | None:
    """Return the prepaid balance in US dollars, None where the reply tells none."""
    if not amount:
        return None
    try:
        found = Decimal(amount)
    except InvalidOperation as error:
        raise off_contract("GetPrepaidBalance", False, "the balance is not an amount") from error
    if not found.is_finite():
        raise off_contract("GetPrepaidBalance", False, "the balance is not an amount")
    return found


def clients(records: Iterable[Record]) -> list[ClientRecord]:
    """Return the customers under the account; their fields are [assumed], so all are kept."""
    found: list[ClientRecord] = []
    for record in records:
        ref = record.get("id") or record.get("clientid", "")
        if not ref and any(record.values()):
            raise off_contract("AuditClients", False, "a client has no id")
        if unless_zero(ref):
            name = record.get("name") or record.get("clientname", "")
            used = {"id", "clientid", "name", "clientname"}
            details = {key: text for key, text in record.items() if text and key not in used}
            found.append(ClientRecord(ref=ref, name=name or f"Client {ref}", details=details))
    return found
