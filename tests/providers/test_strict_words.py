"""Whatever words reach a toll-free client: it refuses them itself, or what it sends is allowed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.providers.base import Account
from portal.providers.custom_toll_free.client import CustomTollFreeClient
from portal.providers.errors import ProviderError
from portal.providers.intelepeer.client import IntelePeerClient
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.strict import custom_toll_free, intelepeer
from tests.providers.strict.custom_toll_free_record import SAMPLE
from tests.providers.strict.server import StrictMock

ONE = TN("+18885550101")
HELD = "0B6F2E50-0000-4000-8000-000000000001"
HOLD = {"reqref": "r", "contact_name": "Jane Roe", "contact_phone": "2125550142"}
ORDER: dict[str, Any] = {"package_id": 1, "service_area": 4, "reservation_ids": [HELD]}
Say = Callable[[Any, str], Any]


def listed(client: CustomTollFreeClient, **filters: Any) -> None:
    with client.resporgcheck(**filters) as rows:
        list(rows)


WORDS: dict[str, list[Say]] = {
    "intelepeer": [
        lambda c, text: c.carrier_tf(like=text),
        lambda c, text: c.carrier_tf(npas=[text]),
        lambda c, text: c.carrier_tf_reservations([ONE], reservation_id=text),
        lambda c, text: c.my_tf_v3(like=[text, "+1888"]),
        lambda c, text: c.my_tf_v4(label=text),
        lambda c, text: c.my_tf_orders(reference_id=text, **ORDER),
        lambda c, text: c.my_tf_orders(reference_id="r", email=text, **ORDER),
        lambda c, text: c.my_tf_package([ONE], package_id=1, reference_id="r", notes=text),
        lambda c, text: c.my_tf_disconnect([TN(text)], reference_id="r"),
    ],
    "custom_toll_free": [
        lambda c, text: c.search(vanity=text),
        lambda c, text: c.search(vanity="555", prefixes=[text]),
        lambda c, text: c.search(vanity="555", sources=[text]),
        lambda c, text: c.reserve([ONE], **{**HOLD, "reqref": text}),
        lambda c, text: c.reserve([ONE], **{**HOLD, "contact_name": text}),
        lambda c, text: c.reserve([ONE], **{**HOLD, "contact_phone": text}),
        lambda c, text: c.reserve([ONE], **HOLD, notes=text),
        lambda c, text: c.query([TN(text)]),
        lambda c, text: c.disconnect(ONE, reqref="r", notes=text),
        lambda c, text: c.changeresporg([ONE], new_resporg=text, reqref="r"),
        lambda c, text: c.queryrecord(ONE, start=text),
        lambda c, text: c.retrieve(ONE, parts=[text]),
        lambda c, text: c.copyrecord(ONE, source=text, reqref="r"),
        lambda c, text: c.updaterecord(ONE, record=SAMPLE, reqref="r", action=text, version=1),
        lambda c, text: c.requeststatus(request_id=text),
        lambda c, text: c.requeststatus(reqref=text),
        lambda c, text: listed(c, statuses=[text]),
    ],
}
EACH = [(slug, index) for slug, calls in WORDS.items() for index in range(len(calls))]
SENSIBLE = st.sampled_from(
    [
        "+18885550101",
        "8885550101",
        "+1888",
        "888",
        "*ABEAST",
        "ABC01",
        "CAD",
        "create",
        "SPARE",
        "Jane Roe",
        "J" * 30,
        "J" * 31,
        "n" * 151,
        "n" * 152,
        "a@example.net",
        "spare",
        "r" * 36,
    ]
)
TEXTS = SENSIBLE | st.text(max_size=40) | st.text("0123456789+-*abzABZ .,;@\n\t", max_size=40)


@pytest.fixture(scope="module")
def mocks() -> Iterator[dict[str, tuple[StrictMock, Any]]]:
    """Lend a mock and a client on it for each provider."""
    with (
        StrictMock(intelepeer.dialect()) as first,
        StrictMock(custom_toll_free.DIALECT) as second,
    ):
        login = {"username": "api-user@example.net", "password": "secret-1"}
        one = _account("intelepeer", first, login)
        two = _account("custom_toll_free", second, {"key": "K3Y0001"})
        yield {
            "intelepeer": (first, IntelePeerClient(one, RecordingRuntime())),
            "custom_toll_free": (second, CustomTollFreeClient(two, RecordingRuntime())),
        }


def _account(slug: str, mock: StrictMock, credentials: dict[str, str]) -> Account:
    settings = {"resporg": "ABC01"}
    return Account(
        slug=slug, name="Words", base_url=mock.url, credentials=credentials, settings=settings
    )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.parametrize(("slug", "index"), EACH)
@given(text=TEXTS)
@example(text="")
@example(text="\ud800")
@example(text="é\u00a0\U0001f642")
def test_nothing_off_the_reference_leaves(mocks: Any, slug: str, index: int, text: str) -> None:
    mock, client = mocks[slug]
    with contextlib.suppress(ValueError, ProviderError):
        WORDS[slug][index](client, text)
    assert not mock.violations, mock.violations.pop()


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1))  # noqa: DTZ001


@settings(max_examples=60, deadline=None)
@given(moment=MOMENTS, is_aware=st.booleans(), days=st.integers(-10, 200))
def test_no_time_off_the_contract_leaves(
    mocks: Any, moment: datetime, is_aware: bool, days: int
) -> None:
    mock, client = mocks["custom_toll_free"]
    effective = moment.replace(tzinfo=UTC) if is_aware else moment
    today = datetime.now(UTC).date()
    calls: list[Callable[[], Any]] = [
        lambda: client.disconnect(
            ONE,
            reqref="r",
            effective=effective,
            intercept_end=effective.date() + timedelta(days=days),
        ),
        lambda: client.reserve([ONE], **HOLD, until=today + timedelta(days=days)),
        lambda: client.reserve([ONE], **HOLD, until=moment),
        lambda: client.changeresporg([ONE], new_resporg="XYZ99", reqref="r", effective=moment),
        lambda: listed(client, since=date(moment.year, moment.month, moment.day)),
        lambda: listed(client, since=moment),
    ]
    for call in calls:
        with contextlib.suppress(ValueError):
            call()
        assert not mock.violations, mock.violations.pop()
