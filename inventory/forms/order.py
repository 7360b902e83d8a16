"""The form of a cart: who gets the numbers and where they are sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import validate_email

from inventory import features, welcome
from inventory.forms.lifecycle import usual_end
from inventory.lifecycle import today
from inventory.models import Order, OrderPreset, Route
from inventory.wishes import Wishes
from portal import providers
from portal.models import Customer, ProviderAccount
from portal.providers.dto.features import NAME_LENGTH
from portal.sealed import Unreadable, seal, unseal

WISHES = ("cnam_name", "port_out_pin")
MANY = 12  # routes: a picker that searches is quicker from here on
SECRET = frozenset({"port_out_pin", "sealed_pin"})

ROUTE_WORDS = {
    "endpoint_group": "Endpoint group",
    "gateway": "Gateway",
    "package": "Package",
    "template": "Template record",
}


class OrderForm(forms.Form):
    """Who gets the numbers of an order, and where they are sent, a choice per provider account."""

    customer = forms.ModelChoiceField(
        queryset=Customer.objects.none(),
        required=False,
        empty_label="Our stock",
        label="For",
        help_text="A customer’s numbers are held for him; stock belongs to nobody yet.",
        error_messages={"invalid_choice": "This customer is not there any more."},
    )
    held_until = forms.DateField(
        label="Held until",
        required=False,
        help_text="A customer’s numbers that are not in service by then go back to stock.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Write a day, such as 2030-01-31."},
    )
    label = forms.CharField(
        label="Label", required=False, max_length=80, help_text="Stands beside each number."
    )
    billing_id = forms.CharField(
        label="Billing id",
        required=False,
        max_length=64,
        help_text="Empty: that of the customer.",
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept with the order; no provider sees it.",
    )

    cnam_name = forms.CharField(
        label="Caller name",
        required=False,
        max_length=NAME_LENGTH,
        help_text="What called people may see. Sent once a number is bought, where it is offered.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    port_out_pin = forms.CharField(
        label="Port-out PIN",
        required=False,
        max_length=4,
        help_text="Four digits that a carrier must name to take a number over. Not shown again.",
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "inputmode": "numeric"}, render_value=False
        ),
    )
    sealed_pin = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
    e911 = forms.ChoiceField(
        label="E911",
        required=False,
        initial=Order.E911.LATER,
        choices=Order.E911.choices,
        help_text="Whoever calls 911 must be found. Nobody goes without a record by accident.",
    )
    e911_reason = forms.CharField(
        label="Why no E911 record is needed",
        required=False,
        max_length=200,
        help_text="Fax only, no outbound voice …",
    )

    def __init__(
        self, *args: Any, user: Any, accounts: Iterable[ProviderAccount], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        customers = Customer.objects.visible_to(user).filter(is_active=True)
        customer_field: Any = self.fields["customer"]
        customer_field.queryset = customers
        customer_field.widget.attrs["data-picker"] = ""
        self.accounts = list(accounts)
        routes: dict[int, list[Route]] = {account.pk: [] for account in self.accounts}
        for route in Route.objects.visible_to(user).choosable().filter(account__in=self.accounts):
            routes[route.account_id].append(route)
        for account in self.accounts:
            self.fields[f"route_{account.pk}"] = _route_field(account, routes[account.pk])
        self.initial.setdefault("held_until", usual_end("release"))
        self.offered_names: list[str] = []
        self._say_where_not_offered()

    def route_fields(self) -> list[dict[str, Any]]:
        """Return for each account its bound field and whether there is anything to choose."""
        return [
            {
                "account": account,
                "field": self[f"route_{account.pk}"],
                "is_empty": len(self[f"route_{account.pk}"].field.choices) == 1,  # type: ignore[attr-defined]
            }
            for account in self.accounts
        ]

    def routes(self) -> dict[int, str]:
        """Return the route reference wanted at each account; empty for the account's default."""
        return {account.pk: self.cleaned_data[f"route_{account.pk}"] for account in self.accounts}

    def clean_held_until(self) -> date | None:
        """Return the last day of the hold: the usual one where none is given; None without customer."""
        until = self.cleaned_data["held_until"]
        if self.cleaned_data.get("customer") is None:
            return None
        if until and until <= today():
            raise forms.ValidationError("Choose a day after today.")
        return until or usual_end("release")

    def clean_cnam_name(self) -> str:
        """Return the name as it is sent."""
        return self._as_feature("cnam_name")

    def clean_port_out_pin(self) -> str:
        """Return the digits of the PIN."""
        return self._as_feature("port_out_pin")

    def _as_feature(self, name: str) -> str:
        text = self.cleaned_data[name].strip()
        try:
            return features.get(name).clean(text) if text else ""
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Read a PIN that the preview sealed; a number without E911 needs a reason."""
        answers = super().clean() or {}
        if answers.get("sealed_pin") and not answers.get("port_out_pin"):
            try:
                answers["port_out_pin"] = unseal(answers["sealed_pin"])
            except Unreadable as error:
                self.add_error("port_out_pin", str(error))
        answers["e911"] = answers.get("e911") or Order.E911.LATER
        is_without = answers["e911"] == Order.E911.NOT_REQUIRED
        if is_without and not answers.get("e911_reason", "").strip():
            self.add_error("e911_reason", "Say why no E911 record is needed.")
        elif not is_without:
            answers["e911_reason"] = ""
        return answers

    def _say_where_not_offered(self) -> None:
        for name in WISHES:
            capability = features.get(name).capability
            lacking = [one for one in self.accounts if not providers.offers(one.slug, capability)]
            if len(lacking) == len(self.accounts):
                continue
            if lacking:
                field = self.fields[name]
                field.help_text = f"{field.help_text} Not offered by {_joined(lacking)}."
            self.offered_names.append(name)

    def offered(self) -> list[forms.BoundField]:
        """Return the fields of what a provider of the cart offers to do to bought numbers."""
        return [self[name] for name in self.offered_names]

    def wishes(self) -> Wishes:
        """Return what is asked for beside the numbers."""
        answers = self.cleaned_data
        return Wishes(
            cnam_name=answers["cnam_name"],
            port_out_pin=answers["port_out_pin"],
            e911=answers["e911"],
            e911_reason=answers["e911_reason"].strip(),
        )

    def kept(self) -> dict[str, str]:
        """Return what the next page sends again, by field; the PIN is sealed."""
        open_fields = [name for name in self.fields if name not in SECRET]
        values = {name: self[name].value() or "" for name in open_fields}
        pin = self.cleaned_data["port_out_pin"]
        return values | {"sealed_pin": seal(pin) if pin else ""}

    def preset(self) -> dict[str, str]:
        """Return the answers that a preset keeps: how numbers are set up, not whose they are."""
        names = ["cnam_name", "e911", "e911_reason", *(f"route_{one.pk}" for one in self.accounts)]
        return {name: value for name in names if (value := str(self[name].value() or ""))}

    def billing(self) -> str:
        """Return the billing id: the one that was typed, else the customer's."""
        customer = self.cleaned_data["customer"]
        return self.cleaned_data["billing_id"] or (customer.billing_id if customer else "")


