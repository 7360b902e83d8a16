"""VoiceTel: brands, campaigns and the numbers in them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from portal.providers.dto.messaging import RegistrationState
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.mapping import messaging_campaigns as mapping
from portal.providers.voicetel.methods import messaging_campaigns as methods
from portal.tn import TN
from tests.providers.calls import Example, Refusal, Stage
from tests.providers.calls.voicetel_messaging import sending

Call = Callable[[Client], Any]
_counter = itertools.count(1)

# By the end of its id a campaign is on network A or B, on none that is known, or has ended.
ON_A, ON_B, ON_NONE, ENDED = "A", "B", "N", "EXP"


def _brand_id() -> str:
    return f"BEX{next(_counter)}"


def _campaign_id(end: str = ON_A) -> str:
    return f"C{next(_counter):0{6 - len(end)}d}{end}"


def _brand(stage: Stage) -> str:
    """Return a brand that was brought in."""
    ref = _brand_id()
    stage.helper.post_messaging_brands(ref, name="Example & Sons")
    return ref


def _campaign(stage: Stage, end: str = ON_A) -> str:
    """Return a campaign that was brought in."""
    ref = _campaign_id(end)
    stage.helper.post_messaging_campaigns(ref, brand_id=_brand(stage), description="Orders")
    return ref


def _assigned(stage: Stage, campaign: str) -> str:
    """Return a number of ours in a campaign."""
    number = stage.owned()
    stage.helper.put_number_messaging_campaign(number, campaign_id=campaign)
    return number


def _new_brand(stage: Stage) -> Call:
    ref = _brand_id()
    return lambda client: mapping.require_registered(
        client.post_messaging_brands(ref, name="Example & Sons", description="Parcels"),
        methods.POST_MESSAGING_BRANDS,
    )


def _new_campaign(stage: Stage) -> Call:
    brand, ref = _brand(stage), _campaign_id()
    return lambda client: mapping.require_registered(
        client.post_messaging_campaigns(
            ref,
            brand_id=brand,
            description="Order updates",
            class_name="T",
            starts_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        ),
        methods.POST_MESSAGING_CAMPAIGNS,
    )


def _listed(stage: Stage) -> Call:
    ref = _campaign(stage)
    number = _assigned(stage, ref)
    return lambda client: (number, mapping.campaigns(client.get_messaging_campaigns([ref])))


def _is_listed(result: tuple[str, Any]) -> bool:
    number, (campaign,) = result
    return bool(campaign.tns == (f"+1{number}",)) and campaign.state is RegistrationState.ACTIVE


def _assignment(stage: Stage) -> Call:
    ref, number = _campaign(stage), sending(stage)
    return lambda client: mapping.network_left_behind(
        client.put_number_messaging_campaign(number, campaign_id=ref)
    )


def _move(stage: Stage) -> Call:
    ref, number = _campaign(stage, ON_B), _assigned(stage, _campaign(stage, ON_A))
    return lambda client: mapping.network_left_behind(
        client.put_number_messaging_campaign(number, campaign_id=ref)
    )


def _removal(stage: Stage) -> Call:
    ref = _campaign(stage)
    number = _assigned(stage, ref)
    return lambda client: mapping.is_unassigned(
        client.delete_number_messaging_campaign(number, campaign_id=ref)
    )


def _bulk(stage: Stage) -> Call:
    ref = _campaign(stage)
    good, bad = _assigned(stage, ref), stage.owned()
    return lambda client: (
        good,
        bad,
        mapping.unassigned(client.delete_numbers_messaging_campaign([good, bad], campaign_id=ref)),
    )


def _is_partial(result: tuple[str, str, mapping.Unassigned]) -> bool:
    good, bad, told = result
    failed = {TN.from_digits10(bad)}
    return told.done == {TN.from_digits10(good)} and told.failed.keys() == failed


EXAMPLES = (
    Example(
        operation="POST /v2.2/messaging/brands",
        arrange=_new_brand,
        holds=lambda done: done is None,
    ),
    Example(
        operation="POST /v2.2/messaging/campaigns",
        arrange=_new_campaign,
        holds=lambda done: done is None,
    ),
    Example(operation="GET /v2.2/messaging/campaigns", arrange=_listed, holds=_is_listed),
    Example(
        operation="PUT /v2.2/numbers/{number}/messaging-campaign",
        arrange=_assignment,
        holds=lambda left: left == "",
    ),
    Example(
        operation="PUT /v2.2/numbers/{number}/messaging-campaign",
        label="from another network",
        arrange=_move,
        holds=lambda left: left == "",
    ),
    Example(
        operation="DELETE /v2.2/numbers/{number}/messaging-campaign",
        arrange=_removal,
        holds=lambda is_out: is_out is True,
    ),
    Example(operation="DELETE /v2.2/numbers/messaging-campaign", arrange=_bulk, holds=_is_partial),
)


def _put(make: Callable[[Stage], str], end: str, *, is_known: bool = True) -> Any:
    def arrange(stage: Stage) -> Call:
        ref = _campaign(stage, end) if is_known else _campaign_id(end)
        number = make(stage)
        return lambda client: client.put_number_messaging_campaign(number, campaign_id=ref)

    return arrange


def _brand_again(stage: Stage) -> Call:
    ref = _brand(stage)
    return lambda client: client.post_messaging_brands(ref, name="Example & Sons")


def _campaign_of_nobody(stage: Stage) -> Call:
    brand, ref = _brand_id(), _campaign_id()
    return lambda client: client.post_messaging_campaigns(
        ref, brand_id=brand, description="Order updates"
    )


def _not_in_it(stage: Stage) -> Call:
    ref, number = _campaign(stage), stage.owned()
    return lambda client: client.delete_number_messaging_campaign(number, campaign_id=ref)


def _bulk_of(end: str, *, is_known: bool) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        ref = _campaign(stage, end) if is_known else _campaign_id(end)
        numbers = [stage.owned(), stage.owned()]
        return lambda client: client.delete_numbers_messaging_campaign(numbers, campaign_id=ref)

    return arrange


_ASSIGN = "PUT /v2.2/numbers/{number}/messaging-campaign"
_TAKE_OUT = "DELETE /v2.2/numbers/{number}/messaging-campaign"
_BULK = "DELETE /v2.2/numbers/messaging-campaign"


def _no(
    operation: str, why: str, arrange: Callable[[Stage], Call], code: str, says: str
) -> Refusal:
    return Refusal(operation=operation, why=why, arrange=arrange, code=code, says=says)


REFUSALS = (
    _no("POST /v2.2/messaging/brands", "it is there", _brand_again, "400", "take the brand"),
    _no(
        "POST /v2.2/messaging/campaigns",
        "the brand is not known",
        _campaign_of_nobody,
        "400",
        "take the campaign",
    ),
    _no(_ASSIGN, "it has ended", _put(Stage.owned, ENDED), "400", "take this campaign"),
    _no(_ASSIGN, "it is not known", _put(Stage.owned, ON_A, is_known=False), "404", "campaign"),
    _no(_ASSIGN, "the number is another's", _put(Stage.foreign, ON_A), "404", "account"),
    _no(_TAKE_OUT, "the number is not in it", _not_in_it, "404", "not in this campaign"),
    _no(_BULK, "no path", _bulk_of(ON_NONE, is_known=True), "409", "at once"),
    _no(_BULK, "it is not known", _bulk_of(ON_A, is_known=False), "400", "Nothing was carried out"),
)
