"""The telephone number (TN) as a value: parsing, E.164, NPA, NXX, toll-free test.

Pure Python without Django, so that adapters, the sandbox's clients and plain scripts can use it.
Numbers inside the North American plan take a fast path; everything else goes through `phonenumbers`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

TOLL_FREE_NPAS: Final = frozenset({"800", "833", "844", "855", "866", "877", "888"})

# Signs that steer the direction of writing come along unseen from address books and web pages.
_UNSEEN = r"\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_PUNCTUATION = re.compile(rf"[\s().\-/\u2010-\u2015\u00a0{_UNSEEN}]+")
_NANP = re.compile(r"(?:\+?1)?([2-9]\d{2})([2-9]\d{2})(\d{4})", re.ASCII)
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+", re.ASCII)
_WORDS_OF_ONE = 4  # "1 312 555 0142"
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")


class InvalidTN(ValueError):
    """A text that is not a telephone number; `str(error)` is a sentence for the person who typed it."""


class TN(str):
    """A telephone number in E.164, such as ``+13125550142``; compares and stores as that text."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> TN:
        """Return the number that a person or a file wrote, in any usual spelling.

        Accepts ten digits, eleven with a leading 1, ``+1``, dots, dashes, brackets and spaces, and
        international numbers with ``+``. Raises `InvalidTN` with a sentence that says what is wrong.
        """
        shown = text.strip()
        if not shown:
            raise InvalidTN("No number was given.")
        if len(shown) > 40:
            raise InvalidTN(f"“{shown[:20]}…” is too long to be one telephone number.")
        compact = _PUNCTUATION.sub("", shown)
        if match := _NANP.fullmatch(compact):
            return cls._checked_nanp(match[1], match[2], match[3], shown)
        if _SCIENTIFIC.fullmatch(shown):
            raise InvalidTN(
                f"“{shown}” was changed by a spreadsheet. Format the column as text and try again."
            )
        return cls._parse_other(compact, shown)

    @classmethod
    def _checked_nanp(cls, npa: str, nxx: str, line: str, shown: str) -> TN:
        if npa[1:] == "11" or nxx[1:] == "11":
            raise InvalidTN(f"“{shown}” is not a number: N11 codes are service codes.")
        # N9X is kept for expansion, 37X and 96X are not used (NANPA numbering-plan pages).
        if npa[1] == "9" or npa[:2] in {"37", "96"}:
            raise InvalidTN(f"“{shown}” has an area code that is not in use ({npa}).")
        return cls(f"+1{npa}{nxx}{line}")

    @classmethod
    def _parse_other(cls, compact: str, shown: str) -> TN:
        digits = compact.removeprefix("+")
        if any(c.isalpha() for c in compact):
            raise InvalidTN(f"“{shown}” has letters in it. Write the number in digits.")
        if not digits.isascii() or not digits.isdigit():
            raise InvalidTN(f"“{shown}” has characters that no telephone number has.")
        if not compact.startswith("+"):
            if len(digits) == 7:
                raise InvalidTN(f"“{shown}” has no area code. Write all ten digits.")
            if len(digits) in {10, 11}:
                raise InvalidTN(
                    f"“{shown}” is not a North American number: "
                    "area code and exchange start with 2 to 9."
                )
            raise InvalidTN(
                f"“{shown}” has {len(digits)} digit{'s' * (len(digits) != 1)}. "
                "Write ten digits, or + and the country code."
            )
        if digits.startswith("1"):
            raise InvalidTN(f"“{shown}” is not a valid +1 number: it needs ten digits after the 1.")
        import phonenumbers  # 48 MB and slow to load: only for numbers outside the plan

        try:
            number = phonenumbers.parse(compact)
        except phonenumbers.NumberParseException as error:
            raise InvalidTN(f"“{shown}” is not a telephone number.") from error
        if not phonenumbers.is_possible_number(number):
            raise InvalidTN(f"“{shown}” is not a possible international number.")
        return cls(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    @classmethod
    def from_digits10(cls, digits: str) -> TN:
        """Return the number for ten bare digits from a provider; no check beyond the length."""
        if len(digits) != 10:
            raise InvalidTN(f"“{digits}” does not have ten digits.")
        return cls(f"+1{digits}")

    @property
    def is_nanp(self) -> bool:
        """Whether the number lies in the North American plan (+1 and ten digits)."""
        return self.startswith("+1") and len(self) == 12

    @property
    def npa(self) -> str | None:
        """The area code, or None outside the North American plan."""
        return self[2:5] if self.is_nanp else None

    @property
    def nxx(self) -> str | None:
        """The exchange, or None outside the North American plan."""
        return self[5:8] if self.is_nanp else None

    @property
    def digits10(self) -> str:
        """The ten digits that North American providers want; raises `InvalidTN` for others."""
        if not self.is_nanp:
            raise InvalidTN(f"{self} is not a North American number.")
        return self[2:]

    @property
    def is_toll_free(self) -> bool:
        """Whether the area code is one of the seven toll-free codes in use."""
        return self.is_nanp and self[2:5] in TOLL_FREE_NPAS

    @property
    def pretty(self) -> str:
        """The number as people read it: ``(312) 555-0142``; E.164 outside the plan."""
        return f"({self[2:5]}) {self[5:8]}-{self[8:]}" if self.is_nanp else str(self)


def keypad_digits(letters: str) -> str:
    """Return the digits that `letters` stand for on a telephone keypad; digits stay as they are."""
    return letters.upper().translate(_KEYPAD)


def parse_many(text: str) -> tuple[list[TN], list[tuple[int, str, str]]]:
    """Return the distinct numbers in a pasted text, and the bad entries.

    Entries are split at line ends, commas, semicolons and tabs, North American numbers also at the
    spaces between them; the second list holds (line number from 1, the entry, the reason) for each
    entry that is not a number. Order is that of the text.
    """
    good: dict[TN, None] = {}
    bad: list[tuple[int, str, str]] = []
    for line_number, line in enumerate(text.splitlines(), start=1):
        for entry in _entries(line):
            try:
                good[TN.parse(entry)] = None
            except InvalidTN as error:
                bad.append((line_number, entry[:60], str(error)))
    return list(good), bad


def _entries(line: str) -> Iterator[str]:
    """Yield what a line holds, without quotation marks: numbers, and what stands between them."""
    for part in re.split(r"[,;\t]", line):
        entry = part.strip().strip("\"'").strip()
        if not entry:
            continue
        words = entry.split()
        is_abroad = any(word.startswith("+") and not word.startswith("+1") for word in words)
        if len(words) == 1 or is_abroad or _is_nanp(words):
            yield entry
        else:
            yield from _apart(words)


def _apart(words: list[str]) -> Iterator[str]:
    """Yield the numbers in words that belong together or not, and the words between them."""
    others: list[str] = []
    start = 0
    while start < len(words):
        ends = range(start + 1, min(start + _WORDS_OF_ONE, len(words)) + 1)
        end = next((end for end in ends if _is_nanp(words[start:end])), 0)
        if not end:
            others.append(words[start])
            start += 1
            continue
        if others:
            yield " ".join(others)
            others = []
        yield " ".join(words[start:end])
        start = end
    if others:
        yield " ".join(others)


def _is_nanp(words: list[str]) -> bool:
    return bool(_NANP.fullmatch(_PUNCTUATION.sub("", "".join(words))))
