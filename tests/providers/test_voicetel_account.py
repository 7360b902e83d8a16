"""VoiceTel's account: profile, money, calls, and accounts that are opened (voicetel.md 2)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto.account import (
    AccountChanges,
    AccountUpdate,
    CallRecord,
    NewAccount,
    PaymentStatus,
    Registration,
)
from portal.providers.errors import (
    ProviderProtocolError,
    ProviderRefused,
    ProviderUnavailable,
)
from portal.providers.voicetel.adapter import VoiceTel
from portal.providers.voicetel.mapping import account as mapping
from portal.providers.voicetel.mapping.fields import moment
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import Faked, answer, connected, make_provider, sent, sign_in
from tests.providers.voicetel_values import records, values

NOON = datetime(2025, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    with connected(runtime) as provider:
        yield provider


class TestProfile:
    def test_services_and_rates_get_our_names(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "account", "account.json")
        profile = provider.account_profile()
        assert profile.balance == Decimal("118.42")
        assert profile.services["international"] is False
        assert profile.rates["number"] == Decimal("0.5")
        assert profile.created_at == datetime(2025, 3, 1, 9, tzinfo=UTC)
        assert (profile.time_zone, profile.warn_below) == ("America/New_York", 20)

    def test_what_is_not_told_is_not_invented(self) -> None:
        profile = mapping.profile({"username": "1000000001", "services": [], "rates": None})
        assert (profile.balance, profile.is_enabled, profile.warn_below) == (None, None, None)
        assert (profile.services, profile.rates) == ({}, {})

    def test_names_that_are_new_are_kept(self) -> None:
        record = {"services": {"fax2": True, "x": "on"}, "rates": {"video": "0.01", "y": "?"}}
        profile = mapping.profile(record)
        assert profile.services == {"fax2": True}
        assert profile.rates == {"video": Decimal("0.01")}


class TestChanges:
    def test_only_what_is_given_travels(self, faked: Faked, provider: VoiceTel) -> None:
        answer(
            faked,
            "PUT",
            "account",
            body=b'{"status":"success","data":{"updated":["notifyThreshold","callerId"]}}',
        )
        changes = AccountChanges(warn_below=0, caller_id=TN("+12125550142"), is_warned=False)
        update = provider.update_account(changes)
        assert sent(faked)[2] == {
            "notify": False,
            "notifyThreshold": 0,
            "callerId": "2125550142",
        }
        assert update == AccountUpdate(
            changed=frozenset({"warn_below", "caller_id"}), unconfirmed=frozenset({"is_warned"})
        )

    def test_a_reply_that_names_nothing_leaves_it_unknown(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "PUT", "account", body=b'{"status":"success","data":{}}')
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.update_account(AccountChanges(is_warned=True))

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"timezone": "Mars/Olympus"},
            {"caller_id": "12125550142"},
            {"notify_threshold": -1},
            {"ccs": -1},
        ],
    )
    def test_what_cannot_be_meant_is_not_sent(
        self, runtime: RecordingRuntime, provider: VoiceTel, fields: dict[str, Any]
    ) -> None:
        with pytest.raises(ValueError, match=r"time zone|digits|negative|nothing to change"):
            provider.client.put_account(**fields)
        assert runtime.exchanges == []


class TestMoney:
    def test_credits_can_be_filtered(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "account/credits", "credits.json")
        for is_paid, query in ((None, ""), (True, "?status=paid"), (False, "?status=unpaid")):
            unpaid, paid = provider.list_credits(is_paid=is_paid)
            assert sent(faked, -1)[1] == f"account/credits{query}"
        assert (unpaid.is_paid, unpaid.at, unpaid.amount) == (False, NOON, Decimal(25))
        assert paid.at == datetime(2025, 5, 1, 12, 30, tzinfo=UTC)

    def test_a_payment_keeps_a_word_that_is_new(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "account/payments", "payments.json")
        done, back, odd = provider.list_payments()
        assert (done.status, done.payer_email) == (
            PaymentStatus.COMPLETED,
            "payments@example.net",
        )
        assert (back.status, back.amount) == (PaymentStatus.REVERSAL_CANCELED, Decimal(-100))
        assert (odd.status, odd.word) == (PaymentStatus.UNKNOWN, "OnHold")

    def test_monthly_charges_have_the_providers_sum(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "account/recurring-charges", "recurring_charges.json")
        found = provider.recurring_charges()
        assert [charge.amount for charge in found.charges] == [Decimal("80.0"), Decimal(25)]
        assert found.total == Decimal("105.0")

    @pytest.mark.parametrize(
        "read",
        [
            lambda record: mapping.credit_list([record]),
            lambda record: mapping.payments([record]),
            lambda record: mapping.recurring_charges({"charges": [record]}),
            lambda record: mapping.recurring_charges({"charges": record}),
        ],
    )
    @pytest.mark.parametrize("record", [{}, {"amount": "?", "date": "0001-01-01T00:00:00"}])
    def test_an_entry_without_its_facts_is_off_contract(
        self, read: Callable[[Any], Any], record: dict[str, Any]
    ) -> None:
        with pytest.raises(ProviderProtocolError):
            read(record)


class TestCalls:
    def test_start_is_the_newer_edge(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "account/cdr", "cdr.json")
        eastern = timezone(timedelta(hours=-4))
        calls = list(
            provider.call_records(
                since=datetime(2025, 6, 9, 8, tzinfo=eastern), until=NOON + timedelta(seconds=0.9)
            )
        )
        assert sent(faked)[1] == "account/cdr?start=1749556800&end=1749470400"
        assert calls[0] == CallRecord(
            ref="0123456789abcdef0123456789abcdef",
            at=datetime(2025, 6, 15, 12, 20, tzinfo=UTC),
            caller="2125550142",
            caller_name="JANE ROE",
            called="8005550100",
            address="192.0.2.9",
            seconds=60,
            rate_per_minute=Decimal("0.020"),
            charged=Decimal("0.020000"),
            account_ref="1000000001",
        )
        odd = calls[1]
        assert (odd.caller_name, odd.called) == ("J&R+SUPPLY", "sip:desk@example.net")
        assert (odd.seconds, odd.rate_per_minute, odd.charged) == (None, None, None)

    def test_without_an_end_the_provider_says_now(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "account/cdr", "cdr.json")
        assert len(list(provider.call_records(since=NOON))) == 2
        assert sent(faked)[1] == "account/cdr?end=1749556800"

    def test_a_list_that_is_cut_short_is_an_error(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "account/cdr", body=b'{"status":"success","data":{"cdr":[')
        with pytest.raises(ProviderProtocolError):
            list(provider.call_records(since=NOON))

    def test_a_range_that_is_none_is_not_sent(
        self, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        with pytest.raises(ValueError, match="time zone"):
            provider.call_records(since=datetime(2025, 6, 9))  # noqa: DTZ001 - that is the point
        with pytest.raises(ValueError, match="before their first"):
            provider.call_records(since=NOON, until=NOON - timedelta(hours=1))
        with pytest.raises(ValueError, match="newer edge"):
            provider.client.get_account_cdr(start=1, end=2)
        with pytest.raises(ValueError, match="seconds"):
            provider.client.get_account_cdr(start=1_750_000_000_000)
        assert runtime.exchanges == []

    @pytest.mark.parametrize(
        "record",
        [
            {},
            {"id": "a", "key": ["1000000001"], "value": {}},
            {"id": "a", "key": ["1000000001", "soon"], "value": {}},
            {"id": "", "key": ["1000000001", "1749990000"], "value": {}},
            {"id": "a", "key": ["1000000001", "1749990000"], "value": []},
        ],
    )
    def test_a_call_without_its_facts_is_off_contract(self, record: dict[str, Any]) -> None:
        with pytest.raises(ProviderProtocolError):
            list(mapping.call_records([record]))


class TestRegistration:
    def test_the_device_is_told(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "account/registration", "registration.json")
        device = Registration(device="Example SIP/1.0", address="sip:1000000001@192.0.2.9:5060")
        assert provider.registration() == device

    def test_not_registered_is_no_error(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "account/registration", "not_found.json", status=404)
        assert provider.registration() is None

    def test_a_404_of_something_else_is_no_answer(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "account/registration", body=b"<html>", status=404)
        with pytest.raises(ProviderProtocolError):
            provider.registration()


class TestNewAccounts:
    def test_a_generated_password_is_told_and_kept_nowhere(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        answer(faked, "POST", "account", "new_account.json", status=201)
        made = provider.create_account(
            username="1000000002", name="Example LLC", email="ops@example.net"
        )
        assert made == NewAccount(
            username="1000000002",
            password="Fresh77Pass",
            name="Example LLC",
            email="ops@example.net",
            billing_ref="1000000001",
        )
        kept = repr(made) + "".join(exchange.text for exchange in runtime.exchanges)
        assert "Fresh77Pass" not in kept
        assert "masterAccount" not in sent(faked)[2]

    def test_an_answer_cut_off_inside_the_password_keeps_none_of_it(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        answer(faked, "POST", "accounts", body=b'{"status":"success","data":{"password":"Fres')
        with pytest.raises(ProviderProtocolError):
            provider.sign_up(name="Example LLC", email="ops@example.net")
        assert "Fres" not in runtime.exchanges[0].text

    def test_signing_up_needs_no_sign_in(self, faked: Faked) -> None:
        runtime = RecordingRuntime()
        provider = make_provider(runtime)
        answer(faked, "POST", "accounts", "new_account.json", status=201)
        made = provider.sign_up(name="Example LLC", email="ops@example.net", promo="SPRING")
        assert made.password == "Fresh77Pass"
        assert runtime.operations == ["POST /v2.2/accounts"]
        assert "Authorization" not in faked.calls[0].request.headers
        assert sent(faked)[2]["promo"] == "SPRING"

    def test_an_answer_without_the_password_says_so_by_its_absence(self) -> None:
        made = mapping.new_account({"username": "1000000002"}, is_signup=True)
        assert made.password == ""
        with pytest.raises(ProviderProtocolError):
            mapping.new_account({"name": "Example LLC"}, is_signup=False)

    @pytest.mark.parametrize(
        ("username", "name", "email", "billing_ref"),
        [
            ("100000000", "Example LLC", "ops@example.net", ""),
            ("100000000x", "Example LLC", "ops@example.net", ""),
            ("1000000002", " ", "ops@example.net", ""),
            ("1000000002", "Example LLC", "ops", ""),
            ("1000000002", "Example LLC", "a@example.net,b@example.net", ""),
            ("1000000002", "Example LLC", "ops@example.net", "main"),
        ],
    )
    def test_a_bad_field_is_not_sent(
        self,
        runtime: RecordingRuntime,
        provider: VoiceTel,
        username: str,
        name: str,
        email: str,
        billing_ref: str,
    ) -> None:
        with pytest.raises(ValueError, match=r"digits|needed"):
            provider.create_account(
                username=username, name=name, email=email, billing_ref=billing_ref
            )
        assert runtime.exchanges == []


class TestRecovery:
    def test_the_special_body_is_told_whole(self, faked: Faked) -> None:
        provider = make_provider(RecordingRuntime())
        answer(faked, "POST", "account/recovery", "recovery_refused.json", status=400)
        with pytest.raises(ProviderRefused) as caught:
            provider.recover_account(email="ops@example.invalid")
        assert "Invalid email address (Must be valid)" in caught.value.message
        assert caught.value.code == "400"

    def test_a_401_says_nothing_of_our_credentials(self, faked: Faked) -> None:
        runtime = RecordingRuntime()
        answer(faked, "POST", "account/recovery", "unauthorized.json", status=401)
        with pytest.raises(ProviderRefused):
            make_provider(runtime).recover_account(email="ops@example.net")
        assert runtime.outcomes == ["refused"]


def test_each_limited_route_is_paid_for_before_it_is_sent(faked: Faked) -> None:
    runtime = RecordingRuntime()
    provider = make_provider(sign_in(runtime))
    answer(faked, "GET", "account", "account.json")
    answer(faked, "GET", "account/cdr", "cdr.json")
    answer(faked, "GET", "account/recurring-charges", "recurring_charges.json")
    reads: list[Callable[[], Any]] = [
        provider.account_profile,
        provider.recurring_charges,
        lambda: list(provider.call_records(since=NOON)),
    ]
    for read in reads:
        for _ in range(6):
            read()
        before = len(runtime.exchanges)
        with pytest.raises(ProviderUnavailable) as caught:
            read()
        assert caught.value.retry_at is not None
        assert len(runtime.exchanges) == before
    assert set(runtime.spent.values()) == {6}
    assert runtime.per_source == set(runtime.spent)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2025-06-10T12:00:00Z", NOON),
        ("2025-06-10T08:00:00-04:00", NOON),
        ("2025-06-10T12:00:00", NOON),
        ("1749556800", NOON),
        (1749556800, NOON),
        ("0001-01-01T00:00:00", None),
        ("1900-01-01", None),
        (0, None),
        ("", None),
        (None, None),
        (True, None),
        ("soon", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("999999999999", None),
    ],
)
def test_moments_are_read_in_each_documented_form(text: Any, at: datetime | None) -> None:
    assert moment(text) == at


@given(value=values() | st.datetimes().map(str) | st.integers().map(str))
def test_no_value_breaks_the_reading_of_a_moment(value: Any) -> None:
    found = moment(value)
    assert found is None or found.utcoffset() == timedelta(0)


@given(record=records())
def test_no_record_crashes_a_mapping(record: dict[str, Any]) -> None:
    changes = AccountChanges(is_warned=True)
    reads: list[Callable[[], Any]] = [
        lambda: mapping.account_status(record),
        lambda: mapping.profile(record),
        lambda: mapping.update(record, changes),
        lambda: mapping.credit_list([record]),
        lambda: mapping.payments([record]),
        lambda: mapping.recurring_charges(record),
        lambda: list(mapping.call_records([record])),
        lambda: mapping.registration(record),
        lambda: mapping.new_account(record, is_signup=True),
    ]
    for read in reads:
        with contextlib.suppress(ProviderProtocolError):
            read()
