"""Forms about provider accounts: support tickets."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.models import ProviderAccount, User
from portal.tn import TN, InvalidTN

LONGEST_MESSAGE = 20_000
TICKET_STATUSES = [
    ("active", "Open: the help desk’s turn"),
    ("pending", "Answered: our turn"),
    ("closed", "Closed"),
    ("spam", "Spam"),
]


class NumberField(forms.CharField):
    """A telephone number in any spelling; empty stays empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> str:
        """Return E.164."""
        text = super().clean(value)
        if not text:
            return ""
        try:
            return TN.parse(text)
        except InvalidTN as error:
            raise forms.ValidationError(str(error)) from error


class KeyForm(forms.Form):
    """A form that can be sent twice and is carried out once."""

    key = forms.CharField(widget=forms.HiddenInput(), max_length=64)


class ReplyForm(KeyForm):
    """A message to the help desk."""

    message = forms.CharField(
        max_length=LONGEST_MESSAGE,
        label="Your answer",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Plain text. The provider’s staff read it.",
    )


class StatusForm(KeyForm):
    """Where a ticket is to stand."""

    status = forms.ChoiceField(choices=TICKET_STATUSES, label="Status")


class LinkForm(forms.Form):
    """The number that a ticket is about."""

    tn = NumberField(required=False, label="About number", help_text="Empty: about none.")


class DeskField(forms.ModelChoiceField):
    """A provider account with a help desk; one that is paused says so."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the account's name."""
        return f"{obj} (paused)" if obj.paused_at else str(obj)


class TicketForm(KeyForm):
    """A new ticket; where there are several help desks, one is chosen."""

    account = DeskField(
        queryset=ProviderAccount.objects.none(),
        label="Provider account",
        empty_label="Choose an account",
    )
    tn = NumberField(
        required=False,
        label="About number",
        help_text="Kept here as a link. Write it in the message too, where the help desk reads it.",
    )
    subject = forms.CharField(max_length=200, label="Subject")
    message = forms.CharField(
        max_length=LONGEST_MESSAGE,
        label="Message",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Plain text. No passwords: it goes through the provider’s mail.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = ProviderAccount.objects.visible_to(user).filter(is_enabled=True)
        field: Any = self.fields["account"]
        field.queryset = visible.offering("support_tickets").order_by("name")
        if field.queryset.count() == 1:
            field.empty_label = None


class DeleteForm(KeyForm):
    """The word that deleting for good wants."""

    word = forms.CharField(label="Type DELETE to confirm", max_length=10)

    def clean_word(self) -> str:
        """Refuse any other word."""
        word = str(self.cleaned_data["word"]).strip()
        if word != "DELETE":
            raise forms.ValidationError("Type DELETE in capitals, or leave the ticket as it is.")
        return word
