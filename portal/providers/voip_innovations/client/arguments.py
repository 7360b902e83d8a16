"""What the wire's arguments must look like; ValueError with a sentence before anything is sent."""

from __future__ import annotations

import re

from portal.providers.dto.features import NAME_LENGTH, PIN_LENGTH

_NAME = re.compile(r"[A-Za-z0-9 ]*[A-Za-z0-9][A-Za-z0-9 ]*")
_PIN = re.compile(rf"\d{{0,{PIN_LENGTH}}}", re.ASCII)
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>.]+(\.[^@\s,;<>.]+)+")
_INTERNATIONAL = re.compile(r"[1-9]\d{7,14}", re.ASCII)


def require_id(value: int, what: str) -> int:
    """Return an id of the provider unchanged: a positive int, however the element spells it."""
    if not 0 < value < 2**31:
        raise ValueError(f"{what} is a positive number, not {value}")
    return value


def require_name(name: str) -> str:
    """Return a caller name unchanged: 1 to 15 letters, digits and blanks (2.7, code 934)."""
    if len(name) > NAME_LENGTH:
        raise ValueError(
            f"a caller name has at most {NAME_LENGTH} characters, blanks included; "
            f"this one has {len(name)}"
        )
    if not _NAME.fullmatch(name):
        raise ValueError("a caller name has letters without accents, digits and blanks only")
    return name


def require_pin(pin: str) -> str:
    """Return a PIN unchanged: up to eight digits; an empty one lets everybody in (2.5)."""
    if not _PIN.fullmatch(pin):
        raise ValueError(f"a PIN has at most {PIN_LENGTH} digits, and nothing else")
    return pin


def require_email(email: str) -> str:
    """Return one mail address unchanged."""
    if not _EMAIL.fullmatch(email):
        raise ValueError(f"{email[:80]!r} is not a mail address")
    return email


def require_international(tn: str) -> str:
    """Return a number outside the North American plan unchanged: country code first, no plus."""
    if not _INTERNATIONAL.fullmatch(tn):
        raise ValueError(f"{tn[:40]!r} is not a number with its country code")
    return tn
