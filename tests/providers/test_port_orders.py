"""Ports from the first question to the last day, through the common capabilities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from portal import providers
from portal.providers.dto import Ownership
from portal.providers.dto.porting import NameType, PortRequest, PortState
from portal.providers.errors import ProviderRefused, ProviderTimeout
from portal.tn import TN
from tests.providers.calls import Stage
from tests.providers.contract import Sandbox

REQUEST = PortRequest(
    tns=(),
    name="Example LLC",
    name_type=NameType.BUSINESS,
    authorized_person="Pat Example",
    billing_tn=TN("+13125550142"),
    account_number="A-1001",
    street_number="12",
    street="Oak",
    street_type="AVE",
    city="Chicago",
    state="IL",
    zip="60601",
    desired_date=date(2025, 3, 2),
)


def stage_of(slug: str, sandbox: Sandbox) -> Iterator[Stage]:
    sandbox.control("fault/clear")
    sandbox.control("clock", advance="61m")  # budgets of an hour
    stage = Stage(slug=slug, sandbox=sandbox)
    stage.provider = stage.make_provider(stage.runtime)
    yield stage
    stage.close()


@pytest.fixture
def voicetel(sandbox: Sandbox) -> Iterator[Stage]:
    yield from stage_of("voicetel", sandbox)


@pytest.fixture
def voip_innovations(sandbox: Sandbox) -> Iterator[Stage]:
    yield from stage_of("voip_innovations", sandbox)


def new_request(stage: Stage) -> PortRequest:
    tns = tuple(TN.from_digits10(stage.new_tn(nxx="559")) for _ in range(2))
    return replace(REQUEST, tns=tns)


def test_only_voicetel_takes_requests_and_both_can_be_followed() -> None:
    assert providers.offering("port_submission") == ["voicetel"]
    for capability in ("portability_check", "port_list", "port_read"):
        assert set(providers.offering(capability)) == {"voip_innovations", "voicetel"}
    assert "back office" in providers.why_not("voip_innovations", "port_submission")


def test_a_port_is_submitted_signed_and_completed(voicetel: Stage) -> None:
    provider, request = voicetel.provider, new_request(voicetel)
    with pytest.raises(ProviderRefused, match="within the last hour"):
        provider.submit_port(request)
    assert all(provider.check_portability(tn).is_portable for tn in request.tns)
    receipt = provider.submit_port(request)
    newest = next(provider.list_ports())
    assert (newest.ref, newest.state) == (receipt.ref, PortState.PENDING_DOCUMENTS)
    voicetel.sandbox.control("loa", pid=receipt.ref)
    assert provider.port(receipt.ref).state is PortState.SUBMITTED
    voicetel.sandbox.control("clock", advance="2d")
    confirmed = provider.port(receipt.ref)
    assert confirmed.state is PortState.FOC_SET
    assert confirmed.foc_date > REQUEST.desired_date
    voicetel.sandbox.control("clock", advance="9d")
    done = provider.port(receipt.ref)
    assert done.state is PortState.COMPLETED
    assert tuple(number.tn for number in done.numbers) == request.tns
    assert provider.query_tn(request.tns[0]).ownership is Ownership.OURS


def test_a_lost_submission_is_found_in_the_list(voicetel: Stage) -> None:
    provider, request = voicetel.provider, new_request(voicetel)
    for tn in request.tns:
        provider.check_portability(tn)
    voicetel.sandbox.control(
        "fault", provider="voicetel", operation="POST /v2.2/ports", fault="drop_after"
    )
    with pytest.raises(ProviderTimeout, match="may or may not"):
        provider.submit_port(request)
    newest = next(provider.list_ports())
    assert tuple(number.tn for number in provider.port(newest.ref).numbers) == request.tns


def test_a_port_of_the_back_office_is_followed_to_its_end(voip_innovations: Stage) -> None:
    provider = voip_innovations.provider
    tn = TN.from_digits10(voip_innovations.new_tn(nxx="558"))
    assert provider.check_portability(tn).is_portable
    voip_innovations.sandbox.control("port", numbers=[tn.digits10], carrier="Example Bell")
    ref = max((port.ref for port in provider.list_ports()), key=int)
    port = provider.port(ref)
    assert (port.state, [n.tn for n in port.numbers]) == (PortState.PENDING_DOCUMENTS, [tn])
    voip_innovations.sandbox.control("clock", advance="4d")
    assert provider.port(ref).foc_date is not None
    voip_innovations.sandbox.control("clock", advance="8d")
    assert ref not in {port.ref for port in provider.list_ports()}
    history = provider.port_history(tn)
    assert [event.state for event in history.events] == [
        PortState.COMPLETED,
        PortState.FOC_SET,
        PortState.SUBMITTED,
        PortState.PENDING_DOCUMENTS,
    ]
    assert history.port.state is PortState.COMPLETED
    assert provider.query_tn(tn).ownership is Ownership.OURS
