"""Questions and orders about a provider account itself; loaded at start-up with those of the domains."""

from portal.account_operations.accounts import (
    ChangeSettings,
    OpenSubaccount,
    RecoverAccount,
    SignUp,
)
from portal.account_operations.calls import PullCalls
from portal.account_operations.facts import FACT_READS
from portal.account_operations.tickets import (
    DeleteTicket,
    OpenTicket,
    ReadTicket,
    ReplyToTicket,
    SetTicketStatus,
    SyncTickets,
)

__all__ = [
    "FACT_READS",
    "ChangeSettings",
    "DeleteTicket",
    "OpenSubaccount",
    "OpenTicket",
    "PullCalls",
    "ReadTicket",
    "RecoverAccount",
    "ReplyToTicket",
    "SetTicketStatus",
    "SignUp",
    "SyncTickets",
]
