"""Judging one request against the table of a provider."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.providers.strict.routes import Operation, Seen
from tests.providers.strict.rules import Rule


class Headers:
    """Judges of single headers; names are lower-case."""

    @staticmethod
    def accepts(seen: Seen, media_type: str) -> Iterator[str]:
        """Want a media type among those that Accept lists."""
        listed = seen.headers.get("accept", "").split(",")
        if media_type not in [part.partition(";")[0].strip() for part in listed]:
            yield f"header Accept is {seen.headers.get('accept', 'missing')}, not {media_type}"

    @staticmethod
    def content_type(seen: Seen, media_type: str) -> Iterator[str]:
        """Want a media type as Content-Type."""
        given = seen.headers.get("content-type", "missing")
        if given.partition(";")[0].strip() != media_type:
            yield f"header Content-Type is {given}, not {media_type}"

    @staticmethod
    def matches(seen: Seen, name: str, rule: Rule) -> Iterator[str]:
        """Want a header, and what it must look like."""
        if name not in seen.headers:
            yield f"header {name} is missing"
            return
        for problem in rule.check_text(seen.headers[name]):
            yield f"header {name}: {problem}"

    @staticmethod
    def absent(seen: Seen, name: str) -> Iterator[str]:
        """Want no such header."""
        if name in seen.headers:
            yield f"header {name} is not documented here"


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """A provider's table and manners.

    `headers` judges the headers of a call, `wrap` puts a payload into the success envelope.
    `is_plus_literal` tells that a bare `+` in a query is not taken for a space, and so must be
    written `%2B`. `encode` turns an enveloped payload into content and its media type.
    """

    name: str
    operations: Sequence[Operation]
    headers: Callable[[Operation, Seen], Iterator[str]]
    wrap: Callable[[Operation, Any], Any]
    is_plus_literal: bool = False
    encode: Callable[[Any], tuple[bytes, str]] = lambda payload: (
        json.dumps(payload).encode(),
        "application/json",
    )

    def find(self, method: str, path: str) -> tuple[Operation, Mapping[str, str]] | None:
        """Return the operation of a verb and path; literal paths come before those with names."""
        for operation in sorted(self.operations, key=lambda each: each.name.count("{")):
            match = operation.regex.fullmatch(path)
            if match and operation.method == method:
                return operation, match.groupdict()
        return None


def judge(dialect: Dialect, seen: Seen) -> tuple[Operation | None, Seen, list[str]]:
    """Return the operation, the request with what was read of it, and all that is wrong with it."""
    found = dialect.find(seen.method, unquote(seen.path))
    if found is None:
        return None, seen, [f"no operation {seen.method} {seen.path}"]
    operation, names = found
    seen = replace(seen, names=names)
    problems: list[str] = []
    for name, text in names.items():
        problems += [f"path: {each}" for each in operation.names[name].check_text(text)]
    query, query_problems = _pairs(seen.raw_query, is_plus_literal=dialect.is_plus_literal)
    seen = replace(seen, query=query)
    problems += [f"query: {each}" for each in query_problems]
    problems += [f"query: {each}" for each in operation.query.check_pairs(query)]
    problems += dialect.headers(operation, seen)
    for name, rule in operation.headers.items():
        if name in seen.headers:
            problems += Headers.matches(seen, name, rule)
    seen, content_problems = _content(operation, seen)
    return operation, seen, [*problems, *content_problems]


def _pairs(raw: str, *, is_plus_literal: bool) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    """Return the pairs of a query and what is wrong with its writing."""
    problems = []
    if is_plus_literal and "+" in raw:
        problems.append("a bare + instead of %2B")
        raw = raw.replace("+", "%2B")
    if not raw:
        return (), problems
    try:
        return tuple(
            parse_qsl(raw, keep_blank_values=True, strict_parsing=True, errors="strict")
        ), problems
    except ValueError as error:
        return (), [*problems, f"unreadable: {error}"]


def _content(operation: Operation, seen: Seen) -> tuple[Seen, list[str]]:
    """Return the request with its body or form read, and what is wrong with it."""
    if operation.form is not None:
        form, problems = _pairs(seen.content.decode("utf-8", "replace"), is_plus_literal=False)
        problems += operation.form.check_pairs(form)
        return replace(seen, form=form), [f"form: {each}" for each in problems]
    if operation.body is None:
        is_empty = not seen.content and "chunked" not in seen.headers.get("transfer-encoding", "")
        return seen, [] if is_empty else [f"a body on {operation.name}"]
    try:
        body = json.loads(
            seen.content.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
        )
    except ValueError as error:
        return seen, [f"body is no JSON: {error}"]
    return replace(seen, body=body), [f"body: {each}" for each in operation.body.check(body)]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member comes twice")
    return dict(pairs)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
