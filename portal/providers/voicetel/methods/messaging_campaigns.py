"""Brands, campaigns and the numbers in them (voicetel.md 9, 10)."""

from __future__ import annotations

from typing import Final

from portal.providers.voicetel.methods.core import Method

POST_MESSAGING_BRANDS: Final = Method(
    name="POST /v2.2/messaging/brands",
    section="9",
    domain="messaging",
    capability="brand_importing",
    function="post_messaging_brands",
    reads=("messaging_campaigns.require_registered",),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
)
POST_MESSAGING_CAMPAIGNS: Final = Method(
    name="POST /v2.2/messaging/campaigns",
    section="9",
    domain="messaging",
    capability="campaign_importing",
    function="post_messaging_campaigns",
    reads=("messaging_campaigns.require_registered",),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
)
GET_MESSAGING_CAMPAIGNS: Final = Method(
    name="GET /v2.2/messaging/campaigns",
    section="9",
    domain="messaging",
    capability="campaign_list",
    function="get_messaging_campaigns",
    reads=("messaging_campaigns.campaigns",),
    sureness="seen",
)
PUT_NUMBER_CAMPAIGN: Final = Method(
    name="PUT /v2.2/numbers/{number}/messaging-campaign",
    section="10",
    domain="messaging",
    capability="campaign_assignment",
    function="put_number_messaging_campaign",
    reads=("messaging_campaigns.network_left_behind",),
    sureness="seen",
    is_write=True,
)
DELETE_NUMBER_CAMPAIGN: Final = Method(
    name="DELETE /v2.2/numbers/{number}/messaging-campaign",
    section="10",
    domain="messaging",
    capability="campaign_assignment",
    function="delete_number_messaging_campaign",
    reads=("messaging_campaigns.is_unassigned",),
    sureness="seen",
    is_write=True,
)
DELETE_NUMBERS_CAMPAIGN: Final = Method(
    name="DELETE /v2.2/numbers/messaging-campaign",
    section="10",
    domain="messaging",
    capability="campaign_assignment",
    function="delete_numbers_messaging_campaign",
    reads=("messaging_campaigns.unassigned",),
    sureness="seen",
    is_write=True,
    refusals=frozenset({409}),
)

METHODS: tuple[Method, ...] = (
    POST_MESSAGING_BRANDS,
    POST_MESSAGING_CAMPAIGNS,
    GET_MESSAGING_CAMPAIGNS,
    PUT_NUMBER_CAMPAIGN,
    DELETE_NUMBER_CAMPAIGN,
    DELETE_NUMBERS_CAMPAIGN,
)
