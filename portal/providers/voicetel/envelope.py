"""Envelopes and statuses: from a reply to its `data`, or to one of the five errors (1.2, 1.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    off_contract,
)
from portal.providers.http import StreamedReply
from portal.providers.rest import clean, not_json, parse, read_json
from portal.providers.voicetel import codes
from portal.providers.voicetel.methods.core import Method

Record = dict[str, Any]

_REFUSALS = frozenset({400, 402, 403, 404})


def read_data(reply: StreamedReply, method: Method) -> Record | None:
    """Return the `data` of a reply, None where 404 means "there is none".

    Raises what `failure` says for a status that is no success, and `ProviderProtocolError` for a
    body without the envelope.
    """
    if reply.status == 404 and method.is_empty_on_404:
        require_not_found(reply, method)
        return None
    if reply.status == 204 and method.answers_without_body:
        reply.read_all()
        return {}
    if reply.status not in {200, 201}:
        raise failure(reply, method)
    document = read_json(reply)
    if not isinstance(document, dict):
        raise off_contract(method.name, method.is_write, "it has no envelope")
    require_success(document, method)
    content = document.get("data")
    if content is None and method.answers_without_body:
        return {}
    if not isinstance(content, dict):
        raise off_contract(method.name, method.is_write, "it has no data")
    return content


def require_success(document: Record, method: Method) -> None:
    """Raise unless an envelope that came with a success status says success itself.

    One that says error: for a read `ProviderRefused`, for a write, where the two contradict each
    other about what was done, `ProviderProtocolError`.
    """
    if document.get("status") == "success":
        return
    said = _error(document)
    if said is None or method.is_write:
        raise off_contract(method.name, method.is_write, "its status is not “success”")
    code, message = said
    sentence = _sentence(code, message, codes.status(code, method.name))
    raise ProviderRefused(sentence, code=code, operation=method.name)


def require_not_found(reply: StreamedReply, method: Method) -> None:
    """Raise `ProviderProtocolError` unless a 404 comes with the provider's own error envelope.

    A wrong base address answers 404 too, and must never read as "you own nothing".
    """
    if _read_error(reply) is None:
        raise not_json(reply)


def failure(reply: StreamedReply, method: Method) -> ProviderError:
    """Return the error for a status that is no success; reads the body.

    401 is `ProviderAuthError` whatever the body, but on the routes where it is about the item: there
    it is a refusal like the others. The other statuses need the error envelope: then
    they are `ProviderRefused`, or `ProviderUnavailable` for a 5xx that is documented as "nothing
    was written". What is left is `ProviderProtocolError`, unknown for a write.
    """
    code = str(reply.status)
    said = _read_error(reply)
    message = said[1] if said else ""
    if reply.status == 401 and not method.not_ours_on_401:
        sentence = _sentence(code, message, codes.SIGN_IN_REFUSED)
        return ProviderAuthError(sentence, code=code, operation=method.name)
    if said is None:
        return not_json(reply)
    sentence = _sentence(code, message, codes.status(code, method.name))
    if reply.status in method.nothing_done_on:
        return ProviderUnavailable(sentence, code=code, operation=method.name)
    is_plain_no = reply.status in _REFUSALS | method.refusals | {401}
    if 400 <= reply.status < 500 and (is_plain_no or not method.is_write):
        return ProviderRefused(sentence, code=code, operation=method.name)
    what = f"status {code} is not documented here ({message})"
    error = off_contract(method.name, method.is_write, what)
    error.code = code
    return error


def read_conflict(reply: StreamedReply, method: Method) -> tuple[str, Record]:
    """Return message and document of a 409 that also tells what was carried out (1.2).

    Raises `ProviderProtocolError` for a body without an error: then nobody knows.
    """
    document = read_json(reply)
    said = _error(document)
    if said is None:
        raise not_told(method)
    return said[1], document


def not_told(method: Method) -> ProviderError:
    """Return the error for a 409 that should tell what was carried out, and does not."""
    error = off_contract(method.name, method.is_write, "it does not tell what was carried out")
    error.code = "409"
    return error


def records(content: Record | None, name: str, method: Method) -> list[Record]:
    """Return the records of a list in `data`; raises `ProviderProtocolError` for anything else."""
    listed = (content or {}).get(name)
    if not isinstance(listed, list):
        raise off_contract(method.name, method.is_write, f"it has no list “{name}”")
    return list(only_records(listed, method))


def only_records(elements: Iterable[Any], method: Method) -> Iterable[Record]:
    """Yield the objects of a list, nulls left out; raises `ProviderProtocolError` for others."""
    for element in elements:
        if element is None:
            continue
        if not isinstance(element, dict):
            raise off_contract(method.name, method.is_write, "a record is not an object")
        yield element


def _read_error(reply: StreamedReply) -> tuple[str, str] | None:
    try:
        return _error(parse(reply.read_all()))
    except ValueError:
        return None


def _error(document: Any) -> tuple[str, str] | None:
    """Return code and message of an error envelope, nested or (as the SDKs read it) flat.

    A flat one says that it is an error, or has a code: a message alone is what any gateway writes.
    """
    if not isinstance(document, dict) or document.get("status") == "success":
        return None
    inner = document.get("error")
    holder = inner if isinstance(inner, dict) else document
    code, message = clean(holder.get("code")), clean(holder.get("message"))
    if not message and not (code.isdigit() and isinstance(inner, dict)):
        return None
    if holder is document and document.get("status") != "error" and not code.isdigit():
        return None
    if requirement := clean(holder.get("requirement")):  # on one route (1.2)
        message = f"{message} ({requirement})"
    return code, message[:300]


def _sentence(code: str, message: str, words: codes.Words) -> str:
    said = f" It said: {message}" if message else ""
    tail = "" if code == "502" else " Nothing was carried out."
    return f"{words.happened}{tail}{said}"
