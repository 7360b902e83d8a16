"""VoIP Innovations' ports: what is asked, and what each answer means."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto.porting import PortState
from portal.providers.errors import ProviderError, ProviderProtocolError, ProviderRefused
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.providers.voip_innovations.client.porting import FoundPorts, PortDetail
from portal.providers.voip_innovations.mapping import porting as mapping
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voip_innovations import Faked, answer, connected, say, sent

OURS = TN("+14355550101")
DONE = "<responseCode>100</responseCode><responseMessage>Success</responseMessage>"


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoIPInnovations]:
    with connected(runtime) as provider:
        yield provider


@pytest.fixture
def faked() -> Iterator[Faked]:
    """Play the carrier; here each prepared answer must be asked for."""
    with Faked() as faked:
        yield faked


class TestPortability:
    @pytest.mark.parametrize(
        ("name", "is_portable"), [("is_portable.xml", True), ("is_portable_not.xml", False)]
    )
    def test_it_is_a_yes_or_a_no(
        self, provider: VoIPInnovations, faked: Faked, name: str, is_portable: bool
    ) -> None:
        answer(faked, name)
        found = provider.check_portability(OURS)
        assert (found.tn, found.is_portable) == (OURS, is_portable)
        assert sent(faked)[1][2:] == [("tn", "4355550101")]

    @pytest.mark.parametrize("inner", ["", "<IsPortable />", "<IsPortable>maybe</IsPortable>"])
    def test_anything_else_is_neither(
        self, provider: VoIPInnovations, faked: Faked, inner: str
    ) -> None:
        say(faked, "isPortable", DONE + inner)
        with pytest.raises(ProviderProtocolError):
            provider.check_portability(OURS)

    def test_no_records_is_no_answer(self, provider: VoIPInnovations, faked: Faked) -> None:
        say(
            faked,
            "isPortable",
            "<responseCode>101</responseCode><IsPortable>false</IsPortable>",
        )
        with pytest.raises(ProviderRefused) as caught:
            provider.check_portability(OURS)
        assert (caught.value.code, caught.value.operation) == ("101", "isPortable")


class TestOnePort:
    def test_it_is_read_with_its_numbers(self, provider: VoIPInnovations, faked: Faked) -> None:
        answer(faked, "get_port_details.xml")
        port = provider.port("36001")
        assert port is not None
        assert sent(faked)[1][2:] == [("portId", "36001")]
        assert (port.word, port.state) == ("PENDING SIGNATURE", PortState.PENDING_DOCUMENTS)
        assert (port.name, port.losing_carrier) == ("ACME INC", "Example Bell")
        assert port.billing_tn == OURS
        # Times without a zone are US Eastern; a midnight is a day.
        assert port.submitted_at == datetime(2014, 1, 2, 20, 4, 5, 123000, tzinfo=UTC)
        assert (port.requested_date, port.foc_date) == (date(2014, 1, 14), None)
        assert port.details == {"salesRep": "Example Desk", "billingTN": "4355550101"}
        first, second = port.numbers
        assert (first.tn, second.tn) == (OURS, TN("+14355550102"))
        assert (first.rate_center, first.state, first.lata) == ("ST GEORGE", "UT", "660")
        assert (first.route_ref, first.tier) == ("13550", "1")
        assert (first.has_caller_name_lookup, first.has_e911) == (True, False)

    def test_an_empty_shell_is_no_port(self, provider: VoIPInnovations, faked: Faked) -> None:
        answer(faked, "get_port_details_none.xml")
        assert provider.port("36009") is None

    def test_another_port_is_off_contract(self, provider: VoIPInnovations, faked: Faked) -> None:
        answer(faked, "get_port_details.xml")
        with pytest.raises(ProviderProtocolError, match="another port"):
            provider.port("36002")

    @pytest.mark.parametrize("ref", ["", "0", "-1", "AB1C2", "99999999999", "４"])
    def test_what_is_no_id_is_never_sent(self, provider: VoIPInnovations, ref: str) -> None:
        with pytest.raises(ValueError, match="port"):
            provider.port(ref)


class TestActivePorts:
    """How several records are held is not known, so each way that can be is read."""

    @pytest.mark.parametrize(
        "name",
        ["get_active_ports.xml", "get_active_ports_in_details.xml", "get_active_ports_bare.xml"],
    )
    def test_the_ports_are_found_whatever_holds_them(
        self, provider: VoIPInnovations, faked: Faked, name: str
    ) -> None:
        answer(faked, name)
        first, second = provider.list_ports()
        assert (first.ref, second.ref) == ("36001", "36002")
        assert (first.foc_date, second.foc_date) == (None, date(2014, 1, 15))
        assert (first.word, first.state, first.numbers) == ("", PortState.UNKNOWN, ())
        assert first.route_ref == "13550"
        assert sent(faked)[1] == sent(faked)[1][:2]  # login and secret only

    def test_no_records_is_an_empty_list(self, provider: VoIPInnovations, faked: Faked) -> None:
        answer(faked, "get_active_ports_none.xml")
        assert list(provider.list_ports()) == []

    @pytest.mark.parametrize(
        "inner",
        [
            "<Ports><Order><id>36001</id></Order></Ports>",
            "<PortDetails>36001, 36002</PortDetails>",
            "<PortDetails><PortDetail><status>SUBMITTED</status></PortDetail></PortDetails>",
            "<PortDetails><PortDetail><focDate>2014-01-15T00:00:00</focDate></PortDetail></PortDetails>",
            "<PortDetails><PortDetail><id>A-1</id></PortDetail></PortDetails>",
            "<PortDetails><PortDetail><order>36001</order></PortDetail></PortDetails>",
        ],
    )
    def test_a_port_never_vanishes_from_the_list(
        self, provider: VoIPInnovations, faked: Faked, inner: str
    ) -> None:
        say(faked, "getActivePorts", DONE + inner)
        with pytest.raises(ProviderProtocolError):
            list(provider.list_ports())

    def test_a_billing_number_that_is_none_does_not_lose_the_port(self) -> None:
        detail = PortDetail(fields={"id": "36001", "billingtn": "see bill"})
        (port,) = mapping.ports([detail], "getActivePorts")
        assert (port.billing_tn, port.details) == (None, {"billingTN": "see bill"})


class TestHistory:
    @pytest.mark.parametrize("name", ["get_port_history.xml", "get_port_history_singular.xml"])
    def test_the_newest_event_stands_first(
        self, provider: VoIPInnovations, faked: Faked, name: str
    ) -> None:
        answer(faked, name)
        history = provider.port_history(OURS)
        newest, oldest = history.events
        assert (newest.word, newest.state) == ("On hold at carrier", PortState.UNKNOWN)
        assert (oldest.state, oldest.comment) == (PortState.PENDING_DOCUMENTS, "Letter sent")
        assert oldest.at == datetime(2014, 1, 2, 20, 4, 5, 123000, tzinfo=UTC)
        assert (oldest.tn, oldest.port_ref) == (OURS, "36001")
        assert history.port is not None
        assert history.port.ref == "36001"
        assert history.is_portable is False

    def test_a_number_without_a_port_has_none(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "get_port_history_none.xml")
        history = provider.port_history(OURS)
        assert (history.events, history.port, history.is_portable) == ((), None, None)

    @pytest.mark.parametrize(
        "inner",
        [
            "<PortHistory>Letter sent</PortHistory>",
            "<PortHistories><PortHistory><what>Letter sent</what></PortHistory></PortHistories>",
            "<History><Event><status>SUBMITTED</status></Event></History>",
        ],
    )
    def test_an_event_that_nobody_can_read_is_never_none(
        self, provider: VoIPInnovations, faked: Faked, inner: str
    ) -> None:
        say(faked, "GetPortHistory", DONE + inner)
        with pytest.raises(ProviderProtocolError):
            provider.port_history(OURS)


WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["0", "36001", "²", "true", "4355550101", "2014-01-15T00:00:00", "-5"]),
)
FIELDS = st.dictionaries(
    st.sampled_from(
        ["id", "status", "billingtn", "focdate", "submitteddate", "defaultendpointgroup", "tn"]
    ),
    WORDS,
    max_size=6,
)
EVENTS = st.dictionaries(
    st.sampled_from(["portid", "tn", "status", "date", "comment", "other"]), WORDS, max_size=5
)


@given(
    fields=st.lists(FIELDS, max_size=3),
    dids=st.lists(FIELDS, max_size=2),
    events=st.lists(EVENTS, max_size=3),
    flag=WORDS,
)
def test_no_record_breaks_a_reader(
    fields: list[dict[str, str]],
    dids: list[dict[str, str]],
    events: list[dict[str, str]],
    flag: str,
) -> None:
    details = [PortDetail(fields=one, dids=dids) for one in fields]
    found = FoundPorts(events=events, details=details, is_portable=flag)
    reply = {"responsecode": "100", "responsemessage": "", "isportable": flag}
    for read in (
        lambda: list(mapping.ports(details, "getActivePorts")),
        lambda: mapping.port(details, "36001"),
        lambda: mapping.port_history(found, OURS),
        lambda: mapping.portability(reply, OURS),
    ):
        with contextlib.suppress(ProviderError):
            read()
