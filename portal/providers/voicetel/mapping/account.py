"""Wire ⇄ DTO: the account: balance, charges, call records, profile (voicetel.md 2)."""

from __future__ import annotations

from portal.providers.dto import AccountStatus
from portal.providers.errors import off_contract
from portal.providers.rest import clean
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.mapping.fields import money, told
from portal.providers.voicetel.methods.account import GET_ACCOUNT

_ACCOUNT_DETAILS = ("enabled", "created", "timezone", "ccs", "callerId", "services", "rates")


def account_status(record: Record) -> AccountStatus:
    """Return balance and name; `details` has rates and services as the provider tells them."""
    balance = money(record.get("cash"))
    if balance is None and record.get("cash") is not None:
        raise off_contract(GET_ACCOUNT.name, False, "the balance is not an amount")
    return AccountStatus(
        balance=balance,
        name=clean(record.get("name")),
        details=told(record, _ACCOUNT_DETAILS),
    )
