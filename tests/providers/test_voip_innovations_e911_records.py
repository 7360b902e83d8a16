"""What VoIP Innovations' 911 records mean in our words, and who is mailed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto import Outcome
from portal.providers.dto.e911 import EmergencyAddress, EmergencyState
from portal.providers.errors import ProviderError, ProviderProtocolError, ProviderRefused
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.providers.voip_innovations.client.e911 import Found911
from portal.providers.voip_innovations.mapping import e911 as mapping
from portal.providers.voip_innovations.mapping.fields import day, moment
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voip_innovations import Faked, answer, connected, say

OURS, THEIRS = TN("+14355550101"), TN("+14355550107")
DONE = "<responseCode>100</responseCode><responseMessage>Success</responseMessage>"
ADDRESS = EmergencyAddress(address1="99 W Oak Ave", city="St George", state="UT", zip="84770")


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoIPInnovations]:
    with connected(runtime) as provider:
        yield provider


@pytest.fixture
def faked() -> Iterator[Faked]:
    """Play the carrier; here each prepared answer must be asked for."""
    with Faked() as faked:
        yield faked


class TestRecords:
    def test_an_audit_tells_numbers_that_are_not_ours_too(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "audit_911.xml")
        first, second = provider.list_e911()
        assert (first.tn, second.tn) == (OURS, THEIRS)
        assert first.caller_name == "ACME INC"  # it came padded
        assert (first.address.zip, first.address.plus4) == ("84770", "3059")
        assert (first.address.address2, second.address.address2) == ("", "STE 5")
        assert first.is_active
        # Times without a zone are US Eastern.
        assert first.activated_at == datetime(2013, 8, 21, 14, 32, 48, 707000, tzinfo=UTC)
        assert str(first.latitude) == "37.104153"
        assert first.values["e911_address1"] == "12 N MAIN ST"

    def test_an_account_without_911_is_an_empty_list(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "audit_911_none.xml")
        assert list(provider.list_e911()) == []

    @pytest.mark.parametrize("name", ["query_911.xml", "query_911_old_shape.xml"])
    def test_a_query_tells_the_active_record(
        self, provider: VoIPInnovations, faked: Faked, name: str
    ) -> None:
        answer(faked, name)
        record = provider.e911_record(OURS)
        assert record is not None
        assert (record.location_ref, record.is_active) == ("17000001", True)
        assert record.activated_at == datetime(2013, 8, 21, 14, 32, 48, 707000, tzinfo=UTC)

    def test_where_none_is_active_the_newest_is_told(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "query_911_off.xml")
        record = provider.e911_record(OURS)
        assert record is not None
        assert (record.location_ref, record.state) == ("17000004", EmergencyState.INVALID)
        assert not record.is_active
        assert record.activated_at is None  # 0001-01-01 means none

    def test_a_number_without_records_has_none(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "query_911_none.xml", "get_locations_none.xml")
        say(faked, "getProvisioningHistory", "<responseCode>101</responseCode>")
        assert provider.e911_record(OURS) is None
        assert provider.e911_locations(OURS) == []
        assert provider.e911_history(OURS) == []

    def test_a_query_about_another_number_is_off_contract(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "query_911.xml")
        with pytest.raises(ProviderProtocolError, match="another number"):
            provider.e911_record(THEIRS)

    def test_a_structure_that_nobody_knows_is_never_none(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "query911", f"{DONE}<VILocations><Place><x>1</x></Place></VILocations>")
        with pytest.raises(ProviderProtocolError):
            provider.e911_record(OURS)

    def test_a_refusal_inside_a_record_is_never_none(self) -> None:
        record = {"locationid": "", "statuscode": "907", "statusdescription": "In use"}
        with pytest.raises(ProviderProtocolError, match="907 In use"):
            mapping.current_record(Found911(did911s=[], locations=[record]), OURS)

    def test_a_word_that_nobody_knows_is_kept(self) -> None:
        record = {"locationid": "1", "address1": "1 A ST", "statuscode": "QUEUED"}
        (found,) = mapping.located([record], OURS, "getLocations")
        assert (found.state, found.word) == (EmergencyState.UNKNOWN, "QUEUED")
        assert not found.is_active

    def test_the_history_has_the_newest_try_first(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "get_provisioning_history.xml")
        newest, oldest = provider.e911_history(OURS)
        assert (newest.state, oldest.state) == (
            EmergencyState.PROVISIONED,
            EmergencyState.GEOCODED,
        )
        assert newest.order_ref == "5500001"

    def test_a_kept_location_has_its_reference(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "add_location.xml")
        record = provider.add_e911_location(OURS, address=ADDRESS, caller_name="ACME")
        assert (record.location_ref, record.state) == ("17000003", EmergencyState.GEOCODED)
        say(faked, "addLocation", DONE)
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.add_e911_location(OURS, address=ADDRESS, caller_name="ACME")


class TestAlerts:
    def test_one_string_holds_all_addresses(self, provider: VoIPInnovations, faked: Faked) -> None:
        answer(faked, "query_911_alert.xml")
        assert provider.e911_alerts(OURS) == [
            "frontdesk@example.net",
            "4355550142@gateway.example.net",
        ]

    @pytest.mark.parametrize(
        ("inner", "found"),
        [
            ("<Alerts />", []),
            ("", []),
            ("<Alerts><string /></Alerts>", []),
            ("<Alerts>a@x.example; b@x.example</Alerts>", ["a@x.example", "b@x.example"]),
            (
                "<Alerts><string>a@x.example</string><string>b@x.example</string></Alerts>",
                ["a@x.example", "b@x.example"],
            ),
        ],
    )
    def test_other_shapes_of_the_list_are_read(
        self, provider: VoIPInnovations, faked: Faked, inner: str, found: list[str]
    ) -> None:
        say(faked, "Query911Alert", f"{DONE}{inner}")
        assert provider.e911_alerts(OURS) == found

    @pytest.mark.parametrize(
        "inner",
        [
            "<Alerts><Alert><to>a@x.example</to></Alert></Alerts>",
            "<Alerts><x><y>1</y></x></Alerts>",
            "<Alerts><string>nobody</string></Alerts>",
        ],
    )
    def test_what_is_no_list_of_addresses_is_never_empty(
        self, provider: VoIPInnovations, faked: Faked, inner: str
    ) -> None:
        say(faked, "Query911Alert", f"{DONE}{inner}")
        with pytest.raises(ProviderProtocolError):
            provider.e911_alerts(OURS)

    def test_without_911_there_are_no_alerts_to_ask_for(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "query_911_alert_off.xml")
        with pytest.raises(ProviderRefused, match="not enabled") as caught:
            provider.e911_alerts(OURS)
        assert caught.value.code == "941"


WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "100",
            "GEOCODED",
            "PROVISIONED",
            "206200",
            "4355550101",
            "84770-3059",
            "37.1",
            "NaN",
            "0001-01-01T00:00:00",
            "2013-08-21T10:32:48.707",
            "2013-11-03T01:30:00",
            "1e999999",
        ]
    ),
)
NAMES = st.sampled_from(
    [
        "tn",
        "locationid",
        "address1",
        "zipcode",
        "plusfour",
        "statuscode",
        "code",
        "latitude",
        "activatedtime",
        "updatetime",
        "dateadded",
        "callername",
        "description",
        "other",
    ]
)
RECORDS = st.lists(st.dictionaries(NAMES, WORDS, max_size=8), max_size=4)


@given(records=RECORDS)
def test_no_record_breaks_a_reader(records: list[dict[str, str]]) -> None:
    found = Found911(did911s=records, locations=records)
    for read in (
        lambda: list(mapping.audited_records(records)),
        lambda: mapping.current_record(found, OURS),
        lambda: mapping.history(records, OURS),
        lambda: mapping.added_location(records, OURS),
        lambda: mapping.alerts([text for record in records for text in record.values()]),
    ):
        with contextlib.suppress(ProviderError):
            read()


@given(records=RECORDS, operation=st.sampled_from(["insert911", "update911", "remove911"]))
def test_only_a_known_good_code_is_a_success(records: list[dict[str, str]], operation: str) -> None:
    outcome = mapping.outcome(records, operation, OURS) if records else None
    if outcome is not None and outcome.outcome is Outcome.SUCCEEDED:
        assert outcome.code in {"100", "PROVISIONED", "205100", "205200", "206200"}


@given(text=WORDS | st.datetimes().map(datetime.isoformat))
def test_any_time_is_utc_or_none(text: str) -> None:
    at = moment(text)
    assert at is None or at.tzinfo is UTC
    assert (day(text) is None) is (at is None)
