"""What a value must look like, in a JSON body or as text in a query, form or path."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

WHOLE = re.compile(r"0|-?[1-9][0-9]*")


class Rule(ABC):
    """Judges one value: each problem found is a few words."""

    @abstractmethod
    def check(self, value: Any) -> Iterator[str]:
        """Judge a JSON value."""

    def check_text(self, text: str) -> Iterator[str]:
        """Judge a value that travels as text."""
        return self.check(text)


@dataclass(frozen=True, kw_only=True)
class Text(Rule):
    """A string; `pattern` must match all of it."""

    pattern: str = r"[^\x00-\x1f\x7f]*"
    least: int = 1
    most: int = 100_000
    enum: Sequence[str] = ()

    def check(self, value: Any) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{value!r} is no string"
            return
        if self.enum and value not in self.enum:
            yield f"{value!r} is none of {', '.join(self.enum)}"
        if not self.least <= len(value) <= self.most:
            yield f"{value!r} has {len(value)} characters, not {self.least} to {self.most}"
        elif not re.fullmatch(self.pattern, value, re.ASCII):
            yield f"{value!r} does not match {self.pattern}"


@dataclass(frozen=True, kw_only=True)
class Whole(Rule):
    """A whole number: in JSON no string, no boolean and no fraction."""

    least: int | None = None
    most: int | None = None
    enum: Sequence[int] = ()

    def check(self, value: Any) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield f"{value!r} is no integer"
            return
        if self.enum and value not in self.enum:
            yield f"{value} is none of {', '.join(map(str, self.enum))}"
        if self.least is not None and value < self.least:
            yield f"{value} is less than {self.least}"
        if self.most is not None and value > self.most:
            yield f"{value} is more than {self.most}"

    def check_text(self, text: str) -> Iterator[str]:
        if WHOLE.fullmatch(text):
            yield from self.check(int(text))
        else:
            yield f"{text!r} is no integer"


@dataclass(frozen=True)
class Flag(Rule):
    """True or false in JSON, 0 or 1 as text."""

    def check(self, value: Any) -> Iterator[str]:
        if not isinstance(value, bool):
            yield f"{value!r} is no boolean"

    def check_text(self, text: str) -> Iterator[str]:
        if text not in ("0", "1"):
            yield f"{text!r} is neither 0 nor 1"


@dataclass(frozen=True, kw_only=True)
class Items(Rule):
    """An array; as text a list divided by `mark`."""

    item: Rule
    least: int = 1
    most: int = 100_000
    mark: str = ","

    def check(self, value: Any) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{value!r} is no array"
            return
        yield from self._count(value)
        for index, each in enumerate(value):
            for problem in self.item.check(each):
                yield f"[{index}] {problem}"

    def check_text(self, text: str) -> Iterator[str]:
        parts = text.split(self.mark)
        yield from self._count(parts)
        for part in parts:
            yield from self.item.check_text(part)

    def _count(self, values: Sequence[Any]) -> Iterator[str]:
        if not self.least <= len(values) <= self.most:
            yield f"{len(values)} entries, not {self.least} to {self.most}"


@dataclass(frozen=True, kw_only=True)
class OneOf(Rule):
    """Any one of several forms."""

    rules: Sequence[Rule]

    def check(self, value: Any) -> Iterator[str]:
        yield from self._judge([list(rule.check(value)) for rule in self.rules])

    def check_text(self, text: str) -> Iterator[str]:
        yield from self._judge([list(rule.check_text(text)) for rule in self.rules])

    def _judge(self, verdicts: Sequence[list[str]]) -> Iterator[str]:
        if all(verdicts):
            yield " / ".join(verdict[0] for verdict in verdicts)


@dataclass(frozen=True)
class Table(Rule):
    """Named values: the members of an object, or the parameters of a query or form.

    A name that ends in `*` is required; a name that ends in `[]` may come repeatedly. `also`
    judges what concerns several values at once.
    """

    members: Mapping[str, Rule] = field(default_factory=dict)
    also: Sequence[Callable[[Mapping[str, Any]], Iterator[str]]] = ()

    def names(self) -> dict[str, Rule]:
        """Return the rules by name, without the marks of the required ones."""
        return {name.removesuffix("*"): rule for name, rule in self.members.items()}

    def missing(self, given: Mapping[str, Any]) -> Iterator[str]:
        """Yield a problem for each required name that is not given."""
        for name in self.members:
            if name.endswith("*") and name.removesuffix("*") not in given:
                yield f"{name.removesuffix('*')} is missing"

    def check(self, value: Any) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{value!r} is no object"
            return
        rules = self.names()
        yield from self.missing(value)
        for name, member in value.items():
            if name not in rules:
                yield f"unknown member {name}"
                continue
            for problem in rules[name].check(member):
                yield f"{name}: {problem}"
        for judge in self.also:
            yield from judge(value)

    def check_pairs(self, pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
        """Judge the parameters of a query or a form."""
        rules = self.names()
        given: dict[str, Any] = {}
        for name, text in pairs:
            if name in given and not name.endswith("[]"):
                yield f"{name} comes twice"
            given.setdefault(name, text)
            if name not in rules:
                yield f"unknown parameter {name}"
                continue
            for problem in rules[name].check_text(text):
                yield f"{name}: {problem}"
        yield from self.missing(given)
        for judge in self.also:
            yield from judge(given)


def exactly_one(*names: str) -> Callable[[Mapping[str, Any]], Iterator[str]]:
    """Return a judge that wants one of some names, and only one."""

    def judge(given: Mapping[str, Any]) -> Iterator[str]:
        if len(given.keys() & set(names)) != 1:
            yield f"needs exactly one of {', '.join(names)}"

    return judge


def at_least_one(*names: str) -> Callable[[Mapping[str, Any]], Iterator[str]]:
    """Return a judge that wants one or more of some names."""

    def judge(given: Mapping[str, Any]) -> Iterator[str]:
        if not given.keys() & set(names):
            yield f"needs one of {', '.join(names)}"

    return judge


def not_together(*names: str) -> Callable[[Mapping[str, Any]], Iterator[str]]:
    """Return a judge that wants no more than one of some names."""

    def judge(given: Mapping[str, Any]) -> Iterator[str]:
        if len(given.keys() & set(names)) > 1:
            yield f"{' and '.join(names)} exclude each other"

    return judge


def newer_first(newer: str, older: str) -> Callable[[Mapping[str, Any]], Iterator[str]]:
    """Return a judge of a time range that is named from its newer edge to its older one."""

    def judge(given: Mapping[str, Any]) -> Iterator[str]:
        edges = [given.get(newer, ""), given.get(older, "")]
        if all(WHOLE.fullmatch(edge) for edge in edges) and int(edges[0]) < int(edges[1]):
            yield f"{newer} is older than {older}"

    return judge


ANY = Text()
MAYBE_EMPTY = Text(least=0)
TN10 = Text(pattern=r"[2-9][0-9]{2}[2-9][0-9]{2}[0-9]{4}")
STATE = Text(pattern=r"[A-Z]{2}")
EMAIL = Text(pattern=r"[^@\s,]+@[^@\s,]+\.[^@\s,]+")
DAY = Text(pattern=r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
URL = Text(pattern=r"https?://[^\s/]+(/\S*)?")
# Seconds: a count of milliseconds is beyond the year 2100.
EPOCH = Whole(least=1_000_000_000, most=4_102_444_800)
