"""The words in which the table of addresses says who gets what; see `test_access_matrix`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

WHO = ("anonymous", "viewer", "operator", "admin", "bob", "alice", "charlie")
ROLES = ("viewer", "operator", "administrator", "member", "manager", "manager")

EVERYBODY = "302 200 200 200 200 200 200"
STAFF = "302 200 200 200 403 403 403"
OWNERS_AND_STAFF = "302 200 200 200 200 200 404"
OPERATORS = "302 403 200 200 403 403 403"
OPERATORS_POST = "302 403 302 302 403 403 403"
# The form lacks what it must have.
OPERATORS_FORM = "302 403 422 422 403 403 403"
ADMINISTRATORS = "302 403 403 200 403 403 403"
NO_SUCH = "302 403 403 404 403 403 403"
ADMINISTRATORS_POST = "302 403 403 302 403 403 403"
ONLY_OLGA = "302 403 200 404 403 403 403"
OLGAS = "302 404 200 404 404 404 404"
MANAGERS = "302 403 403 403 403 200 200"
ANSWERERS = "302 403 200 200 403 200 404"

TN = {"tn": "+13125550142"}
JOB = {"pk": "job"}
ACCOUNT = {"pk": "account"}
SEARCH = {"pk": "search"}
ORDER = {"pk": "order"}
PRESET = {"pk": "preset"}
ROUTE = {"pk": "route"}
GROUP = {"pk": "group"}
PORT = {"pk": "port"}


@dataclass(frozen=True)
class Line:
    """One address: the answers, how it is asked, and what about."""

    answers: str
    method: str = "get"
    args: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    is_part: bool = False  # of a page: asked for by htmx, else it leads to its page

    def ask(
        self,
        client: Client,
        name: str,
        things: dict[str, int],
        odd: dict[str, str] | None = None,
        *,
        method: str = "",
    ) -> HttpResponse:
        """Return the answer to this person; `odd` values stand in for those of the table."""
        url = reverse(name, kwargs={key: things.get(v, v) for key, v in self.args.items()})
        values = odd or {key: things.get(v, v) for key, v in self.values.items()}
        headers = {"HX-Request": "true"} if self.is_part else None
        return getattr(client, method or self.method)(url, values, headers=headers)


def get(answers: str, args: dict[str, str] | None = None, **values: Any) -> Line:
    """Return a line for a page that is read."""
    return Line(answers, "get", args or {}, values)


def part(answers: str, args: dict[str, str] | None = None) -> Line:
    """Return a line for a part of a page."""
    return Line(answers, "get", args or {}, is_part=True)


def post(answers: str, args: dict[str, str] | None = None, **values: Any) -> Line:
    """Return a line for an address that only takes POST."""
    return Line(answers, "post", args or {}, values)
