"""The nouns of the platform: people, customers, provider accounts, the ledger, the audit log."""

from portal.models.account_facts import (
    AccountFact,
    CallRecord,
    SupportMessage,
    SupportTicket,
)
from portal.models.approval import Approval
from portal.models.audit import AuditEntry
from portal.models.cached import CachedFromProvider
from portal.models.customer import Customer
from portal.models.job import Exchange, Job, JobItem
from portal.models.provider import (
    BudgetSpend,
    ProviderAccount,
    ProviderToken,
)
from portal.models.upload import ColumnMapping, Upload, UploadPiece, UploadRow
from portal.models.user import User

__all__ = [
    "AccountFact",
    "Approval",
    "AuditEntry",
    "BudgetSpend",
    "CachedFromProvider",
    "CallRecord",
    "ColumnMapping",
    "Customer",
    "Exchange",
    "Job",
    "JobItem",
    "ProviderAccount",
    "ProviderToken",
    "SupportMessage",
    "SupportTicket",
    "Upload",
    "UploadPiece",
    "UploadRow",
    "User",
]
