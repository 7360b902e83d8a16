"""Brands and campaigns of the registry, and the numbers in them (voicetel.md 9, 10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.messaging import BrandImport, Campaign, CampaignImport
from portal.providers.errors import ProviderRefused
from portal.providers.voicetel import codes
from portal.providers.voicetel.adapter.outcomes import refused
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.client.messaging_campaigns import CAMPAIGNS_BATCH
from portal.providers.voicetel.mapping import messaging_campaigns as mapping
from portal.providers.voicetel.mapping.features import confirmed, is_same
from portal.providers.voicetel.methods import messaging_campaigns as methods
from portal.tn import TN

# The provider takes 1,000 numbers, in an address of 13 kB that many servers refuse: half of it.
PART: Final = 500

_FAILED: Final = "failed"  # the list of the answer that a number stood in; it has no codes
_LOOK: Final = "Look at the number's messages to see what holds."
_ONE_BY_ONE: Final = "It was judged together with others: send them one by one to find the cause."
_LEFT: Final = "The number moved, and network {} still holds it. Ask the provider's support."


class Campaigns:
    """The capabilities around brands and campaigns."""

    client: Client

    def import_brand(self, brand: BrandImport) -> None:
        """Bring in a brand that the registry knows."""
        content = self.client.post_messaging_brands(
            brand.ref, name=brand.name, description=brand.description
        )
        mapping.require_registered(content, methods.POST_MESSAGING_BRANDS)

    def why_not_importable(self, campaign: CampaignImport) -> str:
        """Return what is missing: VoiceTel wants id, brand and description."""
        if not campaign.ref.strip():
            return "The campaign's id at the registry is needed."
        if not campaign.brand_ref.strip():
            return "VoiceTel wants the brand that the campaign belongs to."
        return "" if campaign.description.strip() else "VoiceTel wants a description."

    def import_campaign(self, campaign: CampaignImport) -> Campaign | None:
        """Bring in a campaign that the registry knows; the answer does not show it.

        Raises ValueError where something is missing.
        """
        if reason := self.why_not_importable(campaign):
            raise ValueError(reason)
        content = self.client.post_messaging_campaigns(
            campaign.ref,
            brand_id=campaign.brand_ref,
            description=campaign.description,
            class_name=campaign.campaign_class,
            starts_at=campaign.starts_at,
        )
        mapping.require_registered(content, methods.POST_MESSAGING_CAMPAIGNS)
        return None

    def list_campaigns(self, refs: Sequence[str] = ()) -> list[Campaign]:
        """Return the campaigns of these ids, in parts; VoiceTel lists none that is not named."""
        wanted = list(dict.fromkeys(refs))
        found: list[Campaign] = []
        for start in range(0, len(wanted), CAMPAIGNS_BATCH):
            part = wanted[start : start + CAMPAIGNS_BATCH]
            found += mapping.campaigns(self.client.get_messaging_campaigns(part))
        return found

    def assign_campaign(self, tns: Sequence[TN], *, campaign_ref: str) -> Iterator[ItemOutcome]:
        """Put numbers into a campaign, one request each.

        An error in the middle leaves the numbers after it unsent.
        """
        return (self._put_into(tn, campaign_ref) for tn in _distinct(tns))

    def unassign_campaign(self, tns: Sequence[TN], *, campaign_ref: str) -> Iterator[ItemOutcome]:
        """Take numbers out of a campaign: one by its own request, many in parts."""
        wanted = _distinct(tns)
        if len(wanted) == 1:
            return iter((self._take_one_out(wanted[0], campaign_ref),))
        parts = [wanted[start : start + PART] for start in range(0, len(wanted), PART)]
        return (out for part in parts for out in self._take_out(part, campaign_ref))

    def _put_into(self, tn: TN, campaign_ref: str) -> ItemOutcome:
        method = methods.PUT_NUMBER_CAMPAIGN
        try:
            content = self.client.put_number_messaging_campaign(
                tn.digits10, campaign_id=campaign_ref
            )
        except ProviderRefused as error:
            return refused(tn, error, codes.NOT_ASSIGNED)
        shown = confirmed(content, "campaignId", tn, method)
        if shown and not is_same(shown, campaign_ref):
            return _unknown(tn, f"VoiceTel confirms another campaign: {shown[:60]}.")
        left = mapping.network_left_behind(content)
        return ItemOutcome(
            tn=tn,
            outcome=Outcome.SUCCEEDED,
            advice=_LEFT.format(left[:20]) if left else "",
            values={"campaign_ref": campaign_ref},
        )

    def _take_one_out(self, tn: TN, campaign_ref: str) -> ItemOutcome:
        method = methods.DELETE_NUMBER_CAMPAIGN
        try:
            content = self.client.delete_number_messaging_campaign(
                tn.digits10, campaign_id=campaign_ref
            )
        except ProviderRefused as error:
            return refused(tn, error, codes.NOT_UNASSIGNED)
        confirmed(content, "unassigned", tn, method)
        if not mapping.is_unassigned(content):
            return _unknown(tn, "VoiceTel took the request and says that the number stayed.")
        return _out(tn)

    def _take_out(self, part: Sequence[TN], campaign_ref: str) -> Iterator[ItemOutcome]:
        try:
            content = self.client.delete_numbers_messaging_campaign(
                [tn.digits10 for tn in part], campaign_id=campaign_ref
            )
        except ProviderRefused as error:
            not_done = f"{codes.NOT_UNASSIGNED} {_ONE_BY_ONE}"
            for tn in part:
                yield refused(tn, error, not_done)
            return
        verdicts = mapping.unassigned(content)
        for tn in part:
            yield _verdict(tn, verdicts)


def _verdict(tn: TN, verdicts: mapping.Unassigned) -> ItemOutcome:
    is_done, is_failed = tn in verdicts.done, tn in verdicts.failed
    if is_done == is_failed:
        what = "calls it both done and failed" if is_done else "does not name it"
        return _unknown(tn, f"The provider's answer {what}.")
    if is_done:
        return _out(tn)
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=_FAILED,
        message=verdicts.failed[tn] or "VoiceTel gives no reason.",
        advice=f"{codes.NOT_UNASSIGNED} {_LOOK}",
    )


def _distinct(tns: Sequence[TN]) -> list[TN]:
    """Return the numbers once each; raises ValueError for none or a foreign one."""
    found = list(dict.fromkeys(tns))
    if not found:
        raise ValueError("no number was given")
    for tn in found:
        _ = tn.digits10
    return found


def _out(tn: TN) -> ItemOutcome:
    return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, values={"campaign_ref": ""})


def _unknown(tn: TN, message: str) -> ItemOutcome:
    return ItemOutcome(tn=tn, outcome=Outcome.UNKNOWN, message=message, advice=_LOOK)
