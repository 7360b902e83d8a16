"""VoIP Innovations' brands, and lists of words whose shape nobody has published (2.11)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto.messaging import (
    Brand,
    Choice,
    RegistrationState,
)
from portal.providers.errors import ProviderProtocolError, ProviderRefused
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.providers.voip_innovations.client.messaging_records import Entry, entries
from portal.providers.voip_innovations.mapping import messaging_10dlc as mapping
from portal.providers.xml import parse
from tests.providers.runtime import RecordingRuntime
from tests.providers.voip_innovations import Faked, answer, connected, say, sent

OK = "<responseCode>100</responseCode><responseMessage>Success</responseMessage>"
BRAND = Brand(legal_name="Example & Sons LLC", entity_type="PRIVATE_PROFIT", tax_id="00-0000017")


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoIPInnovations]:
    with connected(runtime) as provider:
        yield provider


class TestBrands:
    def test_the_list_tells_each_with_its_state(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "get_sms_customers.xml")
        first, second = provider.list_brands()
        assert (first.ref, first.legal_name, first.tax_id) == (
            "B000001",
            "Example & Sons LLC",
            "00-0000017",
        )
        assert (first.word, first.state) == ("VERIFIED", RegistrationState.ACTIVE)
        assert first.details == {"score": "40"}  # a field that nobody told us of
        assert (second.word, second.state) == ("OTP_REQUIRED", RegistrationState.PENDING)
        assert sent(faked)[0] == "GetSMSCustomers"

    def test_a_tag_is_asked_for_by_an_operation_of_its_own(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "GetSMSCustomersByTag", "<responseCode>101</responseCode>")
        assert provider.list_brands(tag="main") == []
        assert sent(faked)[1][2:] == [("tag", "main")]

    @pytest.mark.parametrize(
        "inner",
        [
            "<Customers><Firm><Id>1</Id></Firm></Customers>",
            "<Brands><Brand><Id>1</Id></Brand></Brands>",
            "<Customers><SMSCustomer><LegalName>X</LegalName></SMSCustomer></Customers>",
        ],
    )
    def test_an_unexpected_shape_is_never_an_empty_list(
        self, provider: VoIPInnovations, faked: Faked, inner: str
    ) -> None:
        say(faked, "GetSMSCustomers", OK + inner)
        with pytest.raises(ProviderProtocolError):
            provider.list_brands()

    @pytest.mark.parametrize(
        "inner",
        [
            "",
            "<Customers />",
            "<Campaigns><Campaign><CampaignId>C1</CampaignId></Campaign></Campaigns><Customers />",
            "<Customers><SMSCustomer><CustomerId /><Status /></SMSCustomer></Customers>",
        ],
    )
    def test_empty_lists_in_every_disguise(
        self, provider: VoIPInnovations, faked: Faked, inner: str
    ) -> None:
        say(faked, "GetSMSCustomers", OK + inner)
        assert provider.list_brands() == []

    def test_a_brand_is_written_by_the_names_of_the_reference(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "create_sms_customer.xml")
        made = provider.create_brand(
            Brand(
                legal_name="Example & Sons LLC",
                display_name="Example",
                entity_type="PRIVATE_PROFIT",
                vertical="RETAIL",
                tax_id="00-0000017",
                address="100 Example Street",
                phone="2175550100",
                email="messages@example.net",
                website="https://www.example.net",
                tag="main",
            )
        )
        assert (made.ref, made.state) == ("B000003", RegistrationState.PENDING)
        (_, elements) = sent(faked)
        assert elements[2] == (
            "customer",
            [
                ("LegalName", "Example & Sons LLC"),
                ("DisplayName", "Example"),
                ("EntityType", "PRIVATE_PROFIT"),
                ("Vertical", "RETAIL"),
                ("EIN", "00-0000017"),
                ("Address", "100 Example Street"),
                ("Phone", "2175550100"),
                ("Email", "messages@example.net"),
                ("Website", "https://www.example.net"),
                ("Tag", "main"),
            ],
        )

    def test_the_one_that_fits_is_found_among_several(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        record = "<SMSCustomer><CustomerId>{}</CustomerId><LegalName>{}</LegalName></SMSCustomer>"
        both = record.format("B1", "Another") + record.format("B2", BRAND.legal_name[:7])
        say(faked, "CreateSMSCustomer", f"{OK}<Customers>{both}</Customers>")
        assert provider.create_brand(Brand(legal_name="Example")).ref == "B2"

    def test_an_answer_that_does_not_show_it_leaves_open_what_was_done(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "CreateSMSCustomer", OK)
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.create_brand(BRAND)
        assert len(faked.calls) == 1

    def test_a_change_sends_along_what_stays(self, provider: VoIPInnovations, faked: Faked) -> None:
        answer(faked, "check_sms_customer_status.xml", "update_sms_customer.xml")
        now = provider.update_brand(Brand(ref="B000001", website="https://example.net/new"))
        assert now.state is RegistrationState.PENDING
        fields = dict(sent(faked, 1)[1][2][1])
        assert fields["CustomerId"] == "B000001"
        assert fields["LegalName"] == "Example & Sons LLC"
        assert fields["Website"] == "https://example.net/new"
        assert "Status" not in fields

    def test_a_brand_that_is_not_there_is_not_changed(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "CheckSMSCustomerStatus", "<responseCode>101</responseCode>")
        with pytest.raises(ProviderRefused, match="no such brand") as caught:
            provider.update_brand(Brand(ref="B9", tag="x"))
        assert caught.value.operation == "UpdateSMSCustomer"
        assert len(faked.calls) == 1

    def test_a_good_verdict_without_the_customer_is_not_an_answer(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "CheckSMSCustomerStatus", OK)
        with pytest.raises(ProviderProtocolError):
            provider.brand("B000001")
        answer(faked, "check_sms_customer_status.xml")
        with pytest.raises(ProviderProtocolError, match="another customer"):
            provider.brand("B000009")

    def test_nothing_of_the_kind_is_none(self, provider: VoIPInnovations, faked: Faked) -> None:
        say(faked, "CheckSMSCustomerStatus", "<responseCode>101</responseCode>")
        assert provider.brand("B9") is None

    def test_a_code_is_sent_and_a_brand_deleted_by_its_id(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "TriggerSMSOTP", OK)
        say(faked, "DeleteSMSCustomer", OK)
        provider.send_brand_code("B1")
        provider.delete_brand("B1")
        for number in (0, 1):
            assert sent(faked, number)[1][2:] == [("customerId", "B1")]


class TestChoices:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            (
                "get_sms_enumerations.xml",
                [
                    Choice(group="EntityTypes", value="PRIVATE_PROFIT"),
                    Choice(group="EntityTypes", value="NON_PROFIT"),
                    Choice(group="Verticals", value="7", label="Retail", details={"Sort": "1"}),
                    Choice(
                        group="Verticals", value="8", label="Health care", details={"Sort": "2"}
                    ),
                ],
            ),
            (
                "get_sms_enumerations_pairs.xml",
                [
                    Choice(group="Enumerations", value="PRIVATE_PROFIT"),
                    Choice(group="Enumerations", value="NON_PROFIT"),
                    Choice(group="Enumerations", value="RETAIL"),
                ],
            ),
        ],
    )
    def test_words_are_kept_whatever_the_shape(
        self, provider: VoIPInnovations, faked: Faked, name: str, expected: list[Choice]
    ) -> None:
        answer(faked, name)
        assert provider.registration_choices() == expected

    def test_use_cases_are_those_of_a_brand(self, provider: VoIPInnovations, faked: Faked) -> None:
        answer(faked, "get_sms_usecase_options.xml")
        assert [(c.value, c.label) for c in provider.usecase_choices("B000001")] == [
            ("2FA", "Two-factor authentication"),
            ("CUSTOMER_CARE", "Customer care"),
        ]
        assert sent(faked)[1][2:] == [("customerId", "B000001")]


def test_a_name_without_an_id_is_its_own_value_and_loose_pairs_are_lists() -> None:
    found = mapping.choices(
        [
            Entry(group="Verticals", fields=(("Name", "Retail"), ("Sort", "1"))),
            Entry(group="Result", fields=(("Vertical", "RETAIL"), ("EntityType", "NON_PROFIT"))),
        ]
    )
    assert found == [
        Choice(group="Verticals", value="Retail", label="Retail", details={"Sort": "1"}),
        Choice(group="Vertical", value="RETAIL"),
        Choice(group="EntityType", value="NON_PROFIT"),
    ]


NAMES = st.sampled_from(["Id", "Name", "Vertical", "string", "Key"])
ENTRIES = st.builds(
    Entry,
    group=st.text(max_size=4),
    fields=st.lists(
        st.tuples(NAMES, st.text(min_size=1)), min_size=1, unique_by=lambda pair: pair[0]
    ).map(tuple),
)


@given(ENTRIES)
def test_no_text_of_an_entry_is_lost(entry: Entry) -> None:
    found = mapping.choices([entry])
    kept = {text for c in found for text in (c.value, c.label, *c.details.values())}
    assert {text for _, text in entry.fields} <= kept


TREES = st.recursive(
    st.sampled_from(["a", "b & c", ""]),
    lambda inner: st.lists(st.tuples(st.sampled_from(["x", "y", "z"]), inner), max_size=4),
    max_leaves=12,
)


@given(TREES)
def test_every_text_of_a_reply_is_in_an_entry(tree: Any) -> None:
    def spelled(node: Any) -> str:
        if isinstance(node, str):
            return node.replace("&", "&amp;")
        return "".join(f"<{name}>{spelled(inner)}</{name}>" for name, inner in node)

    root = parse(f"<r><top>{spelled(tree)}</top></r>".encode())
    texts = [text.strip() for text in root.itertext() if text.strip()]
    found = [text for entry in entries(root) for _, text in entry.fields]
    assert sorted(found) == sorted(texts)
