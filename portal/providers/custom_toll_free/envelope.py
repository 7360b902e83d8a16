"""The one envelope of all answers: SUCCESS, ERROR or PENDING (custom-toll-free.md section 6).

An answer that cannot be read is a `ProviderProtocolError`, never an empty success.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from portal.providers import xml
from portal.providers.custom_toll_free import codes
from portal.providers.errors import (
    MAYBE_DONE,
    ProviderAuthError,
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.providers.http import retry_after

_STATUS_ERROR = re.compile(r"<status>\s*ERROR\s*</status>", re.IGNORECASE)
_CODE = re.compile(r"<code>\s*(\w+)\s*</code>", re.ASCII | re.IGNORECASE)
_MESSAGE = re.compile(r"<message>([^<]*)</message>", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class WireError:
    """One `error` of an ERROR answer; `field` names the parameter or the record part, if told."""

    code: str
    words: str = ""
    field: str = ""


class Refused(ProviderRefused):
    """A refusal together with all its `errors`: a record may have several mistakes."""

    def __init__(
        self, message: str, *, code: str, operation: str, errors: Sequence[WireError] = ()
    ) -> None:
        super().__init__(message, code=code, operation=operation)
        self.errors = tuple(errors)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A SUCCESS or PENDING answer; `results` is None while the provider is still at work."""

    operation: str
    request_id: str
    results: etree._Element | None = None

    @property
    def is_pending(self) -> bool:
        """Whether the request was accepted and its result is still to come."""
        return self.results is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """What the reader must know of the request to judge its answer."""

    operation: str
    is_write: bool = False
    may_pend: bool = False  # writes, and the list of all numbers


def read(body: bytes, call: Call, *, status: int, headers: Mapping[str, str]) -> Answer:
    """Return the answer in a complete reply.

    Raises the `ProviderError` that an ERROR answer or an HTTP 401 or 403 stands for, and
    `ProviderProtocolError` for anything that is not one of the three documented forms.
    """
    try:
        root = xml.parse(body)
    except (etree.LxmlError, ValueError) as error:
        if found := search_errors(body):
            raise failure(found, call, headers) from error
        raise unreadable(call, status, "the answer is not readable XML") from error
    if not xml.is_named(root, "response"):
        raise unreadable(call, status, "the answer is not a response of this interface")
    word = child_text(root, "status").upper()
    if word == "ERROR":
        raise failure(read_errors(root), call, headers)
    if status >= 400:
        raise unreadable(call, status, "the HTTP status and the answer contradict each other")
    request_id = child_text(root, "requestid")
    if word == "PENDING" or (status == 202 and word == "SUCCESS"):
        return pending(call, request_id)
    results = child(root, "results")
    if word != "SUCCESS" or results is None:
        raise unreadable(call, status, "the answer has no status or no results")
    return Answer(operation=call.operation, request_id=request_id, results=results)


def pending(call: Call, request_id: str) -> Answer:
    """Return a PENDING answer; raises `ProviderUnavailable` for a read that may not pend."""
    if not call.may_pend:
        raise ProviderUnavailable(
            "The provider is still looking the answer up. Nothing was changed.",
            code="PENDING",
            operation=call.operation,
        )
    return Answer(operation=call.operation, request_id=request_id)


def child(element: etree._Element, name: str) -> etree._Element | None:
    """Return the first direct child of that name."""
    return next((each for each in element if xml.is_named(each, name)), None)


def child_text(element: etree._Element, name: str) -> str:
    """Return the stripped text of the first direct child of that name, "" if there is none."""
    found = child(element, name)
    return "" if found is None else "".join(map(str, found.itertext())).strip()


def read_errors(root: etree._Element) -> list[WireError]:
    """Return the `error` elements anywhere below `root`."""
    return [
        WireError(
            code=child_text(each, "code").lower(),
            words=child_text(each, "message"),
            field=child_text(each, "field"),
        )
        for each in root.iterdescendants()
        if xml.is_named(each, "error")
    ]


def search_errors(body: bytes) -> list[WireError]:
    """Return the errors in an ERROR answer that is not well-formed, by a search of its text.

    The provider's own sample leaves `errors` unclosed (section 5). Only complete `code` elements
    count, so that a code that was cut short is never taken for another.
    """
    text = body.decode("utf-8", "replace")
    text = _CDATA.sub(lambda found: html.escape(found[1]), text)
    if not _STATUS_ERROR.search(text):
        return []
    words = [html.unescape(each).strip() for each in _MESSAGE.findall(text)]
    return [
        WireError(code=code.lower(), words=words[position] if position < len(words) else "")
        for position, code in enumerate(_CODE.findall(text))
    ]


def failure(errors: list[WireError], call: Call, headers: Mapping[str, str]) -> ProviderError:
    """Return the exception for an ERROR answer, by its first code (section 7.12)."""
    if not errors or not errors[0].code:
        return unreadable(call, 200, "the answer is an error without a code")
    first = errors[0]
    words = "; ".join(
        f"{each.words} ({each.field})" if each.field else each.words
        for each in errors[:5]
        if each.words
    )
    message = codes.sentence(first.code, words[:400])
    kind = codes.meaning(first.code).kind
    if kind == "auth":
        return ProviderAuthError(message, code=first.code, operation=call.operation)
    if kind == "lost" and call.is_write:
        return ProviderTimeout(f"{message} {MAYBE_DONE}", code=first.code, operation=call.operation)
    if kind == "refused":
        if call.is_write:
            message = f"{message} Nothing was changed."
        return Refused(message, code=first.code, operation=call.operation, errors=errors)
    return ProviderUnavailable(
        message,
        code=first.code,
        operation=call.operation,
        retry_at=retry_after(headers.get("retry-after", "")),
    )


def unreadable(call: Call, status: int, why: str) -> ProviderError:
    """Return the exception for a reply without a readable answer (section 6, rule 5).

    A read that met a 5xx may be tried again; what became of a write is not known.
    """
    if status == 401:
        words = codes.sentence("invalid_key")
        return ProviderAuthError(words, code="401", operation=call.operation)
    if status == 403:
        words = codes.sentence("permission_denied")
        return Refused(words, code="permission_denied", operation=call.operation)
    if status >= 500 and not call.is_write:
        return ProviderUnavailable(
            f"The provider answered with an internal error ({status}).",
            code=str(status),
            operation=call.operation,
        )
    tail = f" {MAYBE_DONE}" if call.is_write else ""
    return ProviderProtocolError(
        f"The provider’s reply could not be understood: {why}.{tail}",
        code="" if status == 200 else str(status),
        operation=call.operation,
    )
