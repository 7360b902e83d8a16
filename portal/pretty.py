"""Raw bodies of exchanges as a person reads them: a line per element, indented."""

from __future__ import annotations

import json
import re

_BETWEEN_TAGS = re.compile(r"(?<=>)\s*(?=<)")
_INDENT = "  "


def readable(body: str) -> str:
    """Return a JSON or XML body with a line per element; anything else, cut JSON too, as it is.

    XML that was cut, or that never was well-formed, is laid out as far as it goes: what is shown
    here is often looked at because it is broken.
    """
    text = body.strip()
    if text.startswith(("{", "[")):
        return _json(text)
    return _xml(text) if text.startswith("<") else body


def _json(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def _xml(text: str) -> str:
    lines: list[str] = []
    depth = 0
    for token in _BETWEEN_TAGS.split(text):
        is_closing = token.startswith("</")
        if is_closing:
            depth = max(depth - 1, 0)
        lines.append(f"{_INDENT * depth}{token}")
        closes_itself = token.endswith("/>") or "</" in token
        if not is_closing and not closes_itself and not token.startswith(("<?", "<!")):
            depth += 1
    return "\n".join(lines)
