"""The form of a feature's value, for one number or many."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html

from inventory import features
from inventory.features import Feature
from inventory.features.calls import RouteFeature
from inventory.features.holding import MessageFeature, TransferFeature
from portal import providers
from portal.models import ProviderAccount
from portal.sealed import Unreadable, seal, unseal

# Stands for the choice at an account that has none: the plan says why its numbers stay.
NOT_ASKED = "not asked"
UNIFORM_ACTIONS = ("transfer",)  # done for one number at a time


class PickFeatureForm(forms.Form):
    """Which feature of many numbers is changed."""

    feature = forms.ChoiceField(
        label="What to change",
        help_text="What a provider cannot do is told before anything is sent.",
    )

    def __init__(self, *args: Any, slugs: Collection[str], **kwargs: Any) -> None:
        """Offer what at least one of the providers can do."""
        super().__init__(*args, **kwargs)
        offered = [
            feature
            for feature in features.FEATURES.values()
            if feature.name not in UNIFORM_ACTIONS
            and any(providers.offers(slug, feature.capability) for slug in slugs)
        ]
        groups = [
            (title, [(one.name, one.label) for one in offered if one.panel == panel])
            for panel, title in features.PANELS.items()
            if any(one.panel == panel for one in offered)
        ]
        field = self.fields["feature"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        field.choices = [("", "Choose a feature"), *groups]


class FeatureForm(forms.Form):
    """The value of one feature: `values` holds it by the account's id, "" to take it off.

    What can be chosen differs by account, so that such a feature has a field for each; an account
    whose field is left empty is left out. `expected` is what must be typed where nobody can undo it.
    """

    def __init__(
        self,
        *args: Any,
        feature: Feature,
        accounts: Sequence[ProviderAccount],
        expected: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.feature, self.accounts, self.expected = feature, list(accounts), expected
        self.values: dict[int, str] = {}
        self.is_clear = self.is_bound and bool(self.data.get("clear"))
        self.sealed = self.data.get("sealed", "") if self.is_bound and feature.is_secret else ""
        for name, field in self._value_fields().items():
            self.fields[name] = field
        self.fields["reason"] = forms.CharField(
            max_length=200, required=False, label="Reason", help_text="Kept in the timeline."
        )
        if expected:
            self.fields["typed"] = forms.CharField(
                max_length=20,
                label=f"Type {expected} to confirm",
                help_text=feature.no_undo,
                widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
            )
        self.fields["key"] = forms.CharField(max_length=64, widget=forms.HiddenInput)
        next(iter(self.fields.values())).widget.attrs["autofocus"] = True
        if self.is_clear or self.sealed:
            for name in self._value_names():
                self.fields[name].required = False

    def _value_names(self) -> list[str]:
        return [name for name in self.fields if name not in {"reason", "typed", "key"}]

    def _value_fields(self) -> dict[str, forms.Field]:
        feature = self.feature
        if isinstance(feature, TransferFeature):
            return self._transfer_fields(feature)
        if feature.widget == "none":
            return {}
        if feature.widget == "choice":
            return self._choice_fields()
        if isinstance(feature, MessageFeature):
            kinds = {
                kind: words
                for account in self.accounts
                for kind, words in feature.kinds(account.slug)
            }
            return {
                "kind": forms.ChoiceField(label="Hand messages to", choices=list(kinds.items())),
                "value": forms.CharField(
                    label="Where",
                    max_length=290,
                    help_text="Mail addresses divided by commas, a web address that begins with "
                    "https://, or what else fits the choice above.",
                ),
            } | self._token_field(feature)
        return {"value": _plain_field(feature)}

    def _token_field(self, feature: MessageFeature) -> dict[str, forms.Field]:
        """Return the field of the token that goes along to a web address, where one is sent."""
        if not any(feature.takes_token(account.slug) for account in self.accounts):
            return {}
        return {
            "token": forms.CharField(
                label="Token",
                required=False,
                max_length=feature.token_length,
                help_text="Sent along to a web address, so that it knows who calls. It is not shown "
                "again: enter it with every change.",
                widget=forms.PasswordInput(
                    attrs={"autocomplete": "new-password"}, render_value=False
                ),
            )
        }

    def _choice_fields(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {}
        offering = [account for account in self.accounts if self._is_offered(account)]
        is_one = len(self.accounts) == 1
        for account in offering:
            choices = self.feature.choices(account)
            label = self.feature.label if is_one else f"{self.feature.label} at {account}"
            common: dict[str, Any] = {"label": label, "required": is_one}
            if choices:
                blank = "Choose" if is_one else "Leave these numbers as they are"
                widget = forms.Select(attrs={"data-picker": ""} if len(choices) > 12 else {})
                field: forms.Field = forms.ChoiceField(
                    choices=[("", blank), *choices],
                    widget=widget,
                    help_text=self.feature.help,
                    **common,
                )
            else:
                field = forms.CharField(
                    max_length=self.feature.max_length,
                    help_text=f"None is known here yet. {self.feature.read_at} reads them; or write "
                    "its reference at the provider.",
                    **common,
                )
            found["value" if is_one else f"value_{account.pk}"] = field
        return found

    def _is_offered(self, account: ProviderAccount) -> bool:
        return providers.offers(account.slug, self.feature.capability)

    def _transfer_fields(self, feature: TransferFeature) -> dict[str, forms.Field]:
        others = feature.choices(self.accounts[0]) if self.accounts else []
        routes = feature.routes(self.accounts[0]) if self.accounts else []
        return {
            "account": forms.ChoiceField(label="Our account", choices=[("", "Choose"), *others]),
            "account_ref": forms.RegexField(
                r"^[0-9]{1,20}$",
                label="Its number at the provider",
                help_text="The id of that account, as the provider’s own portal shows it.",
                error_messages={"invalid": "An account number has digits only."},
            ),
            "route_ref": forms.ChoiceField(label="Route there", choices=[("", "Choose"), *routes])
            if routes
            else forms.RegexField(
                r"^[0-9A-Za-z_-]{1,32}$",
                label="Route there",
                help_text="None is known here yet: write its number at the provider.",
                error_messages={"invalid": "A route is named by its number."},
            ),
        }

    def clean(self) -> dict[str, Any]:
        """Fill `values`; a rule that the value breaks stands at its field."""
        cleaned = super().clean() or {}
        for account in self.accounts:
            if self.is_clear:
                self._clear(account)
                continue
            if self.feature.widget == "choice" and not self._is_offered(account):
                self.values[account.pk] = NOT_ASKED
                continue
            name = f"value_{account.pk}" if f"value_{account.pk}" in self.fields else "value"
            text = self._written(cleaned, name)
            if text is None:
                continue
            try:
                self.values[account.pk] = self.feature.clean(text, slug=account.slug)
            except ValueError as error:
                at = name if name in self.fields else None
                if not (at and self.has_error(at)):
                    self.add_error(at, str(error))
        if not self.errors and not set(self.values.values()) - {NOT_ASKED}:
            raise forms.ValidationError("Nothing was chosen, so nothing would change.")
        return cleaned

    def clean_route_ref(self) -> str:
        """Return a route of the account that was chosen, as far as its routes are known."""
        ref: str = self.cleaned_data["route_ref"]
        chosen = self.cleaned_data.get("account")
        if isinstance(self.fields["route_ref"], forms.ChoiceField) and chosen:
            account = ProviderAccount.objects.get(pk=chosen)
            if ref not in dict(RouteFeature().choices(account)):
                raise forms.ValidationError("This route is one of another account.")
        return ref

    def _clear(self, account: ProviderAccount) -> None:
        why = self.feature.why_not_clear(account.slug)
        if not why:
            self.values[account.pk] = ""
        elif len(self.accounts) == 1:
            self.add_error(None, why)

    def _written(self, cleaned: dict[str, Any], name: str) -> str | None:
        """Return the value as one text; None where a part of it is wrong or left empty."""
        if isinstance(self.feature, TransferFeature):
            parts = [cleaned.get(part, "") for part in ("account", "account_ref", "route_ref")]
            return ":".join(parts) if all(parts) else None
        if self.feature.widget == "none":
            return "true"
        if self.sealed:
            return self._unsealed()
        if not cleaned.get(name):
            return None
        if isinstance(self.feature, MessageFeature):
            return self._destination(self.feature, cleaned, name) if cleaned.get("kind") else None
        return cleaned[name]

    def _destination(self, feature: MessageFeature, cleaned: dict[str, Any], name: str) -> str:
        value = f"{cleaned['kind']}:{cleaned[name]}"
        token = cleaned.get("token", "")
        if sealed := self.data.get("sealed_token", ""):  # as the plan of many carried it along
            try:
                token = unseal(sealed)
            except Unreadable as error:
                self.add_error(None, str(error))
        return feature.with_token(value, token) if token else value

    def _unsealed(self) -> str | None:
        try:
            return unseal(self.sealed)
        except Unreadable as error:
            self.add_error(None, str(error))
            return None

    def resent(self) -> list[tuple[str, str]]:
        """Return the hidden fields that carry this valid form to its next step; secrets sealed."""
        names = [*self.fields, "clear"]
        sent = [(name, self.data[name]) for name in names if self.data.get(name)]
        if token := self.data.get("sealed_token") or self._token():
            kept = [(name, value) for name, value in sent if name != "token"]
            return [*kept, ("sealed_token", token)]
        if not self.feature.is_secret:
            return sent
        secret = next(iter(self.values.values()), "")
        kept = [(name, value) for name, value in sent if name != "value"]
        return [*kept, ("sealed", seal(secret))] if secret else kept

    def _token(self) -> str:
        token = self.cleaned_data.get("token", "")
        return seal(token) if token else ""

    def clean_typed(self) -> str:
        """Return the text; anything but what was asked for is refused."""
        typed = self.cleaned_data["typed"].replace(",", "")
        if typed != self.expected:
            raise forms.ValidationError(f"This is not {self.expected}. Nothing was sent.")
        return typed


def _plain_field(feature: Feature) -> forms.Field:
    common: dict[str, Any] = {"label": feature.label, "help_text": feature.help}
    if feature.widget == "name":
        common["help_text"] = format_html(
            '{} <output class="nd-js" data-counter="id_value"></output>', feature.help
        )
    if feature.widget == "switch":
        choices = [("true", "On"), ("false", "Off")]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
    attrs = {"autocomplete": "off"}
    if feature.widget == "tn":
        attrs |= {"inputmode": "tel", "placeholder": "(312) 555-0142"}
    if feature.widget == "pin":
        attrs["inputmode"] = "numeric"
        widget: forms.Widget = forms.PasswordInput(attrs=attrs, render_value=False)
    elif feature.widget == "email":
        widget = forms.EmailInput(attrs=attrs)
    else:
        widget = forms.TextInput(attrs=attrs)
    return forms.CharField(max_length=feature.max_length, widget=widget, **common)
