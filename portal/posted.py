"""What a form posted, read with suspicion: ids, numbers, and idempotency keys."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.http import HttpRequest

from portal.jobs.submit import new_key

_TN = re.compile(r"\+[0-9]{1,15}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9:_-]{1,64}", re.ASCII)


def ids(request: HttpRequest, name: str) -> list[int]:
    """Return the ids that were posted under `name`; what is no id is left out."""
    return [int(value) for value in request.POST.getlist(name) if is_id(value)]


def many_ids(request: HttpRequest, name: str) -> list[int]:
    """Return the ids that were posted under `name`, joined by dots or one by one."""
    texts = (text for value in request.POST.getlist(name) for text in value.split("."))
    return [int(text) for text in texts if is_id(text)]


def is_id(value: str) -> bool:
    """Return whether a text could be the id of a row."""
    return value.isascii() and value.isdigit() and len(value) < 19


def tns(texts: Iterable[str]) -> list[str]:
    """Return the numbers among texts; what is no E.164 is left out."""
    return [text for text in texts if _TN.fullmatch(text)]


def key(request: HttpRequest) -> str:
    """Return the key of the form; empty for one without, or with nonsense in its place."""
    posted = request.POST.get("key", "")
    return posted if _KEY.fullmatch(posted) else ""


def key_or_new(request: HttpRequest) -> str:
    """Return the key of the form, or a fresh one: then a second click is a second intent."""
    return key(request) or new_key()
