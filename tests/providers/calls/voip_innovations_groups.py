"""VoIP Innovations: groups of numbers, scripts, numbers abroad."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.mapping import features, features_groups
from portal.tn import TN
from tests.providers.calls import Example, Refusal, Stage
from tests.providers.calls.voip_innovations_features import on_foreign, on_own

BERLIN, LONDON, GOTHENBURG = 2301, 2501, 2401  # the last has no stock
INTERNATIONAL_GROUP = 13551


def _group(client: Client) -> int:
    """Return the id of a group of ours."""
    return int(features_groups.groups(client.get_did_groups(), "GetDIDGroups")[0].ref)


def _join(client: Client, tn: str) -> Any:
    records = client.set_did_group(tn, group_id=_group(client))
    return features.inner_verdict(records, TN.from_digits10(tn))


def _joined(stage: Stage) -> Callable[[Client], Any]:
    tn, group = stage.owned(), _group(stage.helper)
    return lambda client: features.inner_verdict(
        client.set_did_group(tn, group_id=group), TN.from_digits10(tn)
    )


def _left(client: Client, tn: str) -> Any:
    return features.inner_verdict(client.remove_did_group(tn), TN.from_digits10(tn))


def _group_of(client: Client, tn: str) -> Any:
    return features_groups.groups(client.get_did_group(tn), "GetDIDGroup")


def _members(stage: Stage) -> Callable[[Client], Any]:
    tn, group = stage.owned(), _group(stage.helper)
    stage.helper.set_did_group(tn, group_id=group)
    return lambda client: [
        one
        for one in features_groups.members(client.audit_did_group(group_id=group))
        if one.tn[2:] == tn
    ]


def _program(client: Client, tn: str, script_id: str = "501") -> None:
    client.program_did(tn, script_id=script_id)


def _unprogram(client: Client, tn: str, group: int = 13550) -> None:
    client.unprogram_did(tn, endpoint_group_id=group)


def _none_left(stage: Stage) -> None:
    """Give back what earlier runs bought: a city has a dozen numbers."""
    for record in stage.helper.audit_intl_dids():
        stage.helper.release_intl_did(record["tn"])


def _assign(city: int) -> Callable[[Stage], Callable[[Client], Any]]:
    def arrange(stage: Stage) -> Callable[[Client], Any]:
        _none_left(stage)
        return lambda client: list(
            features_groups.international_numbers(
                client.assign_intl_did(city_id=city, epg_id=INTERNATIONAL_GROUP),
                "AssignIntlDID",
                is_write=True,
            )
        )

    return arrange


def _bought(stage: Stage) -> str:
    _none_left(stage)
    (record,) = stage.helper.assign_intl_did(city_id=LONDON, epg_id=INTERNATIONAL_GROUP)
    return str(record["tn"])


def _release(stage: Stage) -> Callable[[Client], Any]:
    tn = _bought(stage)
    return lambda client: client.release_intl_did(tn)


def _audit(stage: Stage) -> Callable[[Client], Any]:
    _bought(stage)
    return lambda client: list(
        features_groups.international_numbers(client.audit_intl_dids(), "AuditIntlDIDs")
    )


def _audit_none(stage: Stage) -> Callable[[Client], Any]:
    _none_left(stage)
    return lambda client: list(
        features_groups.international_numbers(client.audit_intl_dids(), "AuditIntlDIDs")
    )


EXAMPLES = (
    Example(
        operation="CreateDIDGroup",
        arrange=lambda stage: (
            lambda client: features_groups.created_group(client.create_did_group("Night & day"))
        ),
        holds=lambda group: group.name == "Night & day" and int(group.ref) > 0,
    ),
    Example(
        operation="CreateDIDGroup",
        label="without a name",
        arrange=lambda stage: (
            lambda client: features_groups.created_group(client.create_did_group())
        ),
        holds=lambda group: int(group.ref) > 0,
    ),
    Example(
        operation="GetDIDGroups",
        arrange=lambda stage: (
            lambda client: features_groups.groups(client.get_did_groups(), "GetDIDGroups")
        ),
        holds=lambda groups: {"Sales", "Support"} <= {group.name for group in groups},
    ),
    Example(
        operation="GetDIDGroup",
        arrange=on_own(_group_of, _join),
        holds=lambda groups: len(groups) == 1,
    ),
    Example(
        operation="GetDIDGroup",
        label="without any",
        arrange=on_own(_group_of),
        holds=lambda groups: groups == [],
    ),
    Example(operation="SetDIDGroup", arrange=_joined, holds=lambda verdict: verdict == ("", "")),
    Example(
        operation="RemoveDIDGroup",
        arrange=on_own(_left, _join),
        holds=lambda verdict: verdict == ("", ""),
    ),
    Example(
        operation="AuditDIDGroup",
        arrange=_members,
        holds=lambda numbers: [one.route_ref for one in numbers] == [""],
    ),
    Example(
        operation="GetScripts",
        arrange=lambda stage: lambda client: features_groups.scripts(client.get_scripts()),
        holds=lambda scripts: "501" in {script.ref for script in scripts},
    ),
    Example(
        operation="ProgramDID",
        arrange=on_own(_program),
        holds=lambda nothing: nothing is None,
    ),
    Example(
        operation="UnprogramDID",
        arrange=on_own(_unprogram, _program),
        holds=lambda nothing: nothing is None,
    ),
    Example(
        operation="GetCountries",
        arrange=lambda stage: lambda client: features_groups.countries(client.get_countries()),
        holds=lambda countries: any(
            country.abbreviation == "DE"
            and {"BERLIN", "HAMBURG"} <= {c.name for c in country.cities}
            for country in countries
        ),
    ),
    Example(
        operation="AssignIntlDID",
        arrange=_assign(BERLIN),
        holds=lambda numbers: [one.tn[:5] for one in numbers] == ["+4930"],
    ),
    Example(operation="ReleaseIntlDID", arrange=_release, holds=lambda nothing: nothing is None),
    Example(
        operation="AuditIntlDIDs",
        arrange=_audit,
        holds=lambda numbers: [one.tn[:5] for one in numbers] == ["+4420"],
    ),
    Example(
        operation="AuditIntlDIDs",
        label="without any",
        arrange=_audit_none,
        holds=lambda numbers: numbers == [],
    ),
)

REFUSALS = (
    Refusal(
        operation="SetDIDGroup",
        arrange=on_own(lambda client, tn: client.set_did_group(tn, group_id=2_000_000)),
        why="the group is not ours",
        code="101",
        says="no such number or group",
    ),
    Refusal(
        operation="SetDIDGroup",
        arrange=on_foreign(lambda client, tn: client.set_did_group(tn, group_id=1)),
        why="the number is somebody else's",
        code="909",
    ),
    Refusal(
        operation="RemoveDIDGroup",
        arrange=on_foreign(_left),
        why="the number is somebody else's",
        code="909",
    ),
    Refusal(
        operation="GetDIDGroup",
        arrange=on_foreign(_group_of),
        why="the number is somebody else's",
        code="909",
    ),
    Refusal(
        operation="ProgramDID",
        arrange=on_own(lambda client, tn: _program(client, tn, "601")),
        why="the script is somebody else's",
        code="101",
        says="no such number or script",
    ),
    Refusal(
        operation="ProgramDID",
        arrange=on_foreign(_program),
        why="the number is somebody else's",
        code="909",
    ),
    Refusal(
        operation="UnprogramDID",
        arrange=on_own(_unprogram),
        why="no script has the number",
        code="101",
        says="Nothing of that kind is set",
    ),
    Refusal(
        operation="UnprogramDID",
        arrange=on_own(lambda client, tn: _unprogram(client, tn, 14550), _program),
        why="the endpoint group is somebody else's",
        code="948",
    ),
    Refusal(
        operation="AssignIntlDID",
        arrange=_assign(GOTHENBURG),
        why="the city has no number",
        code="900",
        says="no number in that city",
    ),
    Refusal(
        operation="ReleaseIntlDID",
        arrange=lambda stage: lambda client: client.release_intl_did("442079460999"),
        why="the number is not ours",
        code="909",
    ),
)
