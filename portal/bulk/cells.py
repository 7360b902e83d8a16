"""What a cell of a file means: plain functions from text to a value that JSON can hold.

Each raises `ValueError` with a sentence for the person who wrote the cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.tn import TN

Clean = Callable[[str], Any]

CLEARS = ("-", "CLEAR")
# What an export puts an apostrophe before: else a spreadsheet would run it, or we would read it as
# the word that clears a cell. Quoted texts are quoted once more, so that nothing is lost on the way.
QUOTED = r"^'*[ \t\r\n]*([=+@\t\r-]|CLEAR[ \t\r\n]*$)"
BLANKS = " \t\r\n"  # that are no part of a cell at its ends; other spaces are
_QUOTED = re.compile(rf"'(?={QUOTED[1:]})")


def unquoted(text: str) -> str:
    """Return a cell as it was before an export quoted it, without blanks at its ends."""
    begun = text.lstrip(BLANKS)
    return (begun[1:] if _QUOTED.match(begun) else begun).strip(BLANKS)


def tn(text: str) -> str:
    """Return a telephone number in E.164."""
    return str(TN.parse(text))


def text_of(most: int) -> Clean:
    """Return a function that takes any text of at most `most` characters."""

    def clean(text: str) -> str:
        if len(text) > most:
            raise ValueError(f"This has {len(text):,} characters; {most:,} are allowed.")
        return text

    return clean


def line_of(most: int) -> Clean:
    """Return a function that takes a text without line ends, of at most `most` characters."""
    inner = text_of(most)

    def clean(text: str) -> str:
        if "\n" in text or "\r" in text:
            raise ValueError("This has a line end in it, and only one line has room here.")
        return str(inner(text))

    return clean


def one_of(*words: str) -> Clean:
    """Return a function that takes one of some words, in any case."""

    def clean(text: str) -> str:
        word = text.lower()
        if word not in words:
            raise ValueError(f"“{text[:40]}” is none of: {', '.join(words)}.")
        return word

    return clean


def yes_no(text: str) -> bool:
    """Return the truth value of a word."""
    word = text.lower()
    if word in {"yes", "true", "on", "1"}:
        return True
    if word in {"no", "false", "off", "0"}:
        return False
    raise ValueError(f"“{text[:40]}” is neither yes nor no.")


def amount(*, digits: int, places: int) -> Clean:
    """Return a function that takes dollars; the value is a text with all places."""
    step = Decimal(1).scaleb(-places)

    def clean(text: str) -> str:
        try:
            value = Decimal(text.removeprefix("$").replace(",", ""))
        except InvalidOperation as error:
            raise ValueError(f"“{text[:40]}” is no amount. Write 1.25.") from error
        if not value.is_finite() or value < 0:
            raise ValueError("An amount is not below zero.")
        if value != value.quantize(step):
            raise ValueError(f"An amount has at most {places} decimal places.")
        if value >= Decimal(10) ** (digits - places):
            raise ValueError("This amount is too large.")
        return str(value.quantize(step))

    return clean
