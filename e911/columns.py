"""The columns of the list of emergency records: what is shown, sorted and exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, F, Func, OuterRef, Subquery, TextField, Value, When
from django.db.models.functions import NullIf

from e911.addresses import PART_NAMES
from e911.models import AlertContact, EmergencyRecord, Location, Standing
from portal.access import Request
from portal.fetch import RowsByKey, text_of
from portal.listing import Sort
from portal.models import Customer, ProviderAccount

SORTS: Final = [
    Sort(name="tn", label="Number", column="tn", jump="number"),
    Sort(name="since", label="State since", column="state_since", jump="date"),
    Sort(name="updated", label="Changed", column="updated_at", jump="date"),
]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name in the address and its head."""

    name: str
    label: str
    sort: str = ""
    staff_only: bool = False
    by_default: bool = True


COLUMNS: Final = (
    Column(name="state", label="State", sort="since"),
    Column(name="bucket", label="Gap"),
    Column(name="address", label="Address"),
    Column(name="name", label="Caller name"),
    Column(name="customer", label="Customer", staff_only=True),
    Column(name="provider", label="Provider", staff_only=True),
    Column(name="tested", label="933 test"),
    Column(name="verified", label="Verified", by_default=False),
    Column(name="place", label="Saved place", by_default=False),
    Column(name="word", label="Provider’s word", staff_only=True, by_default=False),
    Column(name="updated", label="Changed", sort="updated", by_default=False),
)

_ROW: Final = (
    *("id", "tn", "state", "state_since", "word", "reason", "is_location_lost", "differs"),
    *("accepted_address1", "accepted_address2", "accepted_city", "accepted_region"),
    *("accepted_zip", "accepted_plus4", "accepted_caller_name", "caller_name", "number_id"),
    *("tested_at", "verified_at", "updated_at"),
    *PART_NAMES,
)


class _Joined(Func):
    """Texts with a separator between them; what is null is left out."""

    function = "concat_ws"
    output_field = TextField()

    def __init__(self, separator: str, *parts: Any) -> None:
        super().__init__(Value(separator), *parts)


def _told(source: Any) -> Any:
    """Return a text, null where it is empty."""
    return NullIf(source, Value(""), output_field=TextField())


def _with_word(name: str, word: str) -> Any:
    return Case(
        When(**{name: ""}, then=None),
        default=_Joined(" ", Value(word), F(name)),
        output_field=TextField(),
    )


# The typed address in two lines, as `addresses.Parts.lines` puts it together.
_STREET_PARTS = ("house_number", "pre_direction", "street", "street_suffix", "post_direction")
STREET: Final = _Joined(" ", *(_told(F(name)) for name in _STREET_PARTS))
UNIT: Final = _Joined(
    " ",
    Case(
        When(unit="", then=None),
        default=_Joined(" ", _told(F("unit_type")), F("unit")),
        output_field=TextField(),
    ),
    _with_word("building", "BLDG"),
    _with_word("floor", "FL"),
    _with_word("room", "RM"),
)
# Dicts with the columns of `_ROW` and the names around them, by the records' keys.
fetch_rows = RowsByKey(
    lambda: EmergencyRecord.objects.values(
        *_ROW,
        account_name=text_of(ProviderAccount, "account_id"),
        customer_name=text_of(Customer, "customer_id"),
        place=text_of(Location, "location_id"),
        bucket=text_of(Standing, "number_id", "bucket"),
    )
)


def _accepted(name: str, typed: Any) -> Any:
    """Return a part of the accepted address; of the typed one while none is accepted."""
    text = Case(
        When(accepted_address1="", then=typed),
        default=F(f"accepted_{name}"),
        output_field=TextField(),
    )
    return _told(text)


_ALERTS = (
    AlertContact.objects.filter(record=OuterRef("pk"), state="active")
    .order_by()
    .values("record")
    .annotate(all=StringAgg("email", Value(" "), order_by="email"))
    .values("all")
)

# The columns of the E911 file, so that an export can be changed and sent back (docs/csv.md).
EXPORT: Final[dict[str, Any]] = {
    "number": F("tn"),
    "caller_name": _accepted("caller_name", F("caller_name")),
    "location_ref": F("location_id"),
    "address1": _accepted("address1", STREET),
    "address2": _accepted("address2", UNIT),
    "city": _accepted("city", F("city")),
    "state": _accepted("region", F("region")),
    "zip": _accepted("zip", F("zip")),
    "plus4": _accepted("plus4", F("plus4")),
    "alert_emails": Subquery(_ALERTS, output_field=TextField()),
}


def allowed_columns(user: Any) -> list[Column]:
    """Return the columns that a user may see."""
    return [column for column in COLUMNS if user.is_staff_role or not column.staff_only]


def chosen_columns(request: Request) -> list[Column]:
    """Return the columns to show: those of the address, else of the cookie, else the usual."""
    allowed = allowed_columns(request.user)
    asked = request.GET.getlist("col") or request.COOKIES.get("e911-columns", "").split(".")
    chosen = [column for column in allowed if column.name in asked]
    return chosen or [column for column in allowed if column.by_default]
