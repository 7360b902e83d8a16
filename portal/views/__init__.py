"""The platform's pages: Home, jobs, providers, audit, people, global search."""

from portal.views.audit import audit_export, audit_list
from portal.views.home import home
from portal.views.jobs import (
    exchange_detail,
    job_cancel,
    job_detail,
    job_hurry,
    job_list,
    job_retry,
    job_review,
    job_rows_csv,
    job_status,
    open_jobs,
)
from portal.views.people import customer_list, security
from portal.views.providers import (
    provider_add,
    provider_detail,
    provider_edit,
    provider_list,
    provider_pause,
    provider_resume,
    provider_test,
)
from portal.views.search import search
from portal.views.statement import call_export, call_list, statement, statement_refresh
from portal.views.subaccounts import (
    account_recover,
    account_settings,
    job_password,
    provider_sign_up,
    subaccount_list,
    subaccount_new,
)
from portal.views.tickets import (
    ticket_delete,
    ticket_detail,
    ticket_export,
    ticket_link,
    ticket_list,
    ticket_new,
    ticket_refresh,
    ticket_reply,
    ticket_status,
    ticket_sync,
)

__all__ = [
    "account_recover",
    "account_settings",
    "audit_export",
    "audit_list",
    "call_export",
    "call_list",
    "customer_list",
    "exchange_detail",
    "home",
    "job_cancel",
    "job_detail",
    "job_hurry",
    "job_list",
    "job_password",
    "job_retry",
    "job_review",
    "job_rows_csv",
    "job_status",
    "open_jobs",
    "provider_add",
    "provider_detail",
    "provider_edit",
    "provider_list",
    "provider_pause",
    "provider_resume",
    "provider_sign_up",
    "provider_test",
    "search",
    "security",
    "statement",
    "statement_refresh",
    "subaccount_list",
    "subaccount_new",
    "ticket_delete",
    "ticket_detail",
    "ticket_export",
    "ticket_link",
    "ticket_list",
    "ticket_new",
    "ticket_refresh",
    "ticket_reply",
    "ticket_status",
    "ticket_sync",
]
