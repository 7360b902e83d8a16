"""VoiceTel's gateways, access list and SIP sign-in (voicetel.md 3, 4, 6)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from hypothesis import given

from portal.providers.dto import RouteRecord
from portal.providers.dto.network import (
    AccessChange,
    AccessFailure,
    Gateway,
    SignInField,
    SignInMode,
)
from portal.providers.errors import (
    ProviderAuthError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
)
from portal.providers.voicetel.adapter import VoiceTel
from portal.providers.voicetel.mapping import network as mapping
from portal.providers.voicetel.methods.network import GET_GATEWAY
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import (
    BASE,
    KEY,
    NEW_KEY,
    PASSWORD,
    TNS,
    USERNAME,
    Faked,
    answer,
    connected,
    sent,
)
from tests.providers.voicetel_values import records

NEW_PASSWORD = "Fresh77Pw"
LISTED = ["198.51.100.7/32", "198.51.100.0/24", "203.0.113.8/32"]


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    with connected(runtime) as provider:
        yield provider


def gateway(**fields: Any) -> bytes:
    record = {"id": 4107, "gateway": "192.0.2.9:5060", "prefix": "", "limit": 23, "system": False}
    return json.dumps({"status": "success", "data": {**record, **fields}}).encode()


class TestGateways:
    def test_a_gateway_is_made_from_what_is_given(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "POST", "gateways", body=gateway(), status=201)
        made = provider.create_gateway(Gateway(address="192.0.2.9:5060"))
        assert sent(faked)[2] == {"gateway": "192.0.2.9:5060"}
        assert made == RouteRecord(
            ref="4107",
            name="192.0.2.9:5060",
            kind="gateway",
            details={"prefix": "", "limit": 23},
        )

    def test_a_change_leaves_the_rest_alone(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "PUT", "gateways/4107", body=gateway(prefix=""))
        provider.change_gateway("4107", Gateway(prefix=""))
        assert sent(faked) == ("PUT", "gateways/4107", {"prefix": ""})

    def test_a_gateway_that_is_not_there_is_none(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "gateways/77", "not_found.json", status=404)
        assert provider.route("77") is None

    def test_numbers_of_a_gateway_carry_its_reference(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "GET", "gateways/4107/numbers", "gateway_numbers.json")
        first, second = provider.route_numbers("4107")
        assert (first.tn, first.route_ref, first.features) == (TNS[0], "4107", {"cnam"})
        assert second.values["forward_to"] == "+13125550111"

    def test_a_gateway_in_use_is_refused_in_our_words(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "DELETE", "gateways/4107", "conflict.json", status=409)
        with pytest.raises(ProviderRefused, match="Numbers are still routed to the gateway"):
            provider.remove_gateway("4107")
        assert faked.calls[0].request.body is None

    @pytest.mark.parametrize(
        "fields",
        [
            {"address": ""},
            {"address": "10.0.0.1"},
            {"address": "127.0.0.1:5060"},
            {"address": "224.0.0.5"},
            {"address": "999.1.1.1"},
            {"address": "192.0.2.9:0"},
            {"address": "192.0.2.9:65536"},
            {"address": "192.0.2.9:"},
            {"address": "2001:db8::1"},
            {"address": "gateway"},
            {"address": "-gw.example.net"},
            {"address": "gw.example.net/x"},
            {"address": "gw.example.net", "prefix": "+1"},
            {"address": "gw.example.net", "limit": 0},
            {"address": "gw.example.net", "limit": 1001},
            {},
        ],
    )
    def test_what_the_reference_excludes_is_not_sent(
        self, runtime: RecordingRuntime, provider: VoiceTel, fields: dict[str, Any]
    ) -> None:
        for call in (
            lambda: provider.create_gateway(Gateway(**fields)),
            lambda: provider.change_gateway("4107", Gateway(**fields)),
        ):
            with pytest.raises(ValueError, match=r"gateway|public|port|digits|IPv4|nothing"):
                call()
        assert runtime.exchanges == []

    @pytest.mark.parametrize("ref", ["1", "8", "0", "-1", "", "four", "4107/numbers"])
    def test_the_systems_own_and_what_is_no_number_are_not_sent(
        self, runtime: RecordingRuntime, provider: VoiceTel, ref: str
    ) -> None:
        with pytest.raises(ValueError, match=r"gateway"):
            provider.remove_gateway(ref)
        assert runtime.exchanges == []

    def test_an_answer_without_an_id_may_have_made_one(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "POST", "gateways", body=b'{"status":"success","data":{}}', status=201)
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.create_gateway(Gateway(address="gw.example.net"))


class TestAccessList:
    def test_an_empty_list_is_a_404(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "acl", "not_found.json", status=404)
        assert provider.access_list() == []

    def test_a_partial_change_says_what_was_done(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        answer(faked, "POST", "acl", "acl_partial.json", status=409)
        change = provider.allow_addresses([*LISTED, "192.0.2.0/24"])
        assert sent(faked)[2]["acl"][0] == {"cidr": "198.51.100.7/32"}
        assert change.added == ("198.51.100.7/32",)
        assert change.failed == (
            AccessFailure(
                cidr="198.51.100.0/24",
                reason="DB Insert failed",
                advice=("Read the list: it may hold the range already; otherwise send it again."),
            ),
            AccessFailure(
                cidr="203.0.113.8/32",
                reason="Something new",
                advice="Ask the provider's support and name the code and the text.",
            ),
        )
        assert change.unconfirmed == ("192.0.2.0/24",)
        assert change.message == "One or more ACL entries failed"
        assert not change.is_complete
        # Something was carried out: the ledger must not call it refused.
        assert runtime.outcomes == ["answered"]

    def test_a_removal_names_its_ranges_in_the_query(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        removed = b'{"status":"success","data":{"removed":[{"cidr":"198.51.100.7"}]}}'
        answer(faked, "DELETE", "acl", body=removed)
        change = provider.forbid_addresses(["198.51.100.7/32", "198.51.100.7/32"])
        assert sent(faked) == ("DELETE", "acl?cidrs=198.51.100.7%2F32", None)
        assert change == AccessChange(removed=("198.51.100.7/32",))
        assert change.is_complete

    @pytest.mark.parametrize("name", ["conflict.json", "conflict_flat.json"])
    def test_a_conflict_that_tells_nothing_is_unknown(
        self, faked: Faked, provider: VoiceTel, name: str
    ) -> None:
        answer(faked, "POST", "acl", name, status=409)
        with pytest.raises(ProviderProtocolError, match="may or may not") as caught:
            provider.allow_addresses(LISTED[:1])
        assert caught.value.code == "409"

    def test_a_range_that_was_taken_back_is_not_added(self) -> None:
        content = {"added": [{"cidr": LISTED[0]}], "removed": [{"cidr": LISTED[0]}]}
        change = mapping.access_change(content, LISTED[:1], is_removal=False)
        assert change == AccessChange(unconfirmed=(LISTED[0],))

    @pytest.mark.parametrize(
        "cidr",
        [
            "",
            "198.51.100.7",
            "198.51.100.7/31",
            "198.51.100.7/24",
            "10.0.0.0/8",
            "192.168.1.0/24",
            "169.254.0.0/16",
            "256.1.1.1/32",
            "2001:db8::/32",
            "198.51.100.7/32,198.51.100.8/32",
        ],
    )
    def test_only_public_ranges_with_the_four_masks_are_added(
        self, runtime: RecordingRuntime, provider: VoiceTel, cidr: str
    ) -> None:
        with pytest.raises(ValueError, match=r"range|mask|public"):
            provider.allow_addresses([cidr])
        assert runtime.exchanges == []

    def test_whatever_stands_on_the_list_can_be_removed(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "DELETE", "acl", body=b'{"status":"success","data":{"removed":[]}}')
        assert provider.forbid_addresses(["10.0.0.0/12"]).unconfirmed == ("10.0.0.0/12",)

    def test_none_and_too_many_are_not_sent(
        self, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        for cidrs in ([], [f"198.51.100.{n}/32" for n in range(201)]):
            with pytest.raises(ValueError, match="one to 200"):
                provider.forbid_addresses(cidrs)
        assert runtime.exchanges == []


class TestSignIn:
    def test_the_way_is_told_in_our_words(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "auth", "auth.json")
        found = provider.sign_in()
        assert (found.mode, found.code, found.word) == (SignInMode.EITHER, "2", "Digest OR IP")
        assert found.access_list == ("198.51.100.7/32",)

    def test_a_way_that_is_new_keeps_its_words(self) -> None:
        found = mapping.sign_in({"authType": 9, "authTypeDescription": "Certificate"})
        assert (found.mode, found.code, found.word) == (None, "9", "Certificate")

    @pytest.mark.parametrize("mode", list(SignInMode))
    def test_each_way_has_its_number(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel, mode: SignInMode
    ) -> None:
        number = mapping.AUTH_TYPES[mode]
        reply = {"status": "success", "data": {"updated": [{"field": "authType", "value": number}]}}
        answer(faked, "PUT", "auth", body=json.dumps(reply).encode())
        change = provider.change_sign_in(mode=mode)
        assert sent(faked)[2] == {"authType": number}
        assert (change.mode, change.is_complete) == (mode, True)
        assert not change.has_new_credential
        assert runtime.tokens == {"apikey": KEY}

    def test_a_new_password_ends_the_key_and_is_used_from_then_on(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        answer(faked, "PUT", "auth", "auth_changed.json")
        change = provider.change_sign_in(mode=SignInMode.BOTH, password=NEW_PASSWORD)
        assert change.changed == {SignInField.MODE, SignInField.PASSWORD}
        assert change.has_new_credential
        assert runtime.tokens == {}
        fresh = json.dumps({"status": "success", "data": {"apikey": NEW_KEY}}).encode()
        answer(faked, "POST", "account/api-key", body=fresh)
        answer(faked, "GET", "acl", "not_found.json", status=404)
        provider.access_list()
        assert sent(faked, 1)[2] == {"username": USERNAME, "password": NEW_PASSWORD}
        assert runtime.tokens == {"apikey": NEW_KEY}
        kept = "".join(exchange.text for exchange in runtime.exchanges)
        assert NEW_PASSWORD not in kept
        assert PASSWORD not in kept

    def test_a_partial_change_says_which_field_failed(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        answer(faked, "PUT", "auth", "auth_partial.json", status=409)
        change = provider.change_sign_in(mode=SignInMode.BOTH, password=NEW_PASSWORD)
        assert change.changed == {SignInField.PASSWORD}
        assert change.failed == {SignInField.MODE: "Softswitch update failed"}
        assert change.has_new_credential
        assert (change.mode, change.is_complete) == (None, False)
        assert runtime.tokens == {}
        assert runtime.outcomes == ["answered"]

    def test_a_password_that_failed_leaves_the_key_alone(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        words = f"{NEW_PASSWORD} is too simple"
        body = {
            "status": "error",
            "error": {"code": 409, "message": f"One failed: {words}"},
            "updated": [],
            "errors": [{"field": "password", "message": words}],
        }
        answer(faked, "PUT", "auth", body=json.dumps(body).encode(), status=409)
        change = provider.change_sign_in(password=NEW_PASSWORD)
        assert not change.has_new_credential
        assert change.failed == {SignInField.PASSWORD: "[redacted] is too simple"}
        assert NEW_PASSWORD not in change.message
        assert NEW_PASSWORD not in runtime.exchanges[0].text
        assert runtime.tokens == {"apikey": KEY}

    @pytest.mark.parametrize(
        "body",
        [
            {"updated": [{"field": "password"}], "errors": [{"field": "password"}]},
            {"updated": [], "errors": []},
        ],
    )
    def test_what_is_not_told_clearly_is_unconfirmed(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel, body: dict[str, Any]
    ) -> None:
        reply = {"status": "error", "error": {"code": 409, "message": "Failed"}, **body}
        answer(faked, "PUT", "auth", body=json.dumps(reply).encode(), status=409)
        change = provider.change_sign_in(password=NEW_PASSWORD)
        assert change.unconfirmed == {SignInField.PASSWORD}
        assert not change.has_new_credential
        assert runtime.tokens == {"apikey": KEY}

    def test_a_conflict_that_tells_nothing_is_unknown(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "PUT", "auth", "conflict.json", status=409)
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.change_sign_in(password=NEW_PASSWORD)

    def test_a_lost_answer_is_settled_by_trying_the_password(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        faked.add("PUT", f"{BASE}/v2.2/auth", body=requests.exceptions.ReadTimeout("slow"))
        with pytest.raises(ProviderTimeout):
            provider.change_sign_in(password=NEW_PASSWORD)
        answer(faked, "POST", "account/api-key", "unauthorized.json", status=401)
        answer(faked, "POST", "account/api-key", "api_key.json")
        assert provider.holds_password(NEW_PASSWORD) is False
        assert provider.holds_password(PASSWORD) is True
        # The refused trial is no reason to pause the account.
        assert runtime.outcomes[1:] == ["answered", "answered"]
        assert runtime.spent == {"POST /v2.2/account/api-key": 2}

    def test_the_accounts_own_password_refused_is_an_auth_error(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "POST", "account/api-key", "unauthorized.json", status=401)
        with pytest.raises(ProviderAuthError):
            provider.client.post_account_api_key()

    @pytest.mark.parametrize(
        "password", ["abc12", "abcdefg12345", "abcdefgh", "12345678", "abc 1234", "päss1234"]
    )
    def test_a_password_that_breaks_the_rule_is_not_sent_nor_told(
        self, runtime: RecordingRuntime, provider: VoiceTel, password: str
    ) -> None:
        with pytest.raises(ValueError, match="6 to 10 letters and digits") as caught:
            provider.change_sign_in(password=password)
        assert password not in str(caught.value)
        assert runtime.exchanges == []

    def test_nothing_and_an_unknown_way_are_not_sent(
        self, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        with pytest.raises(ValueError, match="nothing to change"):
            provider.change_sign_in()
        with pytest.raises(ValueError, match="0, 1, 2 or 3"):
            provider.client.put_auth(auth_type=4)
        with pytest.raises(ValueError, match="no password"):
            provider.holds_password("")
        assert runtime.exchanges == []


@given(record=records())
def test_no_record_crashes_a_mapping(record: dict[str, Any]) -> None:
    reads: list[Callable[[], Any]] = [
        lambda: mapping.routes([record]),
        lambda: mapping.route(record, GET_GATEWAY),
        lambda: list(mapping.route_numbers([record], "4")),
        lambda: mapping.access_list([record]),
        lambda: mapping.access_change(record, LISTED, is_removal=False),
        lambda: mapping.sign_in(record),
        lambda: mapping.sign_in_change(record, [SignInField.MODE]),
    ]
    for read in reads:
        with contextlib.suppress(ProviderProtocolError):
            read()
