"""The form of a cart: who gets the numbers and where they are sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from inventory.models import Route
from portal.models import Customer, ProviderAccount

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

    def __init__(
        self, *args: Any, user: Any, accounts: Iterable[ProviderAccount], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        customers = Customer.objects.visible_to(user).filter(is_active=True)
        customer_field: Any = self.fields["customer"]
        customer_field.queryset = customers
        self.accounts = list(accounts)
        routes: dict[int, list[Route]] = {account.pk: [] for account in self.accounts}
        for route in Route.objects.visible_to(user).choosable().filter(account__in=self.accounts):
            routes[route.account_id].append(route)
        for account in self.accounts:
            self.fields[f"route_{account.pk}"] = _route_field(account, routes[account.pk])

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

    def billing(self) -> str:
        """Return the billing id: the one that was typed, else the customer's."""
        customer = self.cleaned_data["customer"]
        return self.cleaned_data["billing_id"] or (customer.billing_id if customer else "")


def _route_field(account: ProviderAccount, routes: list[Route]) -> forms.ChoiceField:
    standard = {str(value) for value in (account.settings or {}).values() if value}
    default = next((str(route) for route in routes if route.provider_ref in standard), "")
    first = f"Default: {default}" if default else "Default of the account"
    word = ROUTE_WORDS.get(routes[0].kind, "Route") if routes else "Route"
    return forms.ChoiceField(
        choices=[("", first), *((route.provider_ref, str(route)) for route in routes)],
        required=False,
        label=f"{word} at {account}",
        error_messages={"invalid_choice": f"This is no longer offered at {account}. Choose again."},
    )
