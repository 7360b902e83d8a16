"""What can be changed by a file: a class per kind, declared in the `bulk` module of a domain.

A kind says which columns there are and what a cell means (plain functions), what holds now (one query
over all lines), how values of ours are written (set by set), and which jobs tell providers the rest.
The engine does everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from portal.bulk.cells import Clean
from portal.bulk.reading import normal
from portal.models import Job, Upload, User


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a kind.

    `clean` turns a cell into a value that JSON can hold; a column without it is read and never
    written: an export has it for people. `cleared` is the value of a cell that clears, None where
    nothing can be cleared. A column that `is_fixed` may not differ from what holds. One that
    `is_order` is told to a provider by a job. A secret is sealed on arrival.
    """

    name: str
    help: str
    clean: Clean | None = None
    example: str = ""
    is_required: bool = False
    can_clear: bool = False
    cleared: Any = ""
    is_fixed: bool = False
    is_order: bool = False
    is_secret: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Query:
    """SQL and its parameters."""

    sql: str
    params: Sequence[Any] = ()


@dataclass(frozen=True, kw_only=True)
class Step:
    """Requests to one provider account that a run takes."""

    what: str
    rows: int
    calls: int
    minutes: int = 0


@dataclass(kw_only=True)
class Plan:
    """What a run takes; `cost` are dollars as text, "" where no charge is known."""

    steps: list[Step] = field(default_factory=list)
    cost: str = ""
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what the upload keeps of it: accounts are asked side by side, so minutes are the most."""
        return {
            "steps": [asdict(step) for step in self.steps],
            "calls": sum(step.calls for step in self.steps),
            "minutes": max((step.minutes for step in self.steps), default=0),
            "cost": self.cost,
            "note": self.note,
        }


class Kind:
    """Base of all kinds; stateless, one instance serves all uploads."""

    slug: ClassVar[str]
    label: ClassVar[str]
    help: ClassVar[str]
    permission: ClassVar[str]
    for_customers: ClassVar[bool] = False  # who then reach their own rows only
    columns: ClassVar[tuple[Column, ...]]
    key: ClassVar[str] = "number"  # the column that names what a line is about
    operations: ClassVar[tuple[str, ...]] = ("update",)  # the first is that of an empty cell
    no_undo: ClassVar[str] = ""  # why nobody can take an upload back
    export_url: ClassVar[str] = ""  # where a file to begin with comes from

    # -- declarations -----------------------------------------------------------------------

    def column(self, name: str) -> Column:
        """Return a column by its name; raises KeyError."""
        return self.by_name()[name]

    def by_name(self) -> dict[str, Column]:
        """Return the columns by name."""
        return {column.name: column for column in self.columns}

    def names(self) -> dict[str, str]:
        """Return every spelling of a column that a header may have → the column's name."""
        return {
            normal(spelling): column.name
            for column in self.columns
            for spelling in (column.name, *column.aliases)
        }

    def may(self, user: User) -> bool:
        """Return whether somebody may upload files of this kind."""
        return user.has_perm(self.permission) and (user.is_staff_role or self.for_customers)

    # -- checking ---------------------------------------------------------------------------

    def check_line(self, values: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
        """Yield (column, code, sentence) for what cells say together; may combine values.

        The operation is among them; errors of single cells are told already.
        """
        yield from ()

    def absent(self, upload: Upload) -> str:
        """Return the sentence for a line about something that is not there, or not one's own."""
        return "It is not in the inventory." if not upload.customer_id else "It is not yours."

    def present(self, upload: Upload) -> Query:
        """Return the query of what holds now: `target`, `now` (jsonb by column), `refusal` (text).

        It is joined with the lines of the upload by `target`. `now` needs only columns that the
        file has; `refusal` is the sentence why nothing may be changed, null where all may.
        """
        raise TypeError(f"{type(self).__name__} does not say what holds")

    def refine(self, upload: Upload) -> Plan:
        """Check what SQL cannot: writes errors, changes and orders of lines; return what a run takes."""
        return Plan()

    # -- running ----------------------------------------------------------------------------

    def lock(self, ids: Sequence[int]) -> Query:
        """Return the query that locks what the lines of these ids are about."""
        raise TypeError(f"{type(self).__name__} does not lock")

    def write(self, upload: Upload, ids: Sequence[int], *, job: Job) -> None:
        """Write the changes of ours of lines that are running, with audit, in the caller's transaction."""

    def send(self, upload: Upload, group: Job) -> None:
        """Submit the jobs that are due now as parts of the group: one at a time for each account.

        Called after the lines were written, and each time when a part is settled. What cannot be
        sent gets its outcome at once.
        """

    def column_of(self, part: Job) -> str:
        """Return the column that a part of the run was about."""
        return ""

    # -- the way back -----------------------------------------------------------------------

    def why_no_undo(self, column: Column) -> str:
        """Return why a change of a column cannot be taken back; "" where it can."""
        return "A secret is not kept, so the former one is not known." if column.is_secret else ""

    def shown(self, column: str, value: Any) -> str:
        """Return a value in words."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list):
            return ", ".join(str(one) for one in value)
        return str(value)

    def template_rows(self) -> list[Mapping[str, str]]:
        """Return example lines for the template: column → cell."""
        return [{column.name: column.example for column in self.columns if column.example}]


_registry: dict[str, Kind] = {}


def register(cls: type[Kind]) -> type[Kind]:
    """Class decorator: make a kind known by its slug."""
    if cls.slug in _registry and type(_registry[cls.slug]) is not cls:
        raise ValueError(f"two kinds of uploads are called {cls.slug}")
    _registry[cls.slug] = cls()
    return cls


def get(slug: str) -> Kind:
    """Return the kind of a slug; raises KeyError for one that is not known."""
    return _registry[slug]


def all_for(user: User) -> list[Kind]:
    """Return the kinds that somebody may upload, in the order of the domains; the first is usual."""
    return [kind for kind in _registry.values() if kind.may(user)]
