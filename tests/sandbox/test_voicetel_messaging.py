"""The VoiceTel wire of the sandbox: brands, campaigns and the messaging state of numbers."""

from __future__ import annotations

from typing import Any

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import VOICETEL_OTHER, VoiceTelClient

DONE = {"result": {"statusCode": "200", "status": "Success"}}
BRAND = {"messagingBrandId": "BNEW001", "messagingBrandName": "Example LLC"}
CAMPAIGN = {
    "messagingBrandId": "BNEW001",
    "externalCampaignId": "CNEW01A",
    "campaignDescription": "Appointment reminders",
}
ON_A, ON_B = "CSBX01A", "CSBX01B"
OFF = {
    "onAccount": False,
    "enabled": False,
    "carrier": 0,
    "network": None,
    "routeIn": 0,
    "resource": "",
    "campaign": None,
}


@pytest.fixture
def client(sandbox: RunningSandbox) -> VoiceTelClient:
    return VoiceTelClient(sandbox)


@pytest.fixture
def numbers(sandbox: RunningSandbox, client: VoiceTelClient) -> list[str]:
    """Return three numbers of the account that have nothing set up."""
    listed = client.data("GET", "/numbers")["numbers"]
    found = [each["number"] for each in listed if not each["carrier"] and not each["smsEnabled"]]
    return found[:3]


def state(client: VoiceTelClient, number: str) -> Any:
    return client.data("GET", f"/numbers/{number}/messaging")


def assign(client: VoiceTelClient, number: str, campaign_id: str) -> Any:
    path = f"/numbers/{number}/messaging-campaign"
    return client.data("PUT", path, json={"campaignId": campaign_id})


def add_campaign(client: VoiceTelClient, campaign_id: str) -> None:
    client.call("POST", "/messaging/brands", json=BRAND)
    body = {**CAMPAIGN, "externalCampaignId": campaign_id}
    assert client.data("POST", "/messaging/campaigns", 201, json=body) == DONE


class TestRegistry:
    def test_brand_then_campaign(self, client: VoiceTelClient) -> None:
        client.error("POST", "/messaging/campaigns", 400, json=CAMPAIGN)
        assert client.data("POST", "/messaging/brands", 201, json=BRAND) == DONE
        client.error("POST", "/messaging/brands", 400, json=BRAND)
        more = {"campaignClassName": "T", "campaignStartDate": "2026-03-01T00:00:00Z"}
        assert client.data("POST", "/messaging/campaigns", 201, json={**CAMPAIGN, **more}) == DONE
        client.error("POST", "/messaging/campaigns", 400, json=CAMPAIGN)
        listed = client.data("GET", "/messaging/campaigns", params={"ids": "CNEW01A,CNONE01"})
        assert listed == {
            "campaigns": [{"id": "CNEW01A", "status": "CAMPAIGN_DCA_COMPLETE", "numbers": []}]
        }

    @pytest.mark.parametrize("brand_id", ["NEW001", "B", "B-1", 5])
    def test_brand_id_has_a_pattern(self, client: VoiceTelClient, brand_id: object) -> None:
        body = {**BRAND, "messagingBrandId": brand_id}
        client.error("POST", "/messaging/brands", 400, json=body)

    def test_missing_fields_are_named(self, client: VoiceTelClient) -> None:
        message = client.error("POST", "/messaging/brands", 400, json={})
        assert message == "Fields Required: messagingBrandId, messagingBrandName"
        message = client.error("POST", "/messaging/campaigns", 400, json={})
        assert message.endswith("messagingBrandId, externalCampaignId, campaignDescription")
        body = {**CAMPAIGN, "campaignStartDate": "soon"}
        client.error("POST", "/messaging/campaigns", 400, json=body)

    def test_campaign_may_be_pending_for_a_time(
        self, sandbox: RunningSandbox, client: VoiceTelClient, numbers: list[str]
    ) -> None:
        sandbox.control("setting", key="voicetel.campaign_hours", value="24")
        add_campaign(client, "CNEW01A")
        assign(client, numbers[0], "CNEW01A")
        query = {"ids": "CNEW01A"}
        (campaign,) = client.data("GET", "/messaging/campaigns", params=query)["campaigns"]
        assert campaign == {"id": "CNEW01A", "status": "CAMPAIGN_PENDING", "numbers": numbers[:1]}
        assert state(client, numbers[0])["campaign"]["status"] == "PENDING"
        sandbox.control("clock", advance="25h")
        assert state(client, numbers[0])["campaign"]["status"] == "ACTIVE"

    def test_at_most_a_hundred_ids(self, client: VoiceTelClient) -> None:
        ids = ",".join(f"C{number:06}" for number in range(101))
        client.error("GET", "/messaging/campaigns", 400, params={"ids": ids})
        client.error("GET", "/messaging/campaigns", 400)

    def test_campaigns_of_another_account_are_unknown(self, sandbox: RunningSandbox) -> None:
        other = VoiceTelClient(sandbox, VOICETEL_OTHER)
        listed = other.data("GET", "/messaging/campaigns", params={"ids": ON_A})
        assert listed == {"campaigns": []}
        path = f"/numbers/{other.first_number()}/messaging-campaign"
        other.error("PUT", path, 404, json={"campaignId": ON_A})


