"""Brands, campaigns and the numbers in them (voicetel.md 9, 10)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from portal.providers.voicetel.client.core import TN10, Core, require
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods import messaging_campaigns as methods

UNASSIGN_BATCH: Final = 1000
CAMPAIGNS_BATCH: Final = 100

_BRAND = re.compile(r"B[A-Za-z0-9]+")
_CAMPAIGN = re.compile(r"[A-Z0-9]+")
_REGISTRY_CAMPAIGN = re.compile(r"C[A-Z0-9]{6}")
_ID = re.compile(r"[^\s,]+")  # no pattern is documented; a comma would make two of it


class Campaigns(Core):
    """The operations on brands and campaigns."""

    def post_messaging_brands(self, brand_id: str, *, name: str, description: str = "") -> Record:
        """Bring in a brand that the registry knows (9); return the carrier's word on it."""
        require(_BRAND, brand_id, "a brand's id is a B with letters and digits")
        payload = {"messagingBrandId": brand_id, "messagingBrandName": _needed(name, "a name")}
        if description:
            payload["messagingBrandDescription"] = description
        return self._data(methods.POST_MESSAGING_BRANDS, payload=payload)

    def post_messaging_campaigns(
        self,
        campaign_id: str,
        *,
        brand_id: str,
        description: str,
        class_name: str = "",
        starts_at: datetime | None = None,
    ) -> Record:
        """Bring in a campaign that the registry knows (9); return the carrier's word on it.

        Without them VoiceTel takes class T and the present day.
        """
        require(_BRAND, brand_id, "a brand's id is a B with letters and digits")
        require(_ID, campaign_id, "a campaign's id is one word")
        payload = {
            "messagingBrandId": brand_id,
            "externalCampaignId": campaign_id,
            "campaignDescription": _needed(description, "a description"),
        }
        if class_name:
            payload["campaignClassName"] = class_name
        if starts_at is not None:
            payload["campaignStartDate"] = _zulu(starts_at)
        return self._data(methods.POST_MESSAGING_CAMPAIGNS, payload=payload)

    def get_messaging_campaigns(self, ids: Sequence[str]) -> list[Record]:
        """Return campaigns with their numbers (9); unknown ones are left out."""
        if not 1 <= len(ids) <= CAMPAIGNS_BATCH:
            raise ValueError(f"1 to {CAMPAIGNS_BATCH} campaigns are asked for at once")
        for each in ids:
            require(_ID, each, "a campaign's id is one word")
        params = [("ids", ",".join(ids))]
        return self._list(methods.GET_MESSAGING_CAMPAIGNS, "campaigns", params=params)

    def put_number_messaging_campaign(self, number: str, *, campaign_id: str) -> Record:
        """Put a number into a campaign, out of the one it was in (10)."""
        require(TN10, number, "a number has ten digits")
        require(_CAMPAIGN, campaign_id, "a campaign's id has capital letters and digits")
        return self._data(
            methods.PUT_NUMBER_CAMPAIGN,
            parts={"number": number},
            payload={"campaignId": campaign_id},
        )

    def delete_number_messaging_campaign(self, number: str, *, campaign_id: str) -> Record:
        """Take a number out of a campaign (10)."""
        require(TN10, number, "a number has ten digits")
        return self._data(
            methods.DELETE_NUMBER_CAMPAIGN,
            parts={"number": number},
            params=[("campaignId", _registry_id(campaign_id))],
        )

    def delete_numbers_messaging_campaign(
        self, numbers: Sequence[str], *, campaign_id: str
    ) -> Record:
        """Take many numbers out of a campaign (10); some may fail under a success."""
        params = [
            ("numbers", number_list(numbers, UNASSIGN_BATCH)),
            ("campaignId", _registry_id(campaign_id)),
        ]
        return self._data(methods.DELETE_NUMBERS_CAMPAIGN, params=params)


def number_list(numbers: Sequence[str], limit: int) -> str:
    """Return numbers divided by commas; raises ValueError for none, too many, or a bad one."""
    if not 1 <= len(numbers) <= limit:
        raise ValueError(f"1 to {limit} numbers go into one request")
    for number in numbers:
        require(TN10, number, "a number has ten digits")
    return ",".join(numbers)


def _registry_id(campaign_id: str) -> str:
    require(_REGISTRY_CAMPAIGN, campaign_id, "a campaign's id is a C and six more")
    return campaign_id


def _needed(text: str, what: str) -> str:
    if not text.strip():
        raise ValueError(f"{what} is needed")
    return text


def _zulu(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
