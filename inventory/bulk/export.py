"""The export that can be edited and uploaded again: exactly the columns of the kind “numbers”."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, Func, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import NullIf, StrIndex, Substr

from inventory.bulk.columns import COLUMNS, FEATURES
from inventory.models import CarrierNumber, TelephoneNumber
from portal.bulk.cells import QUOTED

_NO_SECRET = {column.name for column in COLUMNS if not column.is_secret}


def _quoted(text: Any) -> Any:
    """Return a text that a spreadsheet does not run and we do not take for the word that clears."""
    pattern, quoted = Value(f"^({QUOTED[1:]})"), Value(r"'\1")
    written = Func(text, pattern, quoted, function="regexp_replace", output_field=TextField())
    return _text(written)


def _text(source: Any) -> Any:
    """Return a text whose empty values are written as nothing at all."""
    return NullIf(source, Value(""), output_field=TextField())


def lines(numbers: QuerySet[TelephoneNumber]) -> tuple[QuerySet[TelephoneNumber], dict[str, Any]]:
    """Return numbers with what their providers last told, and the columns: head → expression.

    The number comes first, and secrets are left out.
    """
    mirror = CarrierNumber.objects.filter(account=OuterRef("account"), tn=OuterRef("tn")).order_by()
    numbers = numbers.annotate(
        told_values=Subquery(mirror.values("values")[:1]),
        told_route=Subquery(mirror.values("route_ref")[:1]),
    )
    sources: dict[str, Any] = {
        "number": "tn",
        "provider": "account__name",
        "customer": "customer__code",
        "state": "state",
        "label": _quoted(F("label")),
        "tags": _quoted(
            Func(F("tags"), Value(", "), function="array_to_string", output_field=TextField())
        ),
        "billing_id": _quoted(F("billing_id")),
        "monthly_cost": "monthly_cost",
        "deletion_lock": Case(When(deletion_lock=True, then=Value("yes")), default=Value("no")),
        "note": _quoted(F("note")),
        "rate_center": _text(F("rate_center")),
        "us_state": _text(F("region")),
        "lata": _text(F("lata")),
        "tier": _text(F("tier")),
        "e911": "e911_state",
        "messaging": "messaging_state",
        "sync": "sync_state",
    }
    for column, feature in FEATURES.items():
        value = KeyTextTransform(feature, "told_values")
        sources[column] = F("told_route") if feature == "route" else value
    target = KeyTextTransform(FEATURES["sms_target"], "told_values")
    has_kind = Q(told_sms__contains=":")
    numbers = numbers.annotate(told_sms=target)
    colon = StrIndex("told_sms", Value(":"))
    sources["sms_type"] = Case(When(has_kind, then=Substr("told_sms", 1, colon - 1)))
    sources["sms_target"] = Case(When(has_kind, then=Substr("told_sms", colon + 1)))
    sources["fax_email"] = _quoted(sources["fax_email"])
    heads = [column.name for column in COLUMNS if column.name in sources]
    return numbers, {head: sources[head] for head in heads if head in _NO_SECRET}