class PresetForm(forms.ModelForm):
    """The name under which the answers of a cart are kept; one that is there is replaced."""

    class Meta:
        model = OrderPreset
        fields = ("name",)
        labels = {"name": "Name of the preset"}

    def validate_unique(self) -> None:
        """Take a name that is there already."""


class WelcomeForm(forms.Form):
    """The letter to the customer of an order, as it will be sent."""

    key = forms.CharField(max_length=36, widget=forms.HiddenInput)
    to = forms.CharField(
        label="To",
        max_length=500,
        help_text="Several addresses are parted by commas; each gets a mail of its own.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Nobody to send it to: the customer has no address. Enter one."
        },
    )
    subject = forms.CharField(label="Subject", max_length=150)
    body = forms.CharField(
        label="Text", max_length=50_000, widget=forms.Textarea(attrs={"rows": 22})
    )
    field_order = ["to", "subject", "body", "key"]

    def clean_to(self) -> str:
        """Return the addresses, once each; what is none is refused."""
        given = (one.strip() for one in self.cleaned_data["to"].replace(";", ",").split(","))
        addresses = list(dict.fromkeys(filter(None, given)))
        for address in addresses:
            try:
                validate_email(address)
            except forms.ValidationError as error:
                words = f"“{address[:80]}” is no e-mail address."
                raise forms.ValidationError(words) from error
        if not 1 <= len(addresses) <= welcome.MOST:
            raise forms.ValidationError(f"Write one address, or up to {welcome.MOST}.")
        return ", ".join(addresses)

    @property
    def letter(self) -> welcome.Letter:
        """The letter that a valid form holds."""
        given = self.cleaned_data
        return welcome.Letter(to=given["to"], subject=given["subject"], body=given["body"])


def _joined(names: Sequence[object]) -> str:
    """Return names as a sentence says them."""
    *first, last = map(str, names)
    return f"{', '.join(first)} and {last}" if first else last


def _route_field(account: ProviderAccount, routes: list[Route]) -> forms.ChoiceField:
    standard = {str(value) for value in (account.settings or {}).values() if value}
    default = next((str(route) for route in routes if route.provider_ref in standard), "")
    first = f"Default: {default}" if default else "Default of the account"
    word = ROUTE_WORDS.get(routes[0].kind, "Route") if routes else "Route"
    return forms.ChoiceField(
        choices=[("", first), *((route.provider_ref, str(route)) for route in routes)],
        required=False,
        label=f"{word} at {account}",
        widget=forms.Select(attrs={"data-picker": ""} if len(routes) > MANY else {}),
        error_messages={"invalid_choice": f"This is no longer offered at {account}. Choose again."},
    )
