"""Bare clients for the wires of the sandbox: what a test sends is what travels."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import requests
from lxml import etree

from portal.sandbox.server import RunningSandbox

VOICETEL = {"username": "2125550100", "password": "Sandbox1"}
VOICETEL_OTHER = {"username": "2125550199", "password": "Sandbox2"}
INTELEPEER = {"username": "sandbox@example.net", "password": "sandbox-secret"}
INTELEPEER_OTHER = {"username": "other@example.net", "password": "other-secret"}
KEY, OTHER_KEY = "SANDBOXKEY0001", "SANDBOXKEY0002"
Element = etree._Element


class VoiceTelClient:
    """A bare client: paths below /v2.2, the bearer of one account."""

    def __init__(self, sandbox: RunningSandbox, login: dict[str, str] | None = VOICETEL) -> None:
        self.base = f"{sandbox.url}/v2.2"
        self.session = requests.Session()
        if login:
            reply = self.call("POST", "/account/api-key", json=login)
            self.session.headers["Authorization"] = f"Bearer {reply.json()['data']['apikey']}"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, self.base + path, timeout=30, **options)

    def data(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        reply = self.call(method, path, **options)
        assert reply.status_code == status, reply.text
        body = reply.json()
        assert body["status"] == "success"
        return body["data"]

    def error(self, method: str, path: str, status: int, **options: Any) -> str:
        reply = self.call(method, path, **options)
        assert reply.status_code == status, reply.text
        body = reply.json()
        assert body["status"] == "error"
        assert body["error"]["code"] == status
        return str(body["error"]["message"])

    def first_number(self) -> str:
        return str(self.data("GET", "/numbers")["numbers"][0]["number"])


class IntelePeerClient:
    """A bare client: paths below /_rest, a raw token."""

    def __init__(self, sandbox: RunningSandbox, login: dict[str, str] = INTELEPEER) -> None:
        self.base = f"{sandbox.url}/_rest"
        self.session = requests.Session()
        self.session.headers["Accept"] = "application/json"
        self.session.headers["Authorization"] = self.body("POST", "/v4/authenticate", json=login)[
            "token"
        ]

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, self.base + path, timeout=30, **options)

    def body(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        reply = self.call(method, path, **options)
        assert reply.status_code == status, reply.text
        return reply.json()

    def error(self, method: str, path: str, status: int, **options: Any) -> str:
        body = self.body(method, path, status, **options)
        assert set(body) == {"code", "error"}
        assert body["code"] == status
        return str(body["error"])

    def stock(self, count: int) -> list[str]:
        """Return numbers for sale that are not magic."""
        found = self.body("GET", "/v4/carrier/tf", params={"npa": "888"})["endpoints"]
        return [each["endpoint"] for each in found if each["endpoint"][-4:-2] != "99"][:count]

    def reserve(self, endpoints: list[str], **more: Any) -> Any:
        return self.body(
            "POST", "/v4/carrier/tf/reservations", json={"endpoints": endpoints, **more}
        )[0]

    def own(self, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.body("GET", "/v4/my/tf", params=query)["endpoints"]
        return found

    def has(self, endpoint: str) -> bool:
        return [row["endpoint"] for row in self.own(like=endpoint)] == [endpoint]


class TollFreeClient:
    """A bare client: commands below /api with the key of one account."""

    def __init__(self, sandbox: RunningSandbox, key: str = KEY) -> None:
        self.sandbox = sandbox
        self.base = f"{sandbox.url}/api"
        self.key = key

    def read(self, command: str, **query: Any) -> requests.Response:
        query = {"key": self.key, **query}
        return requests.get(f"{self.base}/{command}", params=query, timeout=30)

    def write(self, command: str, **form: Any) -> requests.Response:
        form = {"key": self.key, "reqref": str(uuid.uuid4()), **form}
        return requests.post(f"{self.base}/{command}", data=form, timeout=30)

    def item(self, reply: requests.Response) -> dict[str, str]:
        """Return the one item of a good answer."""
        (item,) = results(reply).findall("item")
        return {child.tag: child.text or "" for child in item}

    def query(self, number: str) -> dict[str, str]:
        return self.item(self.read("query", number=number))

    def status(self, number: str) -> str:
        return self.query(number)["status"]

    def reserve(self, number: str, **more: Any) -> requests.Response:
        contact = {"contactname": "Jane Roe", "contactphone": "2125550142"}
        return self.write("reserve", number=number, **{**contact, **more})

    def owned(self, status: str) -> str:
        """Return the first number of the account that has a status."""
        body = self.read("resporgcheck", resporg="SBX01", status=status)
        return str(results(body).findtext("item/number"))

    def copy(self, number: str, **more: Any) -> requests.Response:
        """Copy our default template onto a number, for now unless told otherwise."""
        form = {"number": number, "source": "*SBDEFAULT", "effective": "NOW", **more}
        return self.write("copyrecord", **form)

    def records(self, number: str) -> list[dict[str, str]]:
        """Return the first page of a number's records."""
        found = results(self.read("queryrecord", number=number)).findall("record")
        return [{child.tag: child.text or "" for child in record} for record in found]

    def today(self) -> date:
        return self.sandbox.store.now().date()


def parse(reply: requests.Response) -> Element:
    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith("text/xml")
    root = etree.fromstring(reply.content)
    assert root.tag == "response"
    return root


def results(reply: requests.Response) -> Element:
    root = parse(reply)
    assert root.findtext("status") == "SUCCESS", reply.text
    found = root.find("results")
    assert found is not None
    return found


def codes(reply: requests.Response) -> list[str]:
    root = parse(reply)
    assert root.findtext("status") == "ERROR", reply.text
    return [str(each.findtext("code")) for each in root.findall("errors/error")]


def spare_numbers(
    sandbox: RunningSandbox,
    count: int = 1,
    ending: str = "",
    *,
    provider: str = "custom_toll_free",
) -> list[str]:
    """Return the first numbers for sale: of an ending that stands for a fault, or not magic."""
    rows = sandbox.store.query(
        "SELECT tn FROM number WHERE provider = ? AND status = 'available'"
        " AND tn LIKE ? AND (? <> '' OR substr(tn, 7, 2) <> '99') ORDER BY tn LIMIT ?",
        (provider, f"%{ending}", ending, count),
    )
    return [str(row["tn"]) for row in rows]
