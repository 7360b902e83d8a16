"""VoIP Innovations' replies as others have seen or may see them: the right answer, or an error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from portal.providers.dto import Outcome
from portal.providers.dto.e911 import EmergencyAddress
from portal.providers.errors import (
    ProviderProtocolError,
    ProviderRefused,
    ProviderUnavailable,
)
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voip_innovations import URL, Faked, connected, order, say

OURS = TN("+14355550104")
DONE = "<responseCode>100</responseCode><responseMessage>Success</responseMessage>"
DID = "<DID><tn>4355550104</tn><statusCode>100</statusCode></DID>"
SHELL = (
    '<PortDetails xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><id>0</id>'
    '<submittedDate xsi:nil="true"/><defaultEndpointGroup xsi:nil="true"/></PortDetails>'
)
ADDRESS = EmergencyAddress(address1="1 Main St", city="St George", state="UT", zip="84770")


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoIPInnovations]:
    with connected(runtime) as provider:
        yield provider


def whole(operation: str, inner: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><S:Envelope'
        ' xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body>'
        f'<{operation}Response xmlns="http://tempuri.org/"><{operation}Result>{inner}'
        f"</{operation}Result></{operation}Response></S:Body></S:Envelope>"
    ).encode()


def statuses(*codes: str) -> str:
    inner = "".join(
        f"<Status911><code>{c}</code><description>It is {c}.</description></Status911>"
        for c in codes
    )
    return f"{DONE}<Statuses>{inner}</Statuses><DID911s/><VILocations/><Alerts/>"


@pytest.mark.parametrize("before", [b"\r\n", b" \n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_what_stands_before_the_declaration_is_passed_over(
    provider: VoIPInnovations, faked: Faked, before: bytes
) -> None:
    listed = before + whole("auditDIDs", f"{DONE}<DIDs>{DID}</DIDs>")
    bought = before + whole("assignDID", f"{DONE}<DIDs>{DID}</DIDs>")
    for body in (listed, bought):
        faked.add(responses.POST, URL, body=body)
    assert [number.tn for number in provider.list_owned()] == [OURS]
    assert order(provider, OURS)[OURS].outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("code", ["905", "907", "909", "999"])
@pytest.mark.parametrize("operation", ["query911", "getLocations", "getProvisioningHistory"])
def test_a_refusal_among_the_statuses_never_reads_as_no_911(
    provider: VoIPInnovations, faked: Faked, operation: str, code: str
) -> None:
    say(faked, operation, statuses(code))
    with pytest.raises(ProviderRefused) as caught:
        read_911(provider, operation)
    assert (caught.value.code, caught.value.operation) == (code, operation)
    assert f"It is {code}." in caught.value.message


@pytest.mark.parametrize("operation", ["query911", "getLocations", "getProvisioningHistory"])
def test_an_error_of_their_own_among_the_statuses_may_be_asked_again(
    provider: VoIPInnovations, faked: Faked, operation: str
) -> None:
    say(faked, operation, statuses("903"))
    with pytest.raises(ProviderUnavailable):
        read_911(provider, operation)


@pytest.mark.parametrize("code", ["100", "206200", "205200", ""])
@pytest.mark.parametrize("operation", ["query911", "getLocations", "getProvisioningHistory"])
def test_a_status_that_says_nothing_against_it_reads_as_none(
    provider: VoIPInnovations, faked: Faked, operation: str, code: str
) -> None:
    say(faked, operation, statuses(code))
    assert not read_911(provider, operation)


def read_911(provider: VoIPInnovations, operation: str) -> object:
    reads = {
        "query911": provider.e911_record,
        "getLocations": provider.e911_locations,
        "getProvisioningHistory": provider.e911_history,
    }
    return reads[operation](OURS)


def test_a_location_of_null_dates_only_is_none(provider: VoIPInnovations, faked: Faked) -> None:
    dates = "".join(
        f"<{name}>0001-01-01T00:00:00</{name}>" for name in ("activatedTime", "updateTime")
    )
    location = f"<VILocations><VILocation>{dates}</VILocation></VILocations>"
    say(faked, "getLocations", f"{DONE}<DID911s/>{location}")
    assert provider.e911_locations(OURS) == []


@pytest.mark.parametrize(
    ("code", "words"),
    [("907", "Another request"), ("905", "locked"), ("909", "does not belong to this account")],
)
def test_a_known_code_among_the_statuses_keeps_its_words(
    provider: VoIPInnovations, faked: Faked, code: str, words: str
) -> None:
    say(faked, "remove911", statuses(code).replace(f"It is {code}.", ""))
    outcome = provider.remove_e911(OURS)
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, code)
    assert words in outcome.message
    assert "name the code" not in outcome.advice


@pytest.mark.parametrize("code", ["900", "903", "904", "908"])
def test_an_error_of_their_own_leaves_a_911_write_unknown(
    provider: VoIPInnovations, faked: Faked, code: str
) -> None:
    say(faked, "insert911", statuses(code))
    outcome = provider.set_e911(OURS, address=ADDRESS, caller_name="EXAMPLE LLC")
    assert (outcome.outcome, outcome.code) == (Outcome.UNKNOWN, code)


def test_an_update_that_touched_nothing_does_not_call_the_old_address_gone(
    provider: VoIPInnovations, faked: Faked
) -> None:
    for inner, is_gone in ((statuses("907"), False), (statuses("INVALID"), True)):
        say(faked, "validate911", DONE)
        say(faked, "update911", inner)
        outcome = provider.change_e911(OURS, address=ADDRESS, caller_name="EXAMPLE LLC")
        assert outcome.outcome is Outcome.REFUSED
        assert ("old address is gone" in outcome.advice) is is_gone


@pytest.mark.parametrize("shell", [SHELL, "<PortDetails/>", ""])
def test_ports_of_an_unknown_shape_are_not_taken_for_none(
    provider: VoIPInnovations, faked: Faked, shell: str
) -> None:
    """The type has room for one port; where several stand is not known."""
    inner = "<Ports><Port><number>36001</number><state>OPEN</state></Port></Ports>"
    say(faked, "getActivePorts", f"{DONE}{shell}<IsPortable>false</IsPortable>{inner}")
    with pytest.raises(ProviderProtocolError):
        list(provider.list_ports())


def test_an_empty_shell_alone_is_no_port(provider: VoIPInnovations, faked: Faked) -> None:
    say(faked, "getActivePorts", f"{DONE}{SHELL}<IsPortable>false</IsPortable><Ports/>")
    assert list(provider.list_ports()) == []


def test_records_in_a_container_of_their_own_name_are_found(
    provider: VoIPInnovations, faked: Faked
) -> None:
    """The method list names containers like their records; nobody has seen these on the wire."""
    groups = "".join(
        f"<EndpointGroup><ID>{ref}</ID><Name>Group {ref}</Name></EndpointGroup>"
        for ref in (13550, 13551)
    )
    say(faked, "AuditEndpointGroups", f"{DONE}<EndpointGroup>{groups}</EndpointGroup>")
    assert [route.ref for route in provider.list_routes()] == ["13550", "13551"]
    forward = "<DIDForward><TN>4355550104</TN><ForwardTN>4355550105</ForwardTN></DIDForward>"
    say(faked, "AuditDIDForwards", f"{DONE}<DIDForward>{forward}</DIDForward>")
    assert [(one.tn, one.to) for one in provider.list_forwards()] == [(OURS, "+14355550105")]
    say(faked, "assignDID", f"{DONE}<DID>{DID}</DID>")
    assert order(provider, OURS)[OURS].outcome is Outcome.SUCCEEDED
