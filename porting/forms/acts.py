"""What is done to an order: correcting it, dates, matching, papers, notes, tickets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from porting.forms.fields import SECRETS, DayField, KeyForm, add_fields, text, values
from porting.models import PortDocument, PortOrder
from porting.services.orders import NEEDED

NEVER_EMPTY = frozenset(NEEDED).difference(SECRETS)
ACCEPTED = "PDF, JPEG, PNG or TIFF"
ACCEPTS = ".pdf,.jpg,.jpeg,.png,.tif,.tiff,application/pdf,image/jpeg,image/png,image/tiff"


class SubmitForm(KeyForm):
    """Sending an order off, which is charged at once: the count is typed, the price is seen."""

    price = forms.DecimalField(widget=forms.HiddenInput, max_digits=11, decimal_places=4)
    typed = forms.CharField(max_length=10, strip=True)

    def __init__(self, *args: Any, order: PortOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        count = order.number_count
        self.fields["typed"].label = f"Type {count} to confirm"
        self.fields["typed"].help_text = f"How many number{' is' if count == 1 else 's are'} sent."
        self.fields["typed"].widget.attrs |= {"autocomplete": "off", "inputmode": "numeric"}

    def clean_typed(self) -> str:
        """Return the count; anything else is refused."""
        typed = str(self.cleaned_data["typed"]).replace(",", "")
        if typed != str(self.order.number_count):
            raise forms.ValidationError(f"This is not {self.order.number_count}. Nothing was sent.")
        return typed

    def clean_price(self) -> Decimal:
        """Return the price that was shown; another one must be seen first."""
        price: Decimal = self.cleaned_data["price"]
        if price != (self.order.price_total or Decimal(0)):
            raise forms.ValidationError(
                "The price is another one than when you looked. Nothing was sent; look again."
            )
        return price


class CorrectionForm(KeyForm):
    """Just the fields that a rejection names."""

    reason = text("Words to the carrier", 200, help_text="Goes along with the correction.")

    def __init__(
        self, *args: Any, order: PortOrder, names: tuple[str, ...], is_staff: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.names = names
        add_fields(self, names, order)
        for name in NEVER_EMPTY.intersection(names):
            self.fields[name].required = True
        if not is_staff:
            del self.fields["reason"]
        self.order_fields([*names, "reason", "key"])

    def values(self) -> dict[str, Any]:
        """Return the fields as they are to be; of a valid form."""
        return values(self, self.names)


class DateForm(KeyForm):
    """A new date for numbers whose date is confirmed."""

    desired_date = DayField(label="New date", required=True)
    reason = text("Why", 200, help_text="Goes to the provider with the request.")


class ReasonForm(KeyForm):
    """Why an order is withdrawn, canceled or given up."""

    reason = text("Why", 200, required=True, help_text="Stands in the history and in the audit.")


class MatchForm(forms.Form):
    """The provider's id of an order that was entered in its back office; empty where not told."""

    provider_ref = text(
        "The provider’s port id",
        64,
        help_text="As its back office shows it. Empty: it is looked for by its numbers.",
    )


class DocumentForm(forms.Form):
    """A paper of an order."""

    kind = forms.ChoiceField(choices=PortDocument.Kind.choices, label="What it is")
    file = forms.FileField(
        label="File",
        max_length=200,
        help_text=f"{ACCEPTED}. Choose it, or drop it on the field.",
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTS}),
    )
    dated_on = forms.DateField(
        required=False,
        label="Signed or dated",
        help_text="Letters and bills grow too old; empty where it is not told.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, is_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_staff:
            self.fields["kind"].choices = [  # type: ignore[attr-defined]
                (PortDocument.Kind.BILL, "Latest bill of your present carrier"),
                (PortDocument.Kind.LOA, "Signed letter of authority"),
                (PortDocument.Kind.OTHER, "Something else"),
            ]
            self.fields["dated_on"].label = "Date on it"


class NoteForm(forms.Form):
    """A note to the other side, or among staff."""

    text = forms.CharField(max_length=4000, label="Note", widget=forms.Textarea(attrs={"rows": 3}))
    is_internal = forms.BooleanField(required=False, label="For staff only")

    def __init__(self, *args: Any, is_staff: bool, has_customer: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_staff:
            del self.fields["is_internal"]
            self.fields["text"].label = "Write to us"
        elif not has_customer:
            self.fields["is_internal"].initial = True


class TicketForm(KeyForm):
    """A ticket to the provider about an order."""

    subject = text("Subject", 200, required=True)
    message = forms.CharField(
        max_length=20_000,
        label="Message",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Plain text. No PIN and no account number: it goes through the provider’s mail.",
    )


class MailForm(forms.Form):
    """Where a mail goes once more."""

    to = text("To", 300, help_text="Parted by commas; empty: the contacts of the order.")


class SignForm(forms.Form):
    """Signing the letter of authority on screen: the name, typed, and a tick."""

    signer = text(
        "Your full name",
        120,
        required=True,
        help_text="Typing your name here signs the letter.",
        attrs={"autocomplete": "name"},
    )
    agree = forms.BooleanField(
        label="I have read the letter. I may sign for this account, and I sign it.",
        error_messages={"required": "Tick this to sign. Nothing was signed."},
    )
    mark = forms.CharField(widget=forms.HiddenInput, max_length=64)
