"""The strict mocks themselves: each takes what its reference allows and catches what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.providers.strict import custom_toll_free, intelepeer, voicetel
from tests.providers.strict.check import Dialect
from tests.providers.strict.server import REFUSED, StrictMock

KEY = f"Bearer {'0123456789abcdef' * 2}"
JSON = "application/json"
VOICETEL = {"Accept": JSON, "Authorization": KEY}
INTELEPEER = {"Accept": JSON, "Content-Type": JSON, "Authorization": intelepeer.TOKEN}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
RECORD = custom_toll_free.SAMPLE
WRITE = {"key": "k", "reqref": "ref-1"}
ORDERS = "/v2.2/orders"
UPDATE = {"number": "8885550101", "effective": "NOW", **WRITE}
HOLD = {"contactname": "Jane Roe", "contactphone": "2125550142", "resporg": "ABC01", **WRITE}
IP_ORDERS = "/_rest/v4/my/tf/orders"
HELD = "0B6F2E50-0000-4000-8000-000000000001"


@pytest.fixture
def mock(request: pytest.FixtureRequest) -> Iterator[StrictMock]:
    dialect: Dialect = request.param
    with StrictMock(dialect) as mock:
        yield mock


def send(mock: StrictMock, line: str, headers: dict[str, str], **options: Any) -> int:
    """Send `VERB path` and return the status."""
    method, _, path = line.partition(" ")
    session = requests.Session()
    session.headers.clear()
    url = mock.url + path
    return session.request(method, url, headers=headers, timeout=10, **options).status_code


on_voicetel = pytest.mark.parametrize("mock", [voicetel.DIALECT], indirect=True, ids=[""])
on_intelepeer = pytest.mark.parametrize("mock", [intelepeer.dialect()], indirect=True, ids=[""])
on_toll_free = pytest.mark.parametrize("mock", [custom_toll_free.DIALECT], indirect=True, ids=[""])


def test_the_tables_hold_every_documented_operation() -> None:
    assert len({operation.name for operation in voicetel.OPERATIONS}) == 74
    assert len({operation.name for operation in intelepeer.OPERATIONS}) == 7 + 3
    assert len({operation.name for operation in custom_toll_free.OPERATIONS}) == 11 + 2


@on_voicetel
@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("GET /v2.2/numbers", {}),
        ("POST /v2.2/orders", {"json": {"numbers": ["2125550142"]}}),
        ("POST /v2.2/orders", {"json": {"numbers": [{"number": "2125550142", "route": 4}]}}),
        ("DELETE /v2.2/acl?cidrs=192.0.2.9/32,198.51.100.0/24", {}),
        ("POST /v2.2/numbers/2125550142/release", {}),
        ("GET /v2.2/account/cdr?start=1750000000&end=1749913600", {}),
        ("PUT /v2.2/auth", {"json": {"password": "abc123", "authType": 0}}),
    ],
)
def test_voicetel_takes_what_is_documented(mock: StrictMock, line: str, options: Any) -> None:
    assert 200 <= send(mock, line, VOICETEL, **options) < 300, mock.violations
    assert mock.calls
    assert not mock.violations


@on_voicetel
@pytest.mark.parametrize(
    ("line", "options", "problem"),
    [
        ("GET /v2.2/nowhere", {}, "no operation"),
        ("PATCH /v2.2/orders", {}, "no operation"),
        ("GET /v2.2/numbers?page=1", {}, "unknown parameter page"),
        ("GET /v2.2/inventory?quantity=5", {}, "tnMask is missing"),
        ("GET /v2.2/inventory?tnMask=212&quantity=0", {}, "less than 1"),
        ("GET /v2.2/inventory?tnMask=212&quantity=1001", {}, "more than 1000"),
        ("GET /v2.2/inventory?tnMask=212&quantity=ten", {}, "no integer"),
        ("GET /v2.2/inventory?tnMask=212&tnMask=213", {}, "comes twice"),
        ("GET /v2.2/inventory?tnMask=212&province=Ny", {}, "does not match"),
        ("GET /v2.2/account/credits?status=open", {}, "none of paid, unpaid"),
        ("GET /v2.2/account/cdr?start=1749913600&end=1750000000", {}, "start is older"),
        ("GET /v2.2/account/cdr?start=1750000000000", {}, "more than"),
        ("GET /v2.2/numbers/+12125550142", {}, "path:"),
        ("GET /v2.2/ports/Ab1C", {}, "path:"),
        ("POST /v2.2/orders", {"json": {"numbers": []}}, "0 entries"),
        ("POST /v2.2/orders", {"json": {"numbers": ["2125550142"] * 101}}, "101 entries"),
        ("POST /v2.2/orders", {"json": {"numbers": [2125550142]}}, "no string"),
        ("POST /v2.2/orders", {"json": {"numbers": "2125550142"}}, "no array"),
        ("POST /v2.2/orders", {"json": {"number": "2125550142"}}, "unknown member number"),
        ("POST /v2.2/orders", {"json": ["2125550142"]}, "no object"),
        (
            "POST /v2.2/orders",
            {"json": {"numbers": [{"number": "2125550142", "route": "4"}]}},
            "no integer",
        ),
        ("POST /v2.2/orders", {"data": "{", "headers": {"Content-Type": JSON}}, "no JSON"),
        (
            "POST /v2.2/numbers",
            {"data": '{"number":"2125550142","number":"2125550143"}'},
            "a member comes twice",
        ),
        ("POST /v2.2/numbers", {"json": {"number": "2125550142", "route": True}}, "no integer"),
        ("PUT /v2.2/numbers/2125550142/cnam", {"json": {"enabled": 1}}, "no boolean"),
        ("PUT /v2.2/numbers/2125550142/cnam", {"json": {"enabled": "true"}}, "no boolean"),
        ("PUT /v2.2/numbers/2125550142/cnam", {"json": {}}, "enabled is missing"),
        ("PUT /v2.2/auth", {"json": {"password": "abcdefg"}}, "does not match"),
        ("PUT /v2.2/auth", {"json": {"authType": 4}}, "none of 0, 1, 2, 3"),
        ("POST /v2.2/acl", {"json": {"acl": [{"cidr": "10.0.0.0/8"}]}}, "not routable"),
        ("POST /v2.2/acl", {"json": {"acl": [{"cidr": "192.0.2.9/30"}]}}, "does not match"),
        ("DELETE /v2.2/gateways/1001", {"json": {}}, "a body on"),
        ("DELETE /v2.2/acl", {"json": {"cidrs": "192.0.2.9/32"}}, "a body on"),
        ("POST /v2.2/numbers/2125550142/release", {"json": {}}, "a body on"),
        (
            "PATCH /v2.2/numbers/2125550142/port-out-pin",
            {"json": {"pin": "12345"}},
            "does not match",
        ),
        (
            "PUT /v2.2/numbers/2125550142/sms",
            {"json": {"type": "webhook", "resource": "http://example.net"}},
            "resource of webhook",
        ),
        (
            "POST /v2.2/messages",
            {
                "json": {
                    "fromNumber": "2125550142",
                    "toNumber": "2125550143",
                    "text": "",
                    "subject": "Hello",
                }
            },
            "subject without mediaUrls",
        ),
        ("PATCH /v2.2/numbers/2125550142/messaging", {"json": {}}, "needs one of"),
    ],
)
def test_voicetel_catches_what_is_not(
    mock: StrictMock, line: str, options: Any, problem: str
) -> None:
    headers = {**VOICETEL, **({"Content-Type": JSON} if "data" in options else {})}
    options.pop("headers", None)
    assert send(mock, line, headers, **options) == REFUSED
    assert problem in " ".join(mock.violations)
    assert not mock.calls


@on_voicetel
@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"Accept": JSON}, "authorization is missing"),
        ({"Accept": JSON, "Authorization": KEY[7:]}, "does not match"),
        ({"Accept": JSON, "Authorization": "Bearer short"}, "does not match"),
        ({"Authorization": KEY}, "Accept is missing"),
        ({**VOICETEL, "Idempotency-Key": "spaces are not allowed"}, "does not match"),
        ({**VOICETEL, "Content-Type": "text/plain"}, "Content-Type is text/plain"),
    ],
)
def test_voicetel_reads_headers(mock: StrictMock, headers: Any, problem: str) -> None:
    headers = {"Content-Type": JSON, **headers}
    assert send(mock, f"POST {ORDERS}", headers, data='{"numbers":["2125550142"]}') == REFUSED
    assert problem in " ".join(mock.violations)


@on_voicetel
def test_voicetel_has_public_operations_and_one_with_a_key(mock: StrictMock) -> None:
    login = {"username": "1000000001", "password": "secret"}
    assert send(mock, "POST /v2.2/account/api-key", {"Accept": JSON}, json=login) == 200
    assert send(mock, "POST /v2.2/account/api-key", VOICETEL, json=login) == REFUSED
    keyed = {**VOICETEL, "Idempotency-Key": "order_17-a"}
    assert send(mock, f"POST {ORDERS}", keyed, json={"numbers": ["2125550142"]}) == 201
    assert send(mock, "POST /v2.2/numbers", keyed, json={"number": "2125550142"}) == REFUSED


@on_intelepeer
@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("GET /_rest/v4/carrier/tf?like=%2B1800&page=1&pageSize=100", {}),
        ("GET /_rest/v4/carrier/tf?npa[]=888&npa[]=877&sequential=1", {}),
        ("GET /_rest/v3/my/tf?packageID%5B%5D=1&packageID%5B%5D=2", {}),
        ("GET /_rest/v4/my/tf?hasCpaas=0&label=Front%20desk", {}),
        (
            f"POST {IP_ORDERS}",
            {"json": {"packageID": 30001, "serviceArea": 4, "reservationID": [HELD]}},
        ),
    ],
)
def test_intelepeer_takes_what_is_documented(mock: StrictMock, line: str, options: Any) -> None:
    assert 200 <= send(mock, line, INTELEPEER, **options) < 300, mock.violations
    assert not mock.violations


@on_intelepeer
@pytest.mark.parametrize(
    ("line", "options", "problem"),
    [
        ("GET /_rest/v4/carrier/tf?like=+1800", {}, "bare +"),
        ("GET /_rest/v4/carrier/tf?like=FLOWERS", {}, "does not match"),
        ("GET /_rest/v4/carrier/tf", {}, "needs one of like, npa"),
        ("GET /_rest/v4/carrier/tf?npa=888&npa=877", {}, "npa comes twice"),
        ("GET /_rest/v4/carrier/tf?like=%2B1&sequential=1", {}, "exclude each other"),
        ("GET /_rest/v4/carrier/tf?npa=888&pageSize=101", {}, "more than 100"),
        ("GET /_rest/v4/carrier/tf?npa=888&sequential=true", {}, "neither 0 nor 1"),
        ("GET /_rest/v3/my/tf?hasCpaas=1", {}, "unknown parameter hasCpaas"),
        ("GET /_rest/v5/my/tf", {}, "no operation"),
        (
            "POST /_rest/v4/carrier/tf/reservations",
            {"json": {"endpoints": ["8885550101"]}},
            "does not match",
        ),
        (
            f"POST {IP_ORDERS}",
            {"json": {"packageID": "30001", "serviceArea": 4, "quantity": 1}},
            "no integer",
        ),
        (
            f"POST {IP_ORDERS}",
            {"json": {"packageID": 30001, "serviceArea": 6, "quantity": 1}},
            "none of 1, 2",
        ),
        (f"POST {IP_ORDERS}", {"json": {"packageID": 1, "serviceArea": 4}}, "exactly one"),
        (
            f"POST {IP_ORDERS}",
            {"json": {"packageID": 1, "serviceArea": 4, "endpoints": ["+18885550101"]}},
            "no object",
        ),
        (
            "POST /_rest/v4/my/tf/disconnect",
            {"json": {"endpoints": ["+18885550101"], "referenceID": ""}},
            "0 characters",
        ),
    ],
)
def test_intelepeer_catches_what_is_not(
    mock: StrictMock, line: str, options: Any, problem: str
) -> None:
    assert send(mock, line, INTELEPEER, **options) == REFUSED
    assert problem in " ".join(mock.violations)


@on_intelepeer
@pytest.mark.parametrize("name", ["Accept", "Content-Type", "Authorization"])
def test_intelepeer_wants_three_headers_even_to_read(mock: StrictMock, name: str) -> None:
    assert send(mock, "GET /_rest/v4/my/packages", INTELEPEER) == 200
    fewer = {each: text for each, text in INTELEPEER.items() if each != name}
    assert send(mock, "GET /_rest/v4/my/packages", fewer) == REFUSED
    bearer = {**INTELEPEER, "Authorization": f"Bearer {intelepeer.TOKEN}"}
    assert send(mock, "GET /_rest/v4/my/packages", bearer) == REFUSED
    with StrictMock(intelepeer.dialect("bearer")) as other:
        assert send(other, "GET /_rest/v4/my/packages", bearer) == 200
        assert send(other, "GET /_rest/v4/my/packages", INTELEPEER) == REFUSED


@on_toll_free
@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("GET /api/query?key=k&number=8885550101", None),
        ("GET /api/search?key=k&vanity=flowers&prefix=888;800&numeric=0", None),
        ("POST /api/reserve", {**HOLD, "numbers": "8885550101,8885550102"}),
        ("POST /api/updaterecord", {**UPDATE, "record": RECORD}),
    ],
)
def test_toll_free_takes_what_is_agreed(mock: StrictMock, line: str, form: Any) -> None:
    assert send(mock, line, {}, data=form) == 200, mock.violations
    assert not mock.violations


@on_toll_free
@pytest.mark.parametrize(
    ("line", "form", "problem"),
    [
        ("POST /api/spare?key=k", {"number": "8885550101", **WRITE}, "unknown parameter key"),
        ("GET /api/spare?key=k&number=8885550101&reqref=1", None, "no operation"),
        ("POST /api/spare", {"number": "8885550101", "key": "k"}, "reqref is missing"),
        ("POST /api/spare", {"number": "8885550101", **WRITE, "reqref": "a_b"}, "reqref"),
        ("POST /api/spare", {"number": "2125550142", **WRITE}, "does not match"),
        ("GET /api/query?number=8885550101", None, "key is missing"),
        ("GET /api/query?key=k", None, "exactly one"),
        ("GET /api/query?key=k&number=8885550101&numbers=8885550101", None, "exactly one"),
        ("GET /api/query?key=k&numbers=" + ",".join(["8885550101"] * 11), None, "11 entries"),
        ("GET /api/query?key=k&number=%2B18885550101", None, "does not match"),
        ("GET /api/retrieve?key=k&number=8885550101&parts=CAD,XYZ", None, "none of CAD"),
        ("GET /api/resporgcheck?key=k&resporg=ABC01&since=01/02/2025", None, "does not match"),
        ("GET /api/requeststatus?key=k", None, "exactly one"),
        (
            "POST /api/disconnect",
            {"number": "8885550101", "effective": "2025-01-02T15:31Z", **WRITE},
            "does not match",
        ),
        (
            "POST /api/disconnect",
            {"number": "8885550101", "effective": "NOW", "referral": "true", **WRITE},
            "neither 0 nor 1",
        ),
        (
            "POST /api/disconnect",
            {"number": "8885550101", "effective": "NOW", "interceptend": "2100-01-01", **WRITE},
            "more than 120 days",
        ),
        ("POST /api/reserve", {**HOLD, "number": "8885550101", "until": "2100-01-01"}, "45 days"),
        (
            "POST /api/reserve",
            {**HOLD, "number": "8885550101", "contactname": "J" * 31},
            "31 characters",
        ),
        ("POST /api/updaterecord", {**UPDATE, "record": "<record>"}, "no XML"),
        (
            "POST /api/updaterecord",
            {**UPDATE, "record": RECORD, "action": "change"},
            "without version",
        ),
        (
            "POST /api/updaterecord",
            {**UPDATE, "record": RECORD.replace("<intra>0288", "<intra>288")},
            "intra",
        ),
        (
            "POST /api/updaterecord",
            {**UPDATE, "record": RECORD.replace(">OTHER<", ">*EAST<")},
            "does not end with OTHER",
        ),
        (
            "POST /api/updaterecord",
            {**UPDATE, "record": RECORD.replace("<lads>", "<ladz>").replace("</lads>", "</ladz>")},
            "unknown element ladz",
        ),
        ("GET /api/search?key=k&vanity=ab", None, "does not match"),
    ],
)
def test_toll_free_catches_what_is_not(
    mock: StrictMock, line: str, form: Any, problem: str
) -> None:
    assert send(mock, line, {}, data=form) == REFUSED
    assert problem in " ".join(mock.violations)


@on_toll_free
def test_toll_free_wants_a_form(mock: StrictMock) -> None:
    body = "number=8885550101&key=k&reqref=1"
    assert send(mock, "POST /api/spare", FORM, data=body) == 200
    assert send(mock, "POST /api/spare", {"Content-Type": JSON}, data=body) == REFUSED
    assert "Content-Type" in mock.violations[0]
