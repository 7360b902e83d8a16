"""The form that finds numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from inventory import regions
from inventory.operations.search import AT_PROVIDER, MAX_QUANTITY
from portal.models import ProviderAccount
from portal.posted import is_id
from portal.providers.dto import SearchCriteria
from portal.tn import TOLL_FREE_NPAS, keypad_digits

KINDS = (("local", "Local"), ("toll_free", "Toll-free"))
FEATURES = (("sms", "SMS"), ("cnam", "Caller name (CNAM)"), ("t38", "Fax (T.38)"))
ABLE_TO = (*FEATURES[:1], ("mms", "MMS"), *FEATURES[1:], ("e911", "E911"))
PATTERNS = ("starts", "contains", "ends")
PLACES = ("state", "rate_center", "city", "lata")
DEFAULT_QUANTITY = 50
MAX_RUN = 100
_TOLL_FREE_WORDS = ", ".join(sorted(TOLL_FREE_NPAS))
_SEPARATORS = str.maketrans("", "", " .-/()\u00a0\u2010\u2011\u2012\u2013")


def _compact(text: str) -> str:
    return text.translate(_SEPARATORS)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _text(label: str, *, max_length: int = 40, help_text: str = "", **attrs: str) -> Any:
    return forms.CharField(
        label=label,
        required=False,
        max_length=max_length,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", **attrs}),
        error_messages={"max_length": f"This is longer than {max_length} characters."},
    )


def _count(label: str, *, most: int, least: int, help_text: str = "", **kwargs: Any) -> Any:
    words = f"Write a whole number from {least:,} to {most:,}."
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        help_text=help_text,
        error_messages={"invalid": words, "min_value": words, "max_value": words},
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        **kwargs,
    )


class SearchForm(forms.Form):
    """What somebody looks for, at which provider accounts; `criteria()` once it is valid."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    kind = forms.ChoiceField(
        choices=KINDS, initial="local", widget=forms.RadioSelect, label="Kind of number"
    )
    npa = _text("Area code", placeholder="312 or 312-555", inputmode="numeric")
    nxx = _text("Exchange", placeholder="555", inputmode="numeric")
    state = forms.ChoiceField(
        choices=regions.CHOICES,
        required=False,
        label="State",
        error_messages={"invalid_choice": "“%(value)s” is not a state or province."},
    )
    rate_center = _text("Rate center", placeholder="CHICAGO", list="rate-centers")
    city = _text("City", max_length=60, placeholder="Chicago")
    lata = _text("LATA", max_length=5, placeholder="358", inputmode="numeric")
    starts = _text("Starts with", placeholder="312555")
    contains = _text("Contains", placeholder="HARBOR or 427")
    ends = _text("Ends with", placeholder="0142")
    features = forms.MultipleChoiceField(
        choices=ABLE_TO,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Must be able to do",
    )
    tier = _text("Tier", max_length=12, placeholder="0", help_text="The provider’s price class.")
    most_monthly = forms.DecimalField(
        label="Monthly, at most",
        required=False,
        min_value=0,
        max_digits=8,
        decimal_places=4,
        help_text="In dollars. Prices that a provider does not tell are no obstacle.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "placeholder": "1.50"}),
        error_messages={
            "invalid": "Write an amount in dollars, such as 1.50.",
            "min_value": "Write an amount in dollars, such as 1.50.",
        },
    )
    quantity = _count(
        "How many",
        least=1,
        most=MAX_QUANTITY,
        initial=DEFAULT_QUANTITY,
        help_text="At most, from each provider.",
    )
    consecutive = _count(
        "In a row",
        least=2,
        most=MAX_RUN,
        required=False,
        help_text="Only runs of so many neighbours.",
    )
    is_extended = forms.BooleanField(
        required=False,
        label="Look in the extended inventory instead",
        help_text="A stock beside the usual one; providers without one are left out.",
    )
    accounts = forms.ModelMultipleChoiceField(
        queryset=ProviderAccount.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        label="Ask these providers",
        error_messages={
            "required": "Choose at least one provider to ask.",
            "invalid_choice": "One of these provider accounts is not there any more.",
            "invalid_pk_value": "One of these provider accounts is not there any more.",
        },
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = ProviderAccount.objects.visible_to(user).filter(is_enabled=True)
        account_field: Any = self.fields["accounts"]
        account_field.queryset = accounts.order_by("pk")
        if "accounts" not in self.initial:
            self.initial["accounts"] = [account.pk for account in accounts]
        for name in PATTERNS:
            written = self.data.get(name) if self.is_bound else self.initial.get(name)
            self.fields[name].help_text = spell(str(written or "")) or _PATTERN_HELP[name]

    @classmethod
    def initial_from(cls, query: QueryDict) -> dict[str, Any]:
        """Return initial values from an address such as a saved search's; other names are ignored."""
        initial: dict[str, Any] = {}
        for name in cls.base_fields:
            if name in {"features", "accounts"}:
                if name in query:
                    values = query.getlist(name)
                    initial[name] = [v for v in values if name == "features" or is_id(v)]
            elif name != "key" and query.get(name):
                initial[name] = query[name]
        return initial

    def clean_npa(self) -> str:
        """Return three digits, or six where area code and exchange stand in one field."""
        shown = self.cleaned_data["npa"].strip()
        digits = _compact(shown).removeprefix("+")
        if not digits:
            return ""
        if not _is_digits(digits):
            raise ValidationError(
                f"“{shown}” is not an area code. Write three digits, such as 312; letters belong "
                "under “Contains”."
            )
        if len(digits) == 7:
            raise ValidationError(
                f"“{shown}” has seven digits: a number without its area code. Write the area code "
                "here and the last digits under “Ends with”."
            )
        if len(digits) >= 10:
            raise ValidationError(
                f"“{shown}” is a whole number. Write it under “Contains” to look for just this one."
            )
        if len(digits) not in {3, 6}:
            raise ValidationError(
                f"“{shown}” has {len(digits)} digit{'s' if len(digits) != 1 else ''}. Write an area "
                "code (312), or area code and exchange (312-555)."
            )
        for part, word in ((digits[:3], "area code"), (digits[3:], "exchange")):
            _check_code(part, word)
        return digits

    def clean_nxx(self) -> str:
        """Return three digits."""
        shown = self.cleaned_data["nxx"].strip()
        digits = _compact(shown)
        if not digits:
            return ""
        if not _is_digits(digits) or len(digits) != 3:
            raise ValidationError(f"“{shown}” is not an exchange. Write its three digits, as 555.")
        _check_code(digits, "exchange")
        return digits

    def clean_lata(self) -> str:
        """Return three or five digits."""
        shown = self.cleaned_data["lata"].strip()
        if shown and not (_is_digits(shown) and len(shown) in {3, 5}):
            raise ValidationError(f"“{shown}” is not a LATA. It has three digits, such as 358.")
        return shown

    def clean_rate_center(self) -> str:
        """Return the name in upper case, as the providers write it."""
        return " ".join(self.cleaned_data["rate_center"].upper().split())

    def clean_city(self) -> str:
        """Return the name in upper case."""
        return " ".join(self.cleaned_data["city"].upper().split())

    def clean_starts(self) -> str:
        """Return digits."""
        return self._pattern("starts")

    def clean_contains(self) -> str:
        """Return digits."""
        return self._pattern("contains")

    def clean_ends(self) -> str:
        """Return digits."""
        return self._pattern("ends")

    def _pattern(self, name: str) -> str:
        shown = self.cleaned_data[name].strip()
        text = _compact(shown).removeprefix("+")
        if not text:
            return ""
        if not text.isascii() or not text.isalnum():
            raise ValidationError(
                f"“{shown}” has characters that stand on no telephone keypad. Write digits or "
                "letters, such as 427 or HARBOR."
            )
        if len(text) == 11 and text.startswith("1"):
            text = text[1:]
        if len(text) > 10:
            raise ValidationError(f"“{shown}” is longer than the ten digits of a number.")
        return keypad_digits(text)

    def clean(self) -> dict[str, Any]:
        """Check what only shows when all fields are seen together."""
        values = super().clean() or {}
        npa, nxx = values.get("npa", ""), values.get("nxx", "")
        if len(npa) == 6:
            if nxx and nxx != npa[3:]:
                self.add_error(
                    "nxx", f"The area code field names exchange {npa[3:]} already; this says {nxx}."
                )
            values["npa"], values["nxx"] = npa[:3], npa[3:]
        elif nxx and not npa and "npa" not in self.errors:
            self.add_error(
                "nxx", f"Exchange {nxx} exists in many area codes. Write the area code too."
            )
        self._check_kind(values)
        self._check_together(values)
        if not self.errors and not self._says_anything(values):
            raise ValidationError(
                "Nothing to look for was given, so nobody was asked. Write at least one thing: an "
                "area code, a state, a rate center or some digits."
            )
        return values

    def _check_kind(self, values: Mapping[str, Any]) -> None:
        npa = values.get("npa", "")
        if values.get("kind") == "toll_free":
            if npa and npa not in TOLL_FREE_NPAS:
                self.add_error(
                    "npa", f"{npa} is not a toll-free code. Those in use are {_TOLL_FREE_WORDS}."
                )
            for name in PLACES:
                if values.get(name):
                    self.add_error(
                        name, "A toll-free number has no place. Empty this, or look for local ones."
                    )
        elif npa in TOLL_FREE_NPAS:
            self.add_error("npa", f"{npa} is a toll-free code. Choose “Toll-free” above.")

    def _check_together(self, values: Mapping[str, Any]) -> None:
        place = f"{values.get('npa', '')}{values.get('nxx', '')}"
        starts = values.get("starts", "")
        if place and starts and not (starts.startswith(place) or place.startswith(starts)):
            self.add_error(
                "starts",
                f"This counts from the area code on, so {starts} and the area code {place} exclude "
                "each other. Write the area code first, or empty one of the two.",
            )
        run, quantity = values.get("consecutive"), values.get("quantity")
        if run and quantity and run > quantity:
            self.add_error(
                "consecutive", f"A run of {run} does not fit into {quantity}. Ask for more numbers."
            )

    def _says_anything(self, values: Mapping[str, Any]) -> bool:
        names = ("npa", "nxx", *PLACES, *PATTERNS, "tier", "features")
        return values.get("kind") == "toll_free" or any(values.get(name) for name in names)

    def needs(self) -> list[str]:
        """Return what the provider must do with a number, beside what offers tell."""
        return [name for name in self.cleaned_data["features"] if name in AT_PROVIDER]

    def criteria(self) -> SearchCriteria:
        """Return what the form says in the words of the adapters."""
        values = self.cleaned_data
        return SearchCriteria(
            is_toll_free=values["kind"] == "toll_free",
            npa=values["npa"],
            nxx=values["nxx"],
            state=values["state"],
            rate_center=values["rate_center"],
            city=values["city"],
            lata=values["lata"],
            tier=values["tier"].strip(),
            starts=values["starts"],
            contains=values["contains"],
            ends=values["ends"],
            features=self._told_features(),
            most_monthly=values["most_monthly"],
            quantity=values["quantity"],
            consecutive=values["consecutive"] or 0,
        )

    def _told_features(self) -> frozenset[str]:
        """Return the features that an offer must tell; without SMS there is no MMS."""
        chosen = set(self.cleaned_data["features"])
        return frozenset((chosen - set(AT_PROVIDER)) | ({"sms"} if "mms" in chosen else set()))

    def typed(self) -> dict[str, Any]:
        """Return what was typed, letters and all, so that the form can be drawn filled again."""
        kept: dict[str, Any] = {}
        for name in self.fields:
            if name == "key":
                continue
            value = self[name].value()
            if isinstance(value, list | tuple):
                kept[name] = [str(one) for one in value]
            elif value not in (None, "", False):
                kept[name] = str(value).strip()
        return kept


_PATTERN_HELP = {
    "starts": "From the area code on. Letters count as keypad digits.",
    "contains": "Anywhere in the ten digits.",
    "ends": "The last digits.",
}


def _check_code(digits: str, word: str) -> None:
    """Raise ValidationError for three digits that are no area code or exchange (NANPA pages)."""
    if not digits:
        return
    if digits[0] in "01":
        raise ValidationError(f"{digits} is no {word}: they start with 2 to 9.")
    if digits[1:] == "11":
        raise ValidationError(f"{digits} is no {word} but a service code.")


def spell(text: str) -> str:
    """Return “HARBOR → 427267” for a text with letters; empty for digits and for nonsense."""
    compact = _compact(text).upper()
    if not compact.isascii() or not compact.isalnum() or compact.isdigit():
        return ""
    return f"{compact} → {keypad_digits(compact)}"
