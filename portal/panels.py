"""What domains show on pages of the platform, registered as callables in their AppConfig."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from portal.models import ProviderAccount, User


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


@dataclass(frozen=True, kw_only=True)
class Plot:
    """One picture on Home; `data` is what static/portal/plot.js draws, `rows` its table."""

    name: str
    title: str
    data: dict[str, Any]
    head: tuple[str, ...]
    rows: list[tuple[Any, ...]]


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
    """A part of a provider account's page: a template of the domain and its context."""

    template: str
    context: dict[str, Any]


tasks: list[Callable[[User], Iterable[Task]]] = []
tiles: list[Callable[[User], Iterable[Tile]]] = []
plots: list[Callable[[User], Iterable[Plot]]] = []
searches: list[Callable[[User, str], Hits]] = []
account_panels: list[Callable[[HttpRequest, ProviderAccount], Panel]] = []
customer_counts: list[Callable[[], dict[int, int]]] = []
