"""The control addresses: reset, clock, settings, numbers, and who may use them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from portal.sandbox import control
from portal.sandbox.http import Request
from portal.sandbox.server import RunningSandbox
from tests.sandbox.soap_client import GROUP, SoapClient

ROOT = Path(__file__).parents[2]


def now(sandbox: RunningSandbox) -> datetime:
    return datetime.fromisoformat(sandbox.state()["now"])


def refusal(sandbox: RunningSandbox, path: str, **fields: object) -> str:
    answer = requests.post(f"{sandbox.url}/_sandbox/{path}", json=fields, timeout=10)
    assert answer.status_code == 400, answer.text
    return str(answer.json()["error"])


def test_reset_brings_back_stock_state_and_clock(sandbox: RunningSandbox) -> None:
    soap = SoapClient(sandbox.url)
    fresh = sandbox.state()["numbers"]
    soap.order("assignDID", "3125550149", epg=GROUP)
    sandbox.control("clock", advance="45d")
    sandbox.control("fault", provider="*", fault="http_500", operation="nothing", times=-1)
    sandbox.control("setting", key="voicetel.rate_limit", value="off")
    assert sandbox.state()["numbers"] != fresh

    state = sandbox.control("reset")
    assert state["numbers"] == fresh
    assert (state["faults"], state["calls"]) == ([], 0)
    assert "voicetel.rate_limit" not in state["settings"]
    assert abs(now(sandbox) - datetime.now(UTC)) < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("45d", timedelta(days=45)),
        ("30m", timedelta(minutes=30)),
        ("20s", timedelta(seconds=20)),
        ("1h 30m", timedelta(minutes=90)),
        ("-2d", timedelta(days=-2)),
    ],
)
def test_clock_advances(sandbox: RunningSandbox, step: str, expected: timedelta) -> None:
    before = now(sandbox)
    sandbox.control("clock", advance=step)
    assert abs(now(sandbox) - before - expected) < timedelta(seconds=10)


def test_clock_is_set_and_runs_on(sandbox: RunningSandbox) -> None:
    sandbox.control("clock", now="2030-01-02T03:04:05Z")
    moment = now(sandbox)
    assert timedelta() <= moment - datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC) < timedelta(seconds=10)
    assert now(sandbox) > moment


def test_the_clock_survives_a_restart(tmp_path: Path) -> None:
    with RunningSandbox(tmp_path, scale=0.01) as sandbox:
        sandbox.control("clock", advance="400d")
    with RunningSandbox(tmp_path, scale=0.01) as sandbox:
        assert now(sandbox) - datetime.now(UTC) > timedelta(days=399)


def test_forms_do_as_well_as_json(sandbox: RunningSandbox) -> None:
    answer = requests.post(
        f"{sandbox.url}/_sandbox/fault",
        data={
            "provider": "voicetel",
            "operation": "orders.create",
            "fault": "timeout",
            "times": "2",
        },
        timeout=10,
    )
    (fault,) = answer.json()["faults"]
    assert (fault["kind"], fault["times"], fault["operation"]) == ("stall", 2, "orders.create")


def test_senseless_controls_say_why(sandbox: RunningSandbox) -> None:
    assert "unknown fault 'sneeze'" in refusal(sandbox, "fault", provider="*", fault="sneeze")
    assert "`fault` is missing" in refusal(sandbox, "fault", provider="*")
    assert "`provider` is one of" in refusal(sandbox, "fault", provider="acme", fault="stall")
    assert "`times` is not a number" in refusal(
        sandbox, "fault", provider="*", fault="stall", times="many"
    )
    assert "`advance`" in refusal(sandbox, "clock", advance="soon")
    assert "`advance` is missing" in refusal(sandbox, "clock")
    assert "ISO 8601" in refusal(sandbox, "clock", now="tomorrow")
    assert "`tn` is ten digits" in refusal(sandbox, "number", provider="voicetel", tn="12")
    assert "a number has no `colour`" in refusal(
        sandbox, "number", provider="voicetel", tn="3125550142", colour="red"
    )
    assert "`status` is one of" in refusal(
        sandbox, "number", provider="voicetel", tn="3125550142", status="lost"
    )
    answer = requests.post(f"{sandbox.url}/_sandbox/clock", data=b"{not json", timeout=10)
    assert answer.status_code == 400
    assert sandbox.state()["faults"] == []
    assert requests.get(f"{sandbox.url}/_sandbox/reset", timeout=10).status_code == 405
    assert requests.get(f"{sandbox.url}/_sandbox/other", timeout=10).status_code == 404


def test_a_number_changes_behind_the_portals_back(sandbox: RunningSandbox) -> None:
    soap = SoapClient(sandbox.url)
    mine = soap.call("auditDIDs")["DIDs"][0]["tn"]
    sandbox.control("number", provider="voip_innovations", tn=mine, status="foreign", account="")
    assert soap.query(mine)["statusCode"] == "102235"
    row = sandbox.control(
        "number", provider="voip_innovations", tn="9075550199", state="AK", data={"epg": 1}
    )
    assert (row["status"], row["state"], json.loads(row["data"])) == ("available", "AK", {"epg": 1})


def test_state_shows_no_secret(sandbox: RunningSandbox) -> None:
    shown = requests.get(f"{sandbox.url}/_sandbox/state", timeout=10).text
    for secret in ("sandbox-secret", "Sandbox1", "SANDBOXKEY0001"):
        assert secret not in shown


def test_the_page_shows_counts_and_magic_numbers(sandbox: RunningSandbox) -> None:
    page = requests.get(f"{sandbox.url}/_sandbox/", timeout=10)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "…9903<td>drop_after" in page.text
    assert "voip_innovations" in page.text


def test_only_this_machine_may_control(sandbox: RunningSandbox) -> None:
    for remote, status in (("127.0.0.1", 200), ("::1", 200), ("198.51.100.7", 403), ("", 403)):
        request = Request(method="GET", path="/_sandbox/state", remote=remote)
        assert control.answer(request, sandbox.store).status == status


def start(directory: Path, port: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "manage.py", "runsandbox", "--scale", "0.01"),
            *("--port", str(port), "--dir", str(directory)),
        ],
        cwd=ROOT,
        env={**os.environ, "SECRET_KEY": "only-for-this-test", "SALT_KEY": "only-for-this-test"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_when_it_is_ready_and_stops_cleanly(
    tmp_path: Path, sign: signal.Signals
) -> None:
    process = start(tmp_path)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Sandbox ready on http://127.0.0.1:"), line
        url = line.split()[-1]
        assert requests.get(f"{url}/_sandbox/state", timeout=10).status_code == 200
        process.send_signal(sign)
        _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (0, "")
    finally:
        process.kill()
        process.wait()


def test_a_taken_port_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start(tmp_path, taken.getsockname()[1])
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "cannot start on 127.0.0.1" in errors
    assert "Traceback" not in errors


def test_the_helper_tells_of_refusals(sandbox: RunningSandbox) -> None:
    with pytest.raises(urllib.error.HTTPError):
        sandbox.control("fault", fault="sneeze")
