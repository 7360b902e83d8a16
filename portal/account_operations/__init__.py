"""Questions and orders about a provider account itself; loaded at start-up with those of the domains."""

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
    "DeleteTicket",
    "OpenTicket",
    "PullCalls",
    "ReadTicket",
    "ReplyToTicket",
    "SetTicketStatus",
    "SyncTickets",
]
