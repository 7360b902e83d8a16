"""Wire ⇄ DTO of the account: balance and clients (voip-innovations.md sections 2.14, 4)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from portal.providers.errors import off_contract


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
