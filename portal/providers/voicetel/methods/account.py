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
    capability="credential_check",
    function="get_account",
    reads=("account.account_status",),
    sureness="seen",
    is_budgeted=True,
)

METHODS: tuple[Method, ...] = (
    POST_API_KEY,
    GET_ACCOUNT,
)
