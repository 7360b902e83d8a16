"""One operation of a provider as its reference has it: what may come, and what is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.providers.strict.rules import Rule, Table


@dataclass(frozen=True)
class Echo:
    """Stands in an answer for a value of the request: of its path, query, form or body.

    `kind` turns the text of a path or query into an integer (`int`) or a list (`list`).
    """

    source: str
    name: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request as the mock read it: `body` is the JSON, `form` the pairs of a form."""

    method: str
    path: str
    raw_query: str
    headers: Mapping[str, str]
    content: bytes
    names: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    body: Any = None


@dataclass(frozen=True)
class Operation:
    """One verb and path.

    `names` holds the rules of the path's `{names}`. `body` None means that nothing may be sent;
    `form` likewise. `headers` lists documented headers beyond those of every call. `answer` is the
    payload, with `Echo` where the request decides, or a function of the request; None is an empty
    body.
    """

    name: str
    answer: Any = None
    status: int = 200
    names: Mapping[str, Rule] = field(default_factory=dict)
    query: Table = field(default_factory=Table)
    body: Table | None = None
    form: Table | None = None
    headers: Mapping[str, Rule] = field(default_factory=dict)
    is_public: bool = False

    @property
    def method(self) -> str:
        return self.name.partition(" ")[0]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Match the path; a segment may be anything, its rule judges it."""
        path = self.name.partition(" ")[2]
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.replace(".", r"\.")))


def fill(answer: Any, seen: Seen) -> Any:
    """Return an answer with what the request decides put in; a value that is not there is None."""
    if callable(answer):
        return answer(seen)
    if isinstance(answer, Echo):
        return _echoed(answer, seen)
    if isinstance(answer, Mapping):
        return {name: fill(member, seen) for name, member in answer.items()}
    if isinstance(answer, list):
        return [fill(each, seen) for each in answer]
    return answer


def _echoed(echo: Echo, seen: Seen) -> Any:
    sources: dict[str, Mapping[str, Any]] = {
        "path": seen.names,
        "query": dict(seen.query),
        "form": dict(seen.form),
        "body": seen.body if isinstance(seen.body, dict) else {},
    }
    value = sources[echo.source].get(echo.name)
    if isinstance(value, str) and echo.kind == "list":
        return value.split(",")
    return int(value) if isinstance(value, str) and echo.kind == "int" else value
