"""Forms around numbers: gateways, switches, address lists, sign-in, groups; filters of the routes."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from inventory.models import NumberGroup, Route
from inventory.route_changes import MODE_WORDS
from portal.models import ProviderAccount
from portal.providers.reachable import require_gateway, require_public_range
from portal.tn import TN, InvalidTN
from portal.widgets import ListFilterSet, NameFilter, QuickSelect

SELECT = {"class": "form-select"}
MOST_RANGES = 200
MOST_NUMBERS = 5000
_SPLIT = re.compile(r"[\s,;]+")
_LINES = re.compile(r"[\r\n,;]+")
_PASSWORD = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9]{6,10}", re.ASCII)


class AtAccount(ListFilterSet):
    """Rows of an account, by a text in name or reference."""

    q = django_filters.CharFilter(
        method="search",
        label="Name or reference",
        max_length=100,
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "type": "search",
                "placeholder": "Name or reference",
                "autocomplete": "off",
            }
        ),
    )
    account = NameFilter(
        queryset=ProviderAccount.objects.none(),
        label="Provider",
        empty_label="Any provider",
        widget=QuickSelect(attrs=SELECT),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "account" in self.filters:
            self.filters["account"].queryset = ProviderAccount.objects.visible_to(user)

    def search(self, queryset: Any, name: str, value: str) -> QuerySet[Any]:
        """Return rows with this text in the name, or whose reference begins so."""
        text = value.strip()
        return queryset.filter(Q(name__icontains=text) | Q(provider_ref__istartswith=text))


class RouteFilter(AtAccount):
    """Routes by text, account, kind and state."""

    STATES = [("active", "Active"), ("inactive", "Inactive"), ("missing", "Missing at provider")]
    KINDS = [
        ("endpoint_group", "Endpoint group"),
        ("gateway", "Gateway"),
        ("package", "Package"),
        ("template", "Template record"),
    ]
    LABELS = {"q": "Text", "account": "Provider", "kind": "Kind", "state": "State"}

    kind = django_filters.ChoiceFilter(
        choices=KINDS, label="Kind", empty_label="Any kind", widget=QuickSelect(attrs=SELECT)
    )
    state = django_filters.ChoiceFilter(
        choices=STATES,
        method="in_state",
        label="State",
        empty_label="Any state",
        widget=QuickSelect(attrs=SELECT),
    )

    class Meta:
        model = Route
        fields: list[str] = []

    def in_state(self, queryset: Any, name: str, value: str) -> QuerySet[Route]:
        """Return routes that are on, off, or no longer listed."""
        if value == "missing":
            return queryset.filter(missing_since__isnull=False)
        return queryset.filter(missing_since=None, is_active=value == "active")


class GroupFilter(AtAccount):
    """Groups by text and account."""

    LABELS = {"q": "Text", "account": "Provider"}

    class Meta:
        model = NumberGroup
        fields: list[str] = []


class KeyForm(forms.Form):
    """A form that is carried out once, however often it is sent."""

    key = forms.CharField(max_length=36, widget=forms.HiddenInput)


class GatewayForm(KeyForm):
    """A gateway: where it is, digits before each number, calls at once."""

    address = forms.CharField(
        max_length=253,
        label="Address",
        help_text="A public IPv4 address or a host name, with :port where it has one.",
        widget=forms.TextInput(
            attrs={"placeholder": "sip.example.net:5060", "spellcheck": "false"}
        ),
    )
    prefix = forms.RegexField(  # type: ignore[assignment]  # taken off the class by Django
        r"^[0-9]*$",
        max_length=20,
        required=False,
        label="Digits before each number",
        error_messages={"invalid": "A prefix has digits only."},
    )
    limit = forms.IntegerField(
        min_value=1,
        max_value=1000,
        required=False,
        label="Calls at once",
        help_text="1 to 1000; left empty, the provider decides.",
    )
    field_order = ["address", "prefix", "limit", "key"]

    def __init__(self, *args: Any, route: Route | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if route and route.details.get("limit"):
            limit: Any = self.fields["limit"]
            limit.required, limit.help_text = True, "1 to 1000."
            limit.error_messages["required"] = "It cannot be taken off again. Write a number."

    def clean_address(self) -> str:
        """Return the address; one that no provider can reach is refused."""
        address = self.cleaned_data["address"].strip()
        _check(require_gateway, address)
        return address

    def values(self, *, before: Route | None) -> dict[str, Any]:
        """Return what is sent: everything for a new gateway, else what differs from `before`."""
        given = {name: self.cleaned_data[name] for name in ("address", "prefix", "limit")}
        if before is None:
            return {name: value for name, value in given.items() if value not in ("", None)}
        was = gateway_initial(before)
        return {
            name: value
            for name, value in given.items()
            if value is not None and str(value) != str(was[name] or "")
        }


def gateway_initial(route: Route) -> dict[str, Any]:
    """Return what the form of a gateway begins with."""
    details = route.details
    return {
        "address": route.name,
        "prefix": details.get("prefix") or "",
        "limit": details.get("limit") or None,
    }


class TypedForm(KeyForm):
    """A change that must be confirmed by typing `expected`."""

    typed = forms.CharField(max_length=120, label="Type to confirm")
    reason = forms.CharField(
        max_length=200, required=False, label="Reason", help_text="Kept with the job."
    )
    field_order = ["typed", "reason", "key"]

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected
        if expected:
            self.fields["typed"].label = f"Type {expected} to confirm"
            self.fields["typed"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        else:
            del self.fields["typed"]

    def clean_typed(self) -> str:
        """Return the text; anything but what was asked for is refused."""
        if self.cleaned_data["typed"].replace(",", "").strip() != self.expected:
            raise forms.ValidationError(f"This is not {self.expected}. Nothing was sent.")
        return self.cleaned_data["typed"]


class AccessForm(KeyForm):
    """Ranges of addresses to allow: one to a line, or parted by commas or blanks."""

    ranges = forms.CharField(
        label="Addresses or ranges",
        max_length=8000,
        help_text="As 198.51.100.7 or 198.51.100.0/24. Masks are /8, /16, /24 or /32.",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    field_order = ["ranges", "key"]

    def clean_ranges(self) -> list[str]:
        """Return the ranges in CIDR form, once each."""
        return clean_ranges(self.cleaned_data["ranges"])


def _check(rule: Callable[[str], object], text: str) -> None:
    """Raise ValidationError with what a rule of `portal.providers` has against a text."""
    try:
        rule(text)
    except ValueError as error:
        words = str(error)
        raise forms.ValidationError(f"{words[0].upper()}{words[1:]}.") from error


def clean_ranges(text: str) -> list[str]:
    """Return the ranges that a person wrote, in CIDR form, once each and in order.

    Raises ValidationError with a sentence for each that is none, or that cannot be allowed.
    """
    found: dict[str, None] = {}
    wrong = []
    for part in filter(None, _SPLIT.split(text)):
        try:
            network = IPv4Network(part, strict=False)
            _check(require_public_range, part if "/" in part else str(network))
        except forms.ValidationError as error:
            wrong += error.messages
        except ValueError:
            wrong.append(f"“{part[:40]}” is no range of IPv4 addresses, as in 198.51.100.0/24.")
        else:
            found[str(network)] = None
    if wrong:
        raise forms.ValidationError(wrong[:20])
    if not found:
        raise forms.ValidationError("Name at least one address.")
    if len(found) > MOST_RANGES:
        raise forms.ValidationError(f"At most {MOST_RANGES} ranges can be sent at once.")
    return list(found)


def spelled(cidr: str) -> str:
    """Return a range that a provider told in CIDR form; what is no range stays as it is."""
    try:
        return str(IPv4Network(cidr, strict=False))
    except ValueError:
        return cidr


class ModeForm(KeyForm):
    """How devices sign in."""

    mode = forms.ChoiceField(
        label="Devices sign in by",
        choices=[(value, words.capitalize()) for value, words in MODE_WORDS.items()],
    )
    field_order = ["mode", "key"]

    def __init__(self, *args: Any, has_addresses: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_addresses = has_addresses

    def clean_mode(self) -> str:
        """Return the way; one by which nobody could sign in any more is refused."""
        mode = self.cleaned_data["mode"]
        if mode in {"address", "both"} and not self.has_addresses:
            words = "The address list is empty: every device would be shut out."
            raise forms.ValidationError(f"{words} Allow their addresses first.")
        return mode


class PasswordForm(KeyForm):
    """A new password of devices, typed twice; it is never drawn again."""

    password = forms.CharField(
        label="New password",
        max_length=64,
        strip=False,
        help_text="6 to 10 letters and digits, at least one of each.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="New password, again",
        max_length=64,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    field_order = ["password", "again", "key"]

    def clean_password(self) -> str:
        """Return the password; one that breaks the rule is refused."""
        if not _PASSWORD.fullmatch(self.cleaned_data["password"]):
            raise forms.ValidationError("It has 6 to 10 letters and digits, at least one of each.")
        return self.cleaned_data["password"]

    def clean_again(self) -> str:
        """Return the second text; it must be the same."""
        first = self.cleaned_data.get("password")
        if first is not None and self.cleaned_data["again"] != first:
            raise forms.ValidationError("The two are not the same. Nothing was sent.")
        return self.cleaned_data["again"]


class GroupForm(KeyForm):
    """A new group at an account."""

    account = forms.ModelChoiceField(
        queryset=ProviderAccount.objects.none(), label="Provider account"
    )
    name = forms.CharField(max_length=60, label="Name")
    field_order = ["account", "name", "key"]

    def __init__(self, *args: Any, accounts: QuerySet[ProviderAccount], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (declared above)
        field.queryset = accounts


class MembersForm(KeyForm):
    """Numbers that move into a group, in any spelling."""

    numbers = forms.CharField(
        label="Numbers",
        max_length=200_000,
        help_text="One to a line, or parted by commas; in any spelling.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    field_order = ["numbers", "key"]

    def clean_numbers(self) -> list[str]:
        """Return the numbers in E.164, once each."""
        found: dict[str, None] = {}
        wrong = []
        for text in filter(
            None, (part.strip() for part in _LINES.split(self.cleaned_data["numbers"]))
        ):
            try:
                found[TN.parse(text)] = None
            except InvalidTN as error:
                wrong.append(str(error))
        if wrong:
            raise forms.ValidationError(wrong[:20])
        if len(found) > MOST_NUMBERS:
            raise forms.ValidationError(f"At most {MOST_NUMBERS:,} numbers can move at once.")
        return list(found)
