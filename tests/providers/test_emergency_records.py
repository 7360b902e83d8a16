"""The life of an emergency record through the common capability, at both providers that have it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from portal import providers
from portal.providers.capabilities.e911 import EmergencyList, EmergencyRecords
from portal.providers.dto import Outcome
from portal.providers.dto.e911 import EmergencyAddress
from portal.providers.errors import ProviderTimeout
from portal.tn import TN
from tests.providers.calls import Stage
from tests.providers.contract import Sandbox

OFFICE = EmergencyAddress(
    address1="200 East Randolph Street",
    address2="Suite 500",
    city="Chicago",
    state="IL",
    zip="60601",
)
SHOP = replace(OFFICE, address1="12 Oak Avenue", address2="", zip="60614")
NOWHERE = replace(OFFICE, address1="Main Street")
NAME = "EXAMPLE LLC"


@pytest.fixture(params=providers.offering("e911_records"))
def stage(sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[Stage]:
    sandbox.control("fault/clear")
    sandbox.control("clock", advance="61m")  # budgets of an hour
    stage = Stage(slug=request.param, sandbox=sandbox)
    stage.provider = stage.make_provider(stage.runtime)
    yield stage
    stage.close()


@pytest.fixture
def tn(stage: Stage) -> TN:
    """Return a fresh number of ours with 911 at the office."""
    tn = TN.from_digits10(stage.owned())
    outcome = stage.provider.set_e911(tn, address=OFFICE, caller_name=NAME)
    assert outcome.outcome is Outcome.SUCCEEDED
    return tn


def test_two_providers_have_it() -> None:
    assert set(providers.offering("e911_records")) == {"voip_innovations", "voicetel"}


def test_the_adapter_is_what_the_protocols_say(stage: Stage) -> None:
    assert isinstance(stage.provider, EmergencyRecords)
    assert isinstance(stage.provider, EmergencyList)


def test_what_was_set_is_read_back_and_listed(stage: Stage, tn: TN) -> None:
    record = stage.provider.e911_record(tn)
    assert (record.tn, record.is_active, record.caller_name) == (tn, True, NAME)
    assert (record.address.address1, record.address.zip) == ("200 E RANDOLPH ST", "60601")
    assert record.address.address2 == "STE 500"
    (listed,) = (found for found in stage.provider.list_e911() if found.tn == tn)
    assert listed.address == record.address


def test_what_is_accepted_once_is_stored_as_it_was_accepted(stage: Stage, tn: TN) -> None:
    check = stage.provider.validate_address(SHOP, caller_name=NAME)
    assert check.is_valid
    accepted = check.address or SHOP
    assert stage.provider.change_e911(tn, address=accepted, caller_name=NAME).outcome == "succeeded"
    stored = stage.provider.e911_record(tn).address
    again = stage.provider.validate_address(stored, caller_name=NAME)
    assert again.is_valid
    assert check.address is None or stored == check.address


def test_a_bad_change_is_refused_and_the_old_address_stays(stage: Stage, tn: TN) -> None:
    before = stage.provider.e911_record(tn)
    outcome = stage.provider.change_e911(tn, address=NOWHERE, caller_name=NAME)
    assert outcome.outcome is Outcome.REFUSED
    assert outcome.message
    assert outcome.advice
    assert stage.provider.e911_record(tn) == before
    assert not stage.provider.validate_address(NOWHERE).is_valid


def test_what_was_removed_is_gone(stage: Stage, tn: TN) -> None:
    assert stage.provider.remove_e911(tn).outcome is Outcome.SUCCEEDED
    assert stage.provider.e911_record(tn) is None
    assert stage.provider.remove_e911(tn).outcome is Outcome.SUCCEEDED  # there was nothing


def test_a_number_of_somebody_else_is_refused(stage: Stage) -> None:
    tn = TN.from_digits10(stage.foreign())
    for outcome in (
        stage.provider.set_e911(tn, address=OFFICE, caller_name=NAME),
        stage.provider.change_e911(tn, address=OFFICE, caller_name=NAME),
        stage.provider.remove_e911(tn),
    ):
        assert outcome.outcome is Outcome.REFUSED
        assert outcome.code
        assert outcome.advice


def test_a_lost_answer_is_settled_by_reading_back(stage: Stage, tn: TN) -> None:
    operation = {"voip_innovations": "update911", "voicetel": "PUT /v2.2/e911/{dn}"}[stage.slug]
    stage.provider.validate_address(SHOP)
    stage.sandbox.control("fault", provider=stage.slug, operation=operation, fault="drop_after")
    with pytest.raises(ProviderTimeout, match="may or may not"):
        stage.provider.change_e911(tn, address=SHOP, caller_name=NAME)
    assert stage.provider.e911_record(tn).address.address1 == "12 OAK AVE"
