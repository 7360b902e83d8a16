"""What goes wrong on demand, at the socket, and the log that proves what was carried out."""

from __future__ import annotations

import http.client
import time
from typing import Any

import pytest
import requests

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import IntelePeerClient, VoiceTelClient
from tests.sandbox.soap_client import CREDENTIALS, GROUP, SoapClient, envelope, for_sale

VI = "voip_innovations"


def assign(soap: SoapClient, *tns: str) -> list[tuple[str, str]]:
    return soap.order("assignDID", *tns, epg=GROUP)


def fault(sandbox: RunningSandbox, kind: str, operation: str = "assignDID", **more: Any) -> None:
    sandbox.control("fault", provider=VI, operation=operation, fault=kind, **more)


def carried_out(sandbox: RunningSandbox, tn: str) -> list[bool]:
    return [row["carried_out"] for row in sandbox.log(operation="assignDID", tn=tn)]


def is_owned(soap: SoapClient, tn: str) -> bool:
    return bool(soap.query(tn)["availability"] == "assigned")


def test_a_good_order_is_logged_once_with_what_was_done(
    sandbox: RunningSandbox, soap: SoapClient
) -> None:
    tn, theirs = for_sale(soap, 2)
    SoapClient(sandbox.url, {"login": "sandbox2", "secret": "sandbox2-secret"}).order(
        "assignDID", theirs, epg=14550
    )
    assign(soap, tn, theirs)
    (row,) = sandbox.log(provider=VI, operation="assignDID", tn=tn)
    assert row["tns"] == [tn, theirs]
    assert row["done"] == [tn]
    assert (row["carried_out"], row["status"], row["fault"]) == (True, 200, "")

    assign(soap, tn)
    assert carried_out(sandbox, tn) == [True, False]


def test_drop_before_cuts_the_line_and_does_nothing(
    sandbox: RunningSandbox, soap: SoapClient
) -> None:
    (tn,) = for_sale(soap, 1)
    fault(sandbox, "drop_before")
    with pytest.raises(requests.ConnectionError):
        assign(soap, tn)
    assert not is_owned(soap, tn)
    assert carried_out(sandbox, tn) == [False]
    assert assign(soap, tn) == [(tn, "100")]


def test_drop_after_cuts_the_line_and_has_done_it(
    sandbox: RunningSandbox, soap: SoapClient
) -> None:
    (tn,) = for_sale(soap, 1)
    fault(sandbox, "drop_after")
    with pytest.raises(requests.ConnectionError):
        assign(soap, tn)
    assert is_owned(soap, tn)
    assert carried_out(sandbox, tn) == [True]
    assert assign(soap, tn) == [(tn, "104225")]


def test_stall_does_it_at_once_and_answers_late(sandbox: RunningSandbox, soap: SoapClient) -> None:
    (tn,) = for_sale(soap, 1)
    fault(sandbox, "stall", seconds=0.6)
    before = time.monotonic()
    assert assign(soap, tn) == [(tn, "100")]
    assert time.monotonic() - before >= 0.6
    assert carried_out(sandbox, tn) == [True]


def test_garbage_and_truncated_bodies(sandbox: RunningSandbox, soap: SoapClient) -> None:
    first, second = for_sale(soap, 2)
    fault(sandbox, "garbage")
    answer = soap.send("assignDID", didParams={"DIDParam": [{"tn": first, "epg": GROUP}]})
    assert answer.status_code == 200
    assert "Envelope" not in answer.text
    fault(sandbox, "truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        soap.send("assignDID", didParams={"DIDParam": [{"tn": second, "epg": GROUP}]})
    assert is_owned(soap, first)
    assert is_owned(soap, second)


def test_truncated_stream_ends_in_the_middle(sandbox: RunningSandbox, soap: SoapClient) -> None:
    fault(sandbox, "truncated", "auditDIDs")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        soap.send("auditDIDs")
    assert len(soap.call("auditDIDs")["DIDs"]) == 240


def test_slow_drips_the_body_a_piece_a_second(sandbox: RunningSandbox, soap: SoapClient) -> None:
    whole = soap.send("GetPrepaidBalance").content
    fault(sandbox, "slow", "GetPrepaidBalance", seconds=2)
    before = time.monotonic()
    body = envelope("GetPrepaidBalance", CREDENTIALS)
    answer = requests.post(soap.address, body, timeout=1.5, stream=True)
    pieces, moments = [], []
    while piece := answer.raw.read1(65536):
        pieces.append(piece)
        moments.append(time.monotonic() - before)
    assert b"".join(pieces) == whole
    assert len(pieces) == 3
    assert [round(moment) for moment in moments] == [0, 1, 2]
    (_, row) = sandbox.log(operation="GetPrepaidBalance")
    assert (row["carried_out"], row["fault"]) == (True, "slow")


def test_a_rest_operation_goes_by_its_documented_name_too(sandbox: RunningSandbox) -> None:
    client = VoiceTelClient(sandbox)
    first = client.first_number()
    read_fax = "GET /v2.2/numbers/{number}/fax"
    sandbox.control("fault", provider="voicetel", operation=read_fax, fault="http_500", times=-1)
    assert client.call("GET", f"/numbers/{first}").status_code == 200
    assert client.call("PUT", f"/numbers/{first}/fax", json={"email": "a@example.net"}).ok
    assert client.call("GET", f"/numbers/{first}/fax").status_code == 500
    (row,) = sandbox.log(operation=read_fax)
    assert (row["operation"], row["documented"], row["tns"]) == ("fax.get", read_fax, [first])
    assert sandbox.log(operation="fax.get") == [row]
    assert len(sandbox.log(operation="put /v2.2/numbers/{tn}/fax")) == 1


def test_a_documented_name_stands_for_one_version_of_a_path(sandbox: RunningSandbox) -> None:
    client = IntelePeerClient(sandbox)
    own = "GET /_rest/v3/my/tf"
    sandbox.control("fault", provider="intelepeer", operation=own, fault="http_500", times=-1)
    assert client.call("GET", "/v4/my/tf").status_code == 200
    assert client.call("GET", "/v3/my/tf").status_code == 500
    assert len(sandbox.log(operation=own)) == 1
    assert len(sandbox.log(operation="my.tf.list")) == 2


def test_a_documented_name_that_no_route_has_is_refused(sandbox: RunningSandbox) -> None:
    for name in ("POST /v2.2/nowhere", "PATCH /v2.2/orders"):
        reply = requests.post(
            f"{sandbox.url}/_sandbox/fault",
            json={"operation": name, "fault": "refuse"},
            timeout=10,
        )
        assert reply.status_code == 400
        assert name in reply.json()["error"]
    assert not sandbox.state()["faults"]


@pytest.mark.parametrize(("kind", "status"), [("rate_limit", 429), ("http_500", 500)])
def test_refusals_of_the_transport_do_nothing(
    sandbox: RunningSandbox, soap: SoapClient, kind: str, status: int
) -> None:
    (tn,) = for_sale(soap, 1)
    fault(sandbox, kind)
    answer = soap.send("assignDID", didParams={"DIDParam": [{"tn": tn, "epg": GROUP}]})
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status == 429)
    assert not is_owned(soap, tn)


