"""What domains show on pages of the platform, registered as callables in their AppConfig."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.http import HttpRequest

from portal.models import Customer, Job, ProviderAccount, User


@dataclass(frozen=True, kw_only=True)
class Task:
    """One line of “waiting for me”, with its one main button."""

    title: str
    note: str = ""
    url: str
    action: str = "Open"
    tone: str = "warn"
    weight: int = 50  # smaller comes first


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One figure on Home."""

    label: str
    value: str
    url: str = ""
    note: str = ""


class Part(NamedTuple):
    """A piece of a bar: what it stands for, how much, and its colour."""

    label: str
    value: int
    tone: str


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of a picture: a share of the largest one, in pieces where it has `parts`."""

    label: str
    value: int
    url: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a grid; `level` is how deep its colour is, from 0 to 5, `note` marks it."""

    label: str
    value: int
    level: int
    url: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Plot:
    """One picture on Home, told in figures too.

    `bars` or `cells`, drawn on the server, or `data`, which static/portal/plot.js draws; `rows`
    under `head` are its table.
    """

    name: str
    title: str
    bars: tuple[Bar, ...] = ()
    cells: tuple[Cell, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()

    @property
    def largest(self) -> int:
        """The value of the longest bar."""
        return max((bar.value for bar in self.bars), default=0)

    @property
    def legend(self) -> list[Part]:
        """The pieces that its bars have, each once."""
        return list({part.label: part for bar in self.bars for part in bar.parts}.values())


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One find of the global search."""

    title: str
    note: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Hits:
    """The finds of one kind; `exact_url` is where one exact find leads at once."""

    title: str
    hits: list[Hit] = field(default_factory=list)
    more_url: str = ""
    exact_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A part of a page that belongs to a domain: its template and what that is drawn from."""

    template: str
    context: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ShareCount:
    """How many of a customer's things are in one state, as shown, and where they are listed."""

    label: str
    value: str
    url: str
    tone: str = "muted"


@dataclass(frozen=True, kw_only=True)
class Share:
    """What a domain has of one customer; `empty` says so where it has nothing."""

    title: str
    url: str
    counts: tuple[ShareCount, ...]
    empty: str


@dataclass(frozen=True, kw_only=True)
class JobLink:
    """Where a job's page leads on: what can be done with its outcome."""

    label: str
    url: str
    icon: str = "arrow-right"


tasks: list[Callable[[User], Iterable[Task]]] = []
tiles: list[Callable[[User], Iterable[Tile]]] = []
plots: list[Callable[[User], Iterable[Plot]]] = []
searches: list[Callable[[User, str], Hits]] = []
job_links: list[Callable[[Job, User], Iterable[JobLink]]] = []
account_panels: list[Callable[[HttpRequest, ProviderAccount], Panel]] = []
# On a number's page, in this order: (the number, who looks) → the panel, None where it has none.
number_panels: list[Callable[[Any, User], Panel | None]] = []
# What the timeline of a number calls the audit verbs that domains write on it: (words, tone).
number_verbs: dict[str, tuple[str, str]] = {}
# Where a domain takes something up for numbers, by the kind of what it does there (“e911.set”):
# (numbers in E.164) → the page.
number_ways: dict[str, Callable[[list[str]], str]] = {}
# On a customer's page: (the customer, who looks) → what a domain has of it.
customer_shares: list[Callable[[Customer, User], Share]] = []
# Which of some numbers (E.164) have a page that this person may see.
known_numbers: list[Callable[[User, Collection[str]], set[str]]] = []
# For the customers of a page: how many numbers each has, as it is shown ("10,000+").
customer_counts: list[Callable[[list[int]], dict[int, str]]] = []


def numbers_here(user: User, texts: Iterable[str]) -> set[str]:
    """Return those of some texts that are numbers with a page that this person may see."""
    asked = {text for text in texts if text.startswith("+")}
    return {tn for source in known_numbers for tn in source(user, asked)} if asked else set()
