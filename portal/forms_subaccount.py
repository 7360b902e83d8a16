"""Forms about provider accounts themselves: settings, accounts that are opened, recovery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import available_timezones

from django import forms
from django.core.validators import URLValidator

from portal.forms_account import KeyForm, NumberField
from portal.models import ProviderAccount

AS_IT_IS: Final = ("", "Leave as it is")
SWITCH: Final = [AS_IT_IS, ("on", "On"), ("off", "Off")]
ADMINISTRATORS: Final = "The provider lets only an administrator’s sign-in change this."
SWITCHES: Final = {
    "is_warned": ("Mail when the balance gets low", ""),
    "has_sms": ("SMS", ADMINISTRATORS),
    "has_mms": ("MMS", ADMINISTRATORS),
    "has_international": ("International calls", ADMINISTRATORS),
    "has_e911": ("E911", ADMINISTRATORS),
}


class SettingsForm(KeyForm):
    """Settings of the account at its provider; what is left empty stays as it is."""

    time_zone = forms.ChoiceField(
        required=False, label="Time zone", widget=forms.Select(attrs={"data-picker": ""})
    )
    warn_below = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=1_000_000,
        label="Warn below",
        help_text="US dollars, whole.",
    )
    caller_id = NumberField(
        required=False,
        label="Caller ID",
        help_text="What calls without a number of their own show. Ten digits.",
    )
    concurrent_calls = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=100_000,
        label="Calls at once",
        help_text=ADMINISTRATORS,
    )

    def __init__(self, *args: Any, known: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        zones = [(zone, zone) for zone in sorted(available_timezones())]
        time_zone: Any = self.fields["time_zone"]
        time_zone.choices = [AS_IT_IS, *zones]
        for name, (label, words) in SWITCHES.items():
            self.fields[name] = forms.ChoiceField(
                choices=SWITCH, required=False, label=label, help_text=words
            )
        self.order_fields(["key", "time_zone", "caller_id", "is_warned", "warn_below"])
        for name in ("time_zone", "warn_below", "caller_id", "concurrent_calls"):
            self.fields[name].initial = known.get(name)
        for name in SWITCHES:
            if (value := known.get(name)) is not None:
                self.fields[name].initial = "on" if value else "off"

    def clean_caller_id(self) -> str:
        """Refuse a number that has no ten digits."""
        tn = str(self.cleaned_data["caller_id"])
        if tn and not (tn.startswith("+1") and len(tn) == 12):
            raise forms.ValidationError(
                "A caller ID has the ten digits of a North American number."
            )
        return tn

    def clean(self) -> dict[str, Any]:
        """Refuse a form that changes nothing."""
        cleaned = super().clean() or {}
        if not self.errors and not self.changes:
            raise forms.ValidationError("This is how it is already. Nothing was sent.")
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        """What differs from what the provider told last, by our names."""
        wanted: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            if name == "key" or value in (None, ""):
                continue
            meant = value == "on" if name in SWITCHES else value
            told = self.known.get(name)
            is_same = str(told or "")[-10:] == meant[2:] if name == "caller_id" else told == meant
            if not is_same:
                wanted[name] = meant
        return wanted


class SubaccountForm(KeyForm):
    """An account to open under ours."""

    username = forms.RegexField(
        r"^[0-9]{10}$",
        label="Username",
        help_text="Ten digits, such as the customer’s main number. Nobody can change it later.",
        error_messages={"invalid": "A username has exactly ten digits."},
    )
    name = forms.CharField(max_length=100, label="Name")
    email = forms.EmailField(label="E-mail")
    billing_ref = forms.RegexField(
        r"^[0-9]{10}$",
        required=False,
        label="Account that pays",
        help_text="Its ten digits. Empty: the new account pays for itself.",
        error_messages={"invalid": "An account has exactly ten digits."},
    )


class SignUpForm(KeyForm):
    """An account to open as anybody may."""

    label = forms.CharField(
        max_length=80, label="Name here", help_text="How the account is called in Numberdesk."
    )
    base_url = forms.CharField(
        max_length=200,
        label="Base address",
        validators=[URLValidator(schemes=["http", "https"])],
        help_text="The provider’s own address, or that of the sandbox.",
    )
    name = forms.CharField(max_length=100, label="Your name or company")
    email = forms.EmailField(
        label="E-mail", help_text="A mail with a link goes there; one account per address."
    )
    promo = forms.CharField(max_length=40, required=False, label="Promotion code")

    def clean_label(self) -> str:
        """Refuse a name that another account has."""
        label = str(self.cleaned_data["label"]).strip()
        if ProviderAccount.objects.filter(name=label).exists():
            raise forms.ValidationError("Another account has this name.")
        return label


class RecoverForm(KeyForm):
    """Where the way back into an account is mailed to."""

    email = forms.EmailField(
        label="E-mail of the account", help_text="The provider mails the way back to it."
    )