def test_faults_count_down_and_can_be_cleared(sandbox: RunningSandbox, soap: SoapClient) -> None:
    fault(sandbox, "http_500", "GetPrepaidBalance", times=2)
    statuses = [soap.send("GetPrepaidBalance").status_code for _ in range(3)]
    assert statuses == [500, 500, 200]

    fault(sandbox, "http_500", "*", times=-1)
    assert [soap.send("GetPrepaidBalance").status_code for _ in range(3)] == [500] * 3
    assert sandbox.state()["faults"][0]["kind"] == "http_500"
    sandbox.control("fault/clear")
    assert soap.send("GetPrepaidBalance").status_code == 200


def test_match_tn_confines_a_fault(sandbox: RunningSandbox, soap: SoapClient) -> None:
    hit, spared, batched = for_sale(soap, 3)
    fault(sandbox, "partial", times=-1, match_tn=hit[-4:])
    assert assign(soap, spared) == [(spared, "100")]
    assert assign(soap, hit, batched) == [(hit, "104235"), (batched, "100")]


def test_partial_without_a_number_strikes_the_second_half(
    sandbox: RunningSandbox, soap: SoapClient
) -> None:
    tns = for_sale(soap, 4)
    fault(sandbox, "partial")
    assert [code for _, code in assign(soap, *tns)] == ["100", "100", "104235", "104235"]


def test_a_fault_of_another_provider_or_operation_does_not_strike(
    sandbox: RunningSandbox, soap: SoapClient
) -> None:
    sandbox.control("fault", provider="voicetel", operation="*", fault="http_500")
    fault(sandbox, "http_500", "releaseDID")
    assert soap.send("GetPrepaidBalance").status_code == 200
    assert len(sandbox.state()["faults"]) == 2


def test_magic_numbers_strike_writes_once_or_always(
    sandbox: RunningSandbox, soap: SoapClient
) -> None:
    for _ in range(2):
        assert assign(soap, "3125559901") == [("3125559901", "104221")]
        assert assign(soap, "3125559905") == [("3125559905", "104235")]
    for line, done in (("9903", True), ("9907", False)):
        with pytest.raises(requests.ConnectionError):
            assign(soap, f"312555{line}")
        assert is_owned(soap, f"312555{line}") == done
    limited = soap.send("assignDID", didParams={"DIDParam": [{"tn": "3125559906", "epg": GROUP}]})
    assert limited.status_code == 429
    for line in ("9906", "9907"):
        assert assign(soap, f"312555{line}") == [(f"312555{line}", "100")]


def test_magic_garbage_and_stall(sandbox: RunningSandbox, soap: SoapClient) -> None:
    answer = soap.send("reserveDID", didParams={"DIDParam": [{"tn": "3125559904"}]})
    assert answer.text.startswith("<html>")
    assert soap.order("reserveDID", "3125559904") == [("3125559904", "103220")]
    with pytest.raises(requests.ReadTimeout):
        requests.post(soap.address, _assign_body("3125559902"), timeout=0.5)
    assert is_owned(soap, "3125559902")


def _assign_body(tn: str) -> str:
    params = {"DIDParam": [{"tn": tn, "epg": GROUP}]}
    return envelope("assignDID", {**CREDENTIALS, "didParams": params})


def test_a_connection_is_kept_and_a_cut_one_is_not(sandbox: RunningSandbox) -> None:
    host = sandbox.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    for _ in range(3):
        connection.request("GET", "/_sandbox/state")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        assert answer.version == 11
    assert connection.sock is not None
    connection.close()


def test_chunked_requests_and_unknown_addresses(sandbox: RunningSandbox, soap: SoapClient) -> None:
    def pieces() -> Any:
        yield _assign_body("3125550149").encode()[:50]
        yield _assign_body("3125550149").encode()[50:]

    assert requests.post(soap.address, pieces(), timeout=10).status_code == 200
    assert is_owned(soap, "3125550149")
    assert requests.get(f"{sandbox.url}/nowhere", timeout=10).status_code == 404
    wrong = requests.delete(soap.address, timeout=10)
    assert wrong.status_code == 405
    assert wrong.headers["Allow"] == "GET, POST"