class TestState:
    def test_foreign_numbers_are_listed_as_off_in_the_order_asked_for(
        self, sandbox: RunningSandbox, client: VoiceTelClient, numbers: list[str]
    ) -> None:
        foreign = VoiceTelClient(sandbox, VOICETEL_OTHER).first_number()
        query = {"numbers": f"{foreign},{numbers[0]},9995550142"}
        states = client.data("GET", "/numbers/messaging", params=query)["numbers"]
        assert [each["number"] for each in states] == [foreign, numbers[0], "9995550142"]
        assert states[0] == {**OFF, "number": foreign}
        assert states[1] == {**OFF, "number": numbers[0], "onAccount": True}
        client.error("GET", f"/numbers/{foreign}/messaging", 404)

    @pytest.mark.parametrize("text", ["", "12125550142", "2125550142,x"])
    def test_list_of_numbers_is_checked(self, client: VoiceTelClient, text: str) -> None:
        client.error("GET", "/numbers/messaging", 400, params={"numbers": text})

    def test_at_most_a_thousand_numbers(self, client: VoiceTelClient) -> None:
        text = ",".join(f"212555{line:04}" for line in range(1001))
        client.error("GET", "/numbers/messaging", 400, params={"numbers": text})
        query = {"numbers": text.rpartition(",")[0]}
        assert len(client.data("GET", "/numbers/messaging", params=query)["numbers"]) == 1000

    def test_route_in_is_a_row_that_numbers_share(
        self, sandbox: RunningSandbox, client: VoiceTelClient, numbers: list[str]
    ) -> None:
        first, second, _ = numbers
        body = {"type": "webhook", "resource": "https://hooks.example.net/in"}
        client.data("PUT", f"/numbers/{first}/sms", json=body)
        row = state(client, first)["routeIn"]
        assert row > 0
        assert state(client, first)["resource"] == body["resource"]
        path = f"/numbers/{second}/messaging"
        changed = client.data("PATCH", path, json={"routeIn": row, "routeOut": 17})
        assert changed == {"number": second, "updated": ["routeIn", "routeOut"]}
        assert client.data("GET", f"/numbers/{second}/sms") == {"number": second, **body}
        shown = state(client, second)
        assert (shown["routeIn"], shown["enabled"], shown["network"]) == (row, True, "A")
        detail = client.data("GET", f"/numbers/{second}")
        assert (detail["carrier"], detail["smsEnabled"]) == (17, True)
        client.data("PATCH", path, json={"routeIn": 0, "routeOut": 0})
        assert state(client, second) == {**OFF, "number": second, "onAccount": True}
        other = VoiceTelClient(sandbox, VOICETEL_OTHER)
        theirs = f"/numbers/{other.first_number()}/messaging"
        other.error("PATCH", theirs, 403, json={"routeIn": row})
        other.error("PATCH", theirs, 404, json={"routeIn": 10**6})
        client.error("PATCH", theirs, 404, json={"routeIn": row})

    @pytest.mark.parametrize(
        "body", [{}, {"routeIn": "1"}, {"routeOut": 18}, {"routeOut": True}, {"routeIn": -1}]
    )
    def test_bad_changes_are_refused(
        self, client: VoiceTelClient, numbers: list[str], body: dict[str, Any]
    ) -> None:
        client.error("PATCH", f"/numbers/{numbers[0]}/messaging", 400, json=body)


