"""VoIP Innovations: diversions, caller names, conference lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.mapping import features
from portal.tn import TN
from tests.providers.calls import Arrange, Example, Refusal, Stage

TO = "3125550142"
Call = Callable[[Client, str], Any]


def on_own(call: Call, *before: Call) -> Arrange:
    """Return a call on a fresh number of ours, for which `before` was done."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        tn = stage.owned()
        for step in before:
            step(stage.helper, tn)
        return lambda client: call(client, tn)

    return arrange


def on_foreign(call: Call) -> Arrange:
    """Return a call on a number of somebody else's."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        tn = stage.foreign()
        return lambda client: call(client, tn)

    return arrange


def tn_of(tn: str) -> TN:
    return TN.from_digits10(tn)


def get_forward(client: Client, tn: str) -> TN | None:
    return features.diverted_to(client.get_did_forward(tn), tn_of(tn), "GetDIDForward")


def set_forward(client: Client, tn: str) -> Any:
    return features.inner_verdict(client.set_did_forward(tn, TO), tn_of(tn))


def remove_forward(client: Client, tn: str, epg_id: int = 13550) -> Any:
    return features.inner_verdict(client.remove_did_forward(tn, epg_id=epg_id), tn_of(tn))


def get_failover(client: Client, tn: str) -> TN | None:
    return features.diverted_to(client.get_did_failover(tn), tn_of(tn), "GetDIDFailover")


def set_failover(client: Client, tn: str, to: str = TO) -> Any:
    return features.inner_verdict(client.update_did_failover(tn, to), tn_of(tn))


def get_line(client: Client, tn: str) -> Any:
    records = client.get_conference_line(tn)
    return features.conference_line(records, tn_of(tn), "GetConferenceLine")


def set_line(client: Client, tn: str) -> Any:
    records = client.set_conference_line(tn, "55501420")
    return features.conference_line(records, tn_of(tn), "SetConferenceLine", is_write=True)


def remove_line(client: Client, tn: str) -> Any:
    records = client.remove_conference_line(tn)
    return features.conference_line(records, tn_of(tn), "RemoveConferenceLine", is_write=True)


def set_name(client: Client, tn: str) -> str:
    return client.update_cnam_display(tn, "EXAMPLE LLC 555")


def listed(read: Callable[[Client], Any], *before: Call) -> Arrange:
    """Return a list of the account, and the fresh number that must be in it."""
    return on_own(lambda client, tn: [one for one in read(client) if one.tn[2:] == tn], *before)


EXAMPLES = (
    Example(
        operation="GetDIDForward",
        arrange=on_own(get_forward, set_forward),
        holds=lambda to: to == tn_of(TO),
    ),
    Example(
        operation="GetDIDForward",
        label="without any",
        arrange=on_own(get_forward),
        holds=lambda to: to is None,
    ),
    Example(
        operation="SetDIDForward",
        arrange=on_own(set_forward),
        holds=lambda verdict: verdict == ("", ""),
    ),
    Example(
        operation="RemoveDIDForward",
        arrange=on_own(remove_forward, set_forward),
        holds=lambda verdict: verdict == ("", ""),
    ),
    Example(
        operation="AuditDIDForwards",
        arrange=listed(
            lambda client: features.diversions(client.audit_did_forwards(), "AuditDIDForwards"),
            set_forward,
        ),
        holds=lambda found: [one.to for one in found] == [tn_of(TO)],
    ),
    Example(
        operation="GetDIDFailover",
        arrange=on_own(get_failover, set_failover),
        holds=lambda to: to == tn_of(TO),
    ),
    Example(
        operation="GetDIDFailover",
        label="after removal by an empty one",
        arrange=on_own(get_failover, set_failover, lambda client, tn: set_failover(client, tn, "")),
        holds=lambda to: to is None,
    ),
    Example(
        operation="UpdateDIDFailover",
        arrange=on_own(set_failover),
        holds=lambda verdict: verdict == ("", ""),
    ),
    Example(
        operation="UpdateDIDFailover",
        label="empty",
        arrange=on_own(lambda client, tn: set_failover(client, tn, ""), set_failover),
        holds=lambda verdict: verdict == ("", ""),
    ),
    Example(
        operation="AuditDIDFailovers",
        arrange=listed(
            lambda client: features.diversions(client.audit_did_failovers(), "AuditDIDFailovers"),
            set_failover,
        ),
        holds=lambda found: [one.to for one in found] == [tn_of(TO)],
    ),
    Example(
        operation="GetConferenceLine",
        arrange=on_own(get_line, set_line),
        holds=lambda line: line.is_on and line.pin == "55501420",
    ),
    Example(
        operation="GetConferenceLine",
        label="without any",
        arrange=on_own(get_line),
        holds=lambda line: line is None or not line.is_on,
    ),
    Example(
        operation="SetConferenceLine",
        arrange=on_own(set_line),
        holds=lambda line: line.is_on,
    ),
    Example(
        operation="RemoveConferenceLine",
        arrange=on_own(remove_line, set_line),
        holds=lambda line: not line.is_on,
    ),
    Example(
        operation="AuditConferenceLines",
        arrange=listed(
            lambda client: features.conference_lines(client.audit_conference_lines()), set_line
        ),
        holds=lambda found: [one.is_on for one in found] == [True],
    ),
    Example(
        operation="GetCNAMDisplay",
        arrange=on_own(lambda client, tn: client.get_cnam_display(tn), set_name),
        holds=lambda name: name == "EXAMPLE LLC 555",
    ),
    Example(
        operation="GetCNAMDisplay",
        label="without any",
        arrange=on_own(lambda client, tn: client.get_cnam_display(tn)),
        holds=lambda name: name == "",
    ),
    Example(
        operation="UpdateCNAMDisplay",
        arrange=on_own(set_name),
        holds=lambda told: told in {"", "EXAMPLE LLC 555"},
    ),
    Example(
        operation="RemoveCNAM",
        arrange=on_own(lambda client, tn: client.remove_cnam(tn), set_name),
        holds=lambda nothing: nothing is None,
    ),
)


def not_ours(operation: str, call: Call) -> Refusal:
    """Return the refusal of a number that somebody else has."""
    return Refusal(
        operation=operation,
        arrange=on_foreign(call),
        why="the number is somebody else's",
        code="909",
        says="does not belong to this account",
    )


def nothing_set(operation: str, call: Call) -> Refusal:
    """Return the refusal to remove what a number has not."""
    return Refusal(
        operation=operation,
        arrange=on_own(call),
        why="nothing is set",
        code="101",
        says="Nothing of that kind is set",
    )


def _no_outbound_name(stage: Stage) -> Callable[[Client], Any]:
    tn = stage.owned(cnam=0)
    return lambda client: set_name(client, tn)


REFUSALS = (
    not_ours("GetDIDForward", get_forward),
    not_ours("SetDIDForward", set_forward),
    not_ours("RemoveDIDForward", remove_forward),
    not_ours("GetDIDFailover", get_failover),
    not_ours("UpdateDIDFailover", set_failover),
    not_ours("GetConferenceLine", get_line),
    not_ours("SetConferenceLine", set_line),
    not_ours("RemoveConferenceLine", remove_line),
    not_ours("GetCNAMDisplay", lambda client, tn: client.get_cnam_display(tn)),
    not_ours("UpdateCNAMDisplay", set_name),
    not_ours("RemoveCNAM", lambda client, tn: client.remove_cnam(tn)),
    nothing_set("RemoveDIDForward", remove_forward),
    nothing_set("RemoveConferenceLine", remove_line),
    nothing_set("RemoveCNAM", lambda client, tn: client.remove_cnam(tn)),
    Refusal(
        operation="SetDIDForward",
        arrange=on_own(lambda client, tn: client.set_did_forward(tn, "1115550142")),
        why="the target is no number",
        code="944",
        says="does not take it for a number",
    ),
    Refusal(
        operation="UpdateDIDFailover",
        arrange=on_own(lambda client, tn: client.update_did_failover(tn, "1115550142")),
        why="the target is no number",
        code="944",
        says="does not take it for a number",
    ),
    Refusal(
        operation="RemoveDIDForward",
        arrange=on_own(lambda client, tn: remove_forward(client, tn, 14550), set_forward),
        why="the endpoint group is somebody else's",
        code="948",
        says="endpoint group does not belong",
    ),
    Refusal(
        operation="UpdateCNAMDisplay",
        arrange=_no_outbound_name,
        why="the number cannot have an outbound name",
        code="933",
        says="Outbound CNAM is not possible",
    ),
)
