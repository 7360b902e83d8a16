"""What a customer is asked for who brings numbers along, in plain words."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from inventory.models import TelephoneNumber
from portal.models import User
from portal.tn import TN, parse_many
from porting.forms.acts import ACCEPTED, ACCEPTS
from porting.forms.fields import ADDRESS, STREET_TYPES, KeyForm, add_fields, values
from porting.models import PortLine, PortOrder

MOST_NUMBERS: Final = 1000
BAD_SHOWN: Final = 3
ASKED: Final = (
    *("losing_carrier", "account_number", "pin", "name", "name_type", "billing_tn", "extent"),
    *("new_billing_tn", "authorized_person"),
)
WORDS: Final = {
    "losing_carrier": ("Your present carrier", "As it stands on the bill."),
    "account_number": ("Account number", "From the latest bill."),
    "pin": (
        "PIN for moving numbers",
        "Mobile numbers need it: ask your present carrier for a number transfer PIN.",
    ),
    "name": ("Name on the bill", "Letter by letter, with every comma and Inc."),
    "name_type": ("The bill is of", ""),
    "billing_tn": ("Main number on the bill", "Often the first number of the bill."),
    "extent": ("Which numbers of the account move", ""),
    "new_billing_tn": (
        "New main number there",
        "Only where the main number moves and others stay: one of those that stay.",
    ),
    "authorized_person": ("Who may decide about the account", "This person signs the letter."),
    "desired_date": ("Wished date", "We do what we can; carriers usually need a week."),
}
NEEDED: Final = (
    *("losing_carrier", "account_number", "name", "authorized_person", "billing_tn"),
    *("street_number",),
    *("street", "street_type", "city", "region", "zip"),
)


class OwnForm(KeyForm):
    """The facts of the bill and the address; `values()` of a valid form are those of an order."""

    names = (*ASKED, *ADDRESS, "desired_date")
    street_types = STREET_TYPES

    def __init__(self, *args: Any, order: PortOrder | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        add_fields(self, self.names, order)
        for name, (label, help_text) in WORDS.items():
            field = self.fields[name]
            field.label = label
            if help_text and "is stored" not in str(field.help_text):
                field.help_text = help_text
        for name in NEEDED:
            is_stored = order is not None and bool(getattr(order, name))
            self.fields[name].required = name != "account_number" or not is_stored

    def values(self) -> dict[str, Any]:
        """Return the fields of the order."""
        return values(self, self.names)


class OwnStartForm(OwnForm):
    """The same with the numbers and the bill, for a move that starts."""

    numbers = forms.CharField(
        max_length=40_000,
        label="Numbers that should move",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text="One in a line, or parted by commas.",
    )
    bill = forms.FileField(
        required=False,
        label="Latest bill of your present carrier",
        help_text=f"{ACCEPTED}. You can also upload it later.",
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTS}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_numbers(self) -> list[TN]:
        """Return the numbers; each must be one, and neither ours already nor on its way."""
        good, bad = parse_many(self.cleaned_data["numbers"])
        if bad:
            shown = " ".join(reason for _, _, reason in bad[:BAD_SHOWN])
            more = f" And {len(bad) - BAD_SHOWN} more." if len(bad) > BAD_SHOWN else ""
            raise forms.ValidationError(f"{shown}{more}")
        if foreign := [tn for tn in good if not tn.is_nanp]:
            raise forms.ValidationError(f"{foreign[0]} is no number of the US or Canada.")
        if len(good) > MOST_NUMBERS:
            raise forms.ValidationError(f"At most {MOST_NUMBERS:,} numbers at a time.")
        self._refuse_known(good)
        return good

    def _refuse_known(self, tns: list[TN]) -> None:
        """Refuse numbers that the customer has with us, or is moving already."""
        here = TelephoneNumber.objects.visible_to(self.user).ours().among(tns).first()
        if here is not None:
            raise forms.ValidationError(f"{here} is with us already. Leave it out.")
        lines = PortLine.objects.visible_to(self.user).active().among(tns)
        moving = lines.exclude(order__state__in=PortOrder.OVER).select_related("order").first()
        if moving is not None:
            raise forms.ValidationError(
                f"{moving} is on its way already, by {moving.order}. Leave it out."
            )
