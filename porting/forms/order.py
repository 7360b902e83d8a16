"""The form of one order: what the losing carrier's bill says, the address, what comes after."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from inventory.models import Route
from portal.models import Customer, ProviderAccount, User
from porting.forms.fields import ADDRESS, STREET_TYPES, add_fields, values
from porting.models import PortOrder

BILL: Final = (
    *("losing_carrier", "name", "name_type", "authorized_person", "billing_tn", "extent"),
    *("new_billing_tn", "account_number", "pin"),
)
AFTER: Final = ("caller_name", "campaign_ref")
OURS: Final = ("label", "contact_emails")
TEXTS: Final = (*BILL, *ADDRESS, "desired_date", *AFTER, *OURS)


class PortForm(forms.Form):
    """Everything of an order that is prepared; nothing is required, so that a draft can be kept."""

    customer = forms.ModelChoiceField(
        queryset=Customer.objects.none(), required=False, empty_label="Our stock"
    )
    account = forms.ModelChoiceField(
        queryset=ProviderAccount.objects.none(),
        required=False,
        label="Provider",
        empty_label="Not chosen yet",
    )
    street_types = STREET_TYPES

    def __init__(self, *args: Any, order: PortOrder, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        accounts = ProviderAccount.objects.visible_to(user).filter(is_enabled=True)
        chosen: Any = self.fields["account"]
        chosen.queryset = accounts.offering("port_list").order_by("name")
        chosen.initial = order.account_id
        owner: Any = self.fields["customer"]
        owner.queryset = Customer.objects.visible_to(user).filter(is_active=True)
        owner.initial = order.customer_id
        owner.widget.attrs["data-picker"] = ""
        add_fields(self, TEXTS, order)
        self.fields["route_ref"] = forms.ChoiceField(
            label="Route", choices=_routes(order), required=False, initial=order.route_ref
        )

    def clean_contact_emails(self) -> str:
        """Return the addresses, each of them one that mail can go to."""
        found = [one.strip() for one in self.cleaned_data["contact_emails"].split(",")]
        for address in filter(None, found):
            try:
                validate_email(address)
            except ValidationError as error:
                raise ValidationError(f"“{address}” is no e-mail address.") from error
        return ", ".join(filter(None, found))

    def values(self) -> dict[str, Any]:
        """Return what the order becomes; of a valid form."""
        chosen = {name: self.cleaned_data[name] for name in ("customer", "account", "route_ref")}
        return values(self, TEXTS) | chosen

    def group(self, *names: str) -> list[forms.BoundField]:
        """Return the fields of these names, for the page."""
        return [self[name] for name in names]

    @property
    def address_fields(self) -> list[forms.BoundField]:
        """The parts of the service address."""
        return self.group(*ADDRESS)


def _routes(order: PortOrder) -> list[tuple[str, str]]:
    """Return the routes of the order's account; the one it has stays, even where it is gone."""
    rows = Route.objects.filter(account=order.account_id).choosable()
    found = [(row.provider_ref, row.name or row.provider_ref) for row in rows]
    known = {ref for ref, _ in found}
    if order.route_ref and order.route_ref not in known:
        found.append((order.route_ref, f"{order.route_ref} (no longer listed)"))
    return [("", "The usual one of the account"), *found]


class PresetsForm(forms.Form):
    """What single numbers get once they are here, a row each; empty: what the order says."""

    def __init__(self, *args: Any, order: PortOrder, lines: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        routes = [("", "As the order"), *_routes(order)[1:]]
        for line in lines:
            for name, field in _line_fields(routes).items():
                field.initial = getattr(line, name)
                is_choice = isinstance(field, forms.ChoiceField)
                field.widget.attrs["class"] = "form-select" if is_choice else "form-control"
                field.widget.attrs["aria-label"] = f"{field.label} of {line}"
                self.fields[f"{name}-{line.pk}"] = field

    @property
    def rows(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Each number with its fields."""
        return [
            (line, [self[f"{name}-{line.pk}"] for name in ("route_ref", *AFTER)])
            for line in self.lines
        ]

    def presets(self) -> dict[str, dict[str, str]]:
        """Return number → what it gets; of a valid form."""
        return {
            line.tn: {
                name: self.cleaned_data[f"{name}-{line.pk}"] for name in ("route_ref", *AFTER)
            }
            for line in self.lines
        }


def _line_fields(routes: list[tuple[str, str]]) -> dict[str, forms.Field]:
    from porting.forms.fields import FIELDS

    route = forms.ChoiceField(choices=routes, required=False, label="Route")
    return {"route_ref": route, **{name: FIELDS[name]() for name in AFTER}}
