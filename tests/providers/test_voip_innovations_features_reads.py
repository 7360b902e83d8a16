"""VoIP Innovations' features: lists, groups, other stocks and routes, from answers to our words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.providers.dto import OrderRequest, Outcome, SearchCriteria
from portal.providers.dto.features import ConferenceLine, EmailToFax, FaxToEmail, NumberKind
from portal.providers.errors import ProviderProtocolError, ProviderRefused, ProviderUnavailable
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voip_innovations import TNS, Faked, answer, connected, say, sent

OURS, TO, ABROAD = TN("+14355550101"), TN("+14355550103"), TN("+442079460142")
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


def test_reads_answer_in_our_words(provider: VoIPInnovations, faked: Faked) -> None:
    answer(faked, "get_did_forward.xml", "get_did_failover.xml", "get_conference_line.xml")
    answer(faked, "get_cnam_display.xml", "get_fax_to_email.xml", "get_email_to_fax.xml")
    answer(faked, "get_email_to_fax_plain.xml", "audit_clients.xml", "audit_endpoint_group.xml")
    assert provider.forward(OURS) == TO
    assert provider.failover(OURS) == "+14355550102"
    assert provider.conference_line(OURS) == ConferenceLine(tn=OURS, is_on=True, pin="0142")
    assert provider.caller_name(OURS) == "EXAMPLE LLC"
    assert provider.fax_to_email(OURS) == FaxToEmail(tn=OURS, emails=("fax@example.net",))
    senders = provider.email_to_fax(OURS)
    assert senders.emails == ("desk@example.net", "fax@example.net")
    assert provider.email_to_fax(OURS) == EmailToFax(
        tn=OURS, emails=("desk@example.net",), caller_id="4355550101"
    )
    assert [client.name for client in provider.list_clients()] == ["Example Voice LLC"]
    route = provider.route("13550")
    assert route is not None
    assert route.name == "Main SBC"


def test_lists_are_read_as_they_arrive(provider: VoIPInnovations, faked: Faked) -> None:
    answer(faked, "audit_did_forwards.xml", "audit_did_failovers.xml")
    answer(faked, "audit_conference_lines.xml", "audit_fax_to_emails.xml", "audit_intl_dids.xml")
    assert [one.to for one in provider.list_forwards()] == [TO, "+14355550104"]
    assert [one.to for one in provider.list_failovers()] == ["+14355550102"]
    assert [one.is_on for one in provider.list_conference_lines()] == [True, False]
    assert [len(one.emails) for one in provider.list_fax_to_email()] == [2, 2]
    assert [one.tn for one in provider.list_international()] == [ABROAD]


def test_groups_and_scripts_are_listed_and_made(provider: VoIPInnovations, faked: Faked) -> None:
    answer(faked, "get_did_groups.xml", "create_did_group.xml", "get_scripts.xml")
    assert [group.name for group in provider.list_groups()] == ["Sales", "Night & day"]
    assert provider.create_group("Night & day").ref == "81"
    assert sent(faked, 1)[1][2:] == [("name", "Night & day")]
    assert [script.ref for script in provider.list_scripts()] == ["501"]


def test_countries_are_read_with_their_cities(provider: VoIPInnovations, faked: Faked) -> None:
    answer(faked, "get_countries.xml", "assign_intl_did.xml")
    first, second = provider.client.get_countries()
    assert [city["name"] for city in first.cities] == ["BERLIN", "HAMBURG"]
    assert (second.country["abbrev"], second.cities) == ("FR", ())
    (record,) = provider.client.assign_intl_did(city_id=2501, epg_id=13551)
    assert record["tn"] == "442079460142"
    assert sent(faked, 1)[1][2:] == [("cityID", "2501"), ("epgID", "13551")]


def test_no_number_in_a_city_is_a_refusal_and_not_an_open_question(
    provider: VoIPInnovations, faked: Faked
) -> None:
    say(faked, "AssignIntlDID", "<responseCode>900</responseCode>")
    with pytest.raises(ProviderRefused, match="no number in that city"):
        provider.client.assign_intl_did(city_id=2501, epg_id=13551)


def test_all_kinds_of_numbers_are_asked_for_one_by_one(
    provider: VoIPInnovations, faked: Faked
) -> None:
    answer(faked, "get_inventory_tns.xml")
    for _ in range(2):
        say(faked, "GetInventoryTNs", "<responseCode>101</responseCode><TNs/>")
    assert list(provider.list_personal()) == ["+14355550101", "+18885550102"]
    asked = [dict(sent(faked, number)[1])["didType"] for number in range(3)]
    assert asked == ["LOCAL", "TF", "INTL"]
    answer(faked, "get_unconfigured_tns_none.xml")
    assert list(provider.list_unconfigured(NumberKind.LOCAL)) == []


@pytest.mark.parametrize(
    "inner",
    ["<TNs>4355550101</TNs>", "<TNs><TN><number>4355550101</number></TN></TNs>"],
)
def test_a_list_of_another_shape_is_off_contract(
    provider: VoIPInnovations, faked: Faked, inner: str
) -> None:
    say(faked, "GetInventoryTNs", DONE + inner)
    with pytest.raises(ProviderProtocolError):
        list(provider.list_personal(NumberKind.LOCAL))


def test_the_extended_inventory_is_searched_and_bought_from(
    provider: VoIPInnovations, faked: Faked
) -> None:
    locator = (
        "<DIDLocators><DIDLocator><tn>4355550104</tn><state>UT</state></DIDLocator></DIDLocators>"
    )
    say(faked, "getDIDsExtended", DONE + locator)
    bought = "<DIDs><DID><tn>4355550104</tn><statusCode>100</statusCode></DID></DIDs>"
    say(faked, "assignDIDExtended", DONE + bought)
    criteria = SearchCriteria(state="UT", rate_center="RICHFIELD")
    assert [offer.tn for offer in provider.search_extended(criteria)] == ["+14355550104"]
    assert sent(faked)[1][2:] == [("state", "UT"), ("rateCenter", "RICHFIELD")]
    (outcome,) = provider.order_extended(OrderRequest(tns=TNS[:1], reference="order-17"))
    assert outcome.outcome == Outcome.SUCCEEDED
    assert provider.why_not_searchable_extended(SearchCriteria(state="UT"))
    assert not provider.why_not_searchable_extended(SearchCriteria(lata="660"))


def test_an_unclear_purchase_from_the_extended_inventory_is_asked_about(
    provider: VoIPInnovations, faked: Faked
) -> None:
    open_ = "<DIDs><DID><tn>4355550101</tn><statusCode>104225</statusCode></DID></DIDs>"
    say(faked, "assignDIDExtended", DONE + open_)
    answer(faked, "query_did_assigned.xml")
    (outcome,) = provider.order_extended(OrderRequest(tns=(OURS,), reference="order-17"))
    assert outcome.outcome == Outcome.SUCCEEDED


def test_an_endpoint_group_is_switched_by_its_id_as_a_text(
    provider: VoIPInnovations, faked: Faked
) -> None:
    say(faked, "DeactivateEndpointGroup", DONE)
    say(faked, "ActivateEndpointGroup", "<responseCode>948</responseCode>")
    provider.set_route_active("13550", is_active=False)
    assert sent(faked)[1][2:] == [("groupid", "13550")]
    with pytest.raises(ProviderRefused) as caught:
        provider.set_route_active("14550", is_active=True)
    assert caught.value.code == "948"


def test_an_endpoint_group_that_is_not_ours_is_none(
    provider: VoIPInnovations, faked: Faked
) -> None:
    say(faked, "AuditEndpointGroup", "<responseCode>948</responseCode>")
    say(faked, "AuditEndpointGroup", "<responseCode>900</responseCode>")
    answer(faked, "audit_endpoint_group.xml")
    assert provider.route("14550") is None
    assert provider.route("Main SBC") is None
    with pytest.raises(ProviderUnavailable):
        provider.route("13550")
    with pytest.raises(ProviderProtocolError):
        provider.route("13551")  # the answer is about another one