class TestCampaigns:
    def test_assignment_tells_of_the_network_before(
        self, client: VoiceTelClient, numbers: list[str]
    ) -> None:
        number = numbers[0]
        assert assign(client, number, ON_A) == {
            "number": number,
            "campaignId": ON_A,
            "carrier": 17,
            "network": "A",
            "upstreamCnpId": "SFL9UTQ",
            "previousNetwork": None,
            "previousNetworkCleared": False,
        }
        assert state(client, number)["campaign"] == {
            "id": ON_A,
            "status": "ACTIVE",
            "network": "A",
            "upstreamCnpId": "SFL9UTQ",
        }
        moved = assign(client, number, ON_B)
        assert (moved["carrier"], moved["upstreamCnpId"]) == (19, "SB8TWLO")
        assert (moved["previousNetwork"], moved["previousNetworkCleared"]) == ("A", True)
        again = assign(client, number, ON_B)
        assert (again["previousNetwork"], again["previousNetworkCleared"]) == ("B", False)

    def test_network_may_be_unknown(self, client: VoiceTelClient, numbers: list[str]) -> None:
        add_campaign(client, "CNEW01N")
        answer = assign(client, numbers[0], "CNEW01N")
        assert (answer["network"], answer["upstreamCnpId"]) == (None, None)
        shown = state(client, numbers[0])
        assert (shown["carrier"], shown["network"], shown["campaign"]) == (16, None, None)
        assert assign(client, numbers[0], ON_A)["previousNetwork"] == "unknown"
        query = {"numbers": numbers[0], "campaignId": "CNEW01N"}
        client.error("DELETE", "/numbers/messaging-campaign", 409, params=query)

    @pytest.mark.parametrize("campaign_id", ["CNEWEXP", "CNEWSUS"])
    def test_campaign_that_is_over_takes_no_numbers(
        self, client: VoiceTelClient, numbers: list[str], campaign_id: str
    ) -> None:
        add_campaign(client, campaign_id)
        path = f"/numbers/{numbers[0]}/messaging-campaign"
        client.error("PUT", path, 400, json={"campaignId": campaign_id})

    def test_assignment_is_checked(self, client: VoiceTelClient, numbers: list[str]) -> None:
        path = f"/numbers/{numbers[0]}/messaging-campaign"
        client.error("PUT", path, 400, json={})
        client.error("PUT", path, 400, json={"campaignId": "cnew01a"})
        client.error("PUT", path, 404, json={"campaignId": "CNONE01"})
        foreign = "/numbers/9995550142/messaging-campaign"
        client.error("PUT", foreign, 404, json={"campaignId": ON_A})

    def test_removal_answers_200_with_a_body(
        self, client: VoiceTelClient, numbers: list[str]
    ) -> None:
        number = numbers[0]
        assign(client, number, ON_B)
        path = f"/numbers/{number}/messaging-campaign"
        client.error("DELETE", path, 400)
        client.error("DELETE", path, 400, params={"campaignId": "B123456"})
        client.error("DELETE", path, 404, params={"campaignId": ON_A})
        assert client.data("DELETE", path, params={"campaignId": ON_B}) == {
            "number": number,
            "campaignId": ON_B,
            "network": "B",
            "upstreamCnpId": "SB8TWLO",
            "unassigned": True,
        }
        assert state(client, number) == {**OFF, "number": number, "onAccount": True}
        client.error("DELETE", path, 404, params={"campaignId": ON_B})

    def test_removal_of_many_tells_which_failed(
        self, sandbox: RunningSandbox, client: VoiceTelClient, numbers: list[str]
    ) -> None:
        first, second, third = numbers
        assign(client, first, ON_A)
        assign(client, second, ON_A)
        path, foreign = "/numbers/messaging-campaign", "9995550142"
        query = {"numbers": ",".join((first, second, third, foreign)), "campaignId": ON_A}
        sandbox.control(
            "fault",
            provider="voicetel",
            operation="campaigns.unassign_bulk",
            fault="partial",
            match_tn=second,
        )
        answer = client.data("DELETE", path, params=query)
        assert (answer["campaignId"], answer["network"]) == (ON_A, "A")
        assert answer["unassignedNumbers"] == [first]
        assert [each["number"] for each in answer["failed"]] == [second, third, foreign]
        assert all(each["reason"] for each in answer["failed"])
        assert state(client, second)["campaign"]["id"] == ON_A
        log = sandbox.log(provider="voicetel", operation="campaigns.unassign_bulk")
        assert log[-1]["done"] == [first]
        client.error("DELETE", path, 400, params={"numbers": first})
        client.error("DELETE", path, 400, params={"campaignId": ON_A})
        client.error("DELETE", path, 400, params={"numbers": first, "campaignId": "CNONE01"})

    def test_campaign_does_not_move_with_the_number(
        self, sandbox: RunningSandbox, client: VoiceTelClient, numbers: list[str]
    ) -> None:
        number = numbers[0]
        assign(client, number, ON_A)
        body = {"accountId": 2125550199, "route": 4}
        client.data("PATCH", f"/numbers/{number}", json=body)
        other = VoiceTelClient(sandbox, VOICETEL_OTHER)
        assert state(other, number) == {**OFF, "number": number, "onAccount": True}
