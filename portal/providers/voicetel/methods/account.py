"""Account and key (voicetel.md 2)."""

from __future__ import annotations

from typing import Final

from portal.providers.voicetel.methods.core import Method

POST_API_KEY: Final = Method(
    name="POST /v2.2/account/api-key",
    section="2",
    domain="portal",
    capability="credential_check",
    function="post_account_api_key",
    reads=(),
    sureness="seen",
    is_public=True,
    is_budgeted=True,
)
GET_ACCOUNT: Final = Method(
    name="GET /v2.2/account",
    section="2",
    domain="portal",
    capability="account_profile",
    function="get_account",
    reads=("account.account_status", "account.profile"),
    sureness="seen",
    is_budgeted=True,
)
PUT_ACCOUNT: Final = Method(
    name="PUT /v2.2/account",
    section="2",
    domain="portal",
    capability="account_settings",
    function="put_account",
    reads=("account.changes_out", "account.update"),
    sureness="seen",
    is_write=True,
)
POST_ACCOUNT: Final = Method(
    name="POST /v2.2/account",
    section="2",
    domain="portal",
    capability="account_creation",
    function="post_account",
    reads=("account.new_account",),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
    refusals=frozenset({409}),
)
GET_ACCOUNT_CREDITS: Final = Method(
    name="GET /v2.2/account/credits",
    section="2",
    domain="portal",
    capability="account_credits",
    function="get_account_credits",
    reads=("account.credit_list",),
    sureness="seen",
)
GET_ACCOUNT_CDR: Final = Method(
    name="GET /v2.2/account/cdr",
    section="2",
    domain="portal",
    capability="call_records",
    function="get_account_cdr",
    reads=("account.call_records",),
    sureness="seen",
    is_budgeted=True,
)
GET_ACCOUNT_REGISTRATION: Final = Method(
    name="GET /v2.2/account/registration",
    section="2",
    domain="portal",
    capability="registration",
    function="get_account_registration",
    reads=("account.registration",),
    sureness="seen",
    is_empty_on_404=True,
)
GET_ACCOUNT_RECURRING_CHARGES: Final = Method(
    name="GET /v2.2/account/recurring-charges",
    section="2",
    domain="portal",
    capability="recurring_charges",
    function="get_account_recurring_charges",
    reads=("account.recurring_charges",),
    sureness="seen",
    is_budgeted=True,
)
GET_ACCOUNT_PAYMENTS: Final = Method(
    name="GET /v2.2/account/payments",
    section="2",
    domain="portal",
    capability="account_payments",
    function="get_account_payments",
    reads=("account.payments",),
    sureness="seen",
)
POST_ACCOUNT_RECOVERY: Final = Method(
    name="POST /v2.2/account/recovery",
    section="2",
    domain="portal",
    capability="account_recovery",
    function="post_account_recovery",
    reads=(),
    sureness="seen",
    is_write=True,
    is_idempotent=False,  # each call sends a mail
    is_public=True,
    not_ours_on_401=True,  # no key went along
)
POST_ACCOUNTS: Final = Method(
    name="POST /v2.2/accounts",
    section="2",
    domain="portal",
    capability="account_signup",
    function="post_accounts",
    reads=("account.new_account",),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
    is_public=True,
    not_ours_on_401=True,
    refusals=frozenset({409}),
)

METHODS: tuple[Method, ...] = (
    POST_API_KEY,
    GET_ACCOUNT,
    PUT_ACCOUNT,
    POST_ACCOUNT,
    GET_ACCOUNT_CREDITS,
    GET_ACCOUNT_CDR,
    GET_ACCOUNT_REGISTRATION,
    GET_ACCOUNT_RECURRING_CHARGES,
    GET_ACCOUNT_PAYMENTS,
    POST_ACCOUNT_RECOVERY,
    POST_ACCOUNTS,
)
