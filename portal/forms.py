"""Forms of the platform: provider accounts with write-only secrets."""

from __future__ import annotations

from typing import Any

from django import forms

from portal import providers
from portal.models import ProviderAccount
from portal.providers.base import Field


class PauseForm(forms.Form):
    """Why calls to an account are paused."""

    reason = forms.CharField(
        max_length=200, label="Reason", help_text="Everybody who waits for this provider reads it."
    )


class ProviderAccountForm(forms.ModelForm):
    """One account: address, limits, the provider's own settings, and its secrets.

    Secrets are write-only: they are never rendered; a field left empty keeps what is stored.
    """

    class Meta:
        model = ProviderAccount
        fields = [
            "name",
            "base_url",
            "is_enabled",
            "is_sandbox",
            "calls_per_minute",
            "sync_interval_minutes",
        ]
        labels = {
            "calls_per_minute": "Calls a minute",
            "sync_interval_minutes": "Minutes between syncs",
        }
        help_texts = {
            "base_url": "The provider’s own address, or that of the sandbox.",
            "is_enabled": "Switched off, it is asked nothing; its numbers stay as they are.",
            "is_sandbox": "Every page then says that nothing here is bought or billed.",
            "calls_per_minute": "Our own budget for this account; all workers share it.",
            "sync_interval_minutes": "How often the full list of owned numbers is compared.",
        }

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.provider = providers.provider_class(slug)
        self.instance.slug = slug
        if not self.instance.pk:
            self.fields["base_url"].initial = self.provider.default_base_url
        stored = self._stored()
        for declared in self.provider.credential_fields:
            self._add_secret(declared, is_stored=bool(stored.get(declared.name)))
        for declared in self.provider.setting_fields:
            self._add_setting(declared)

    def _stored(self) -> dict[str, str]:
        """Return the stored secrets; none where the present key does not decrypt them."""
        return self.instance.credentials if self.instance.has_readable_credentials else {}

    def _add_secret(self, declared: Field, *, is_stored: bool) -> None:
        words = "Stored. Leave empty to keep it." if is_stored else declared.help
        self.fields[f"secret_{declared.name}"] = forms.CharField(
            label=declared.label,
            help_text=words,
            required=declared.is_required and not is_stored,
            max_length=200,
            strip=True,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        )

    def _add_setting(self, declared: Field) -> None:
        value = (self.instance.settings or {}).get(declared.name, declared.default)
        common: dict[str, Any] = {
            "label": declared.label,
            "help_text": declared.help,
            "required": declared.is_required,
            "initial": value,
        }
        if declared.choices:
            field: forms.Field = forms.ChoiceField(choices=declared.choices, **common)
        elif declared.pattern:
            field = forms.RegexField(
                rf"^(?:{declared.pattern})$",
                error_messages={"invalid": f"This does not look like a {declared.label.lower()}."},
                max_length=100,
                **common,
            )
        else:
            field = forms.CharField(max_length=100, **common)
        self.fields[f"setting_{declared.name}"] = field

    def save(self, commit: bool = True) -> ProviderAccount:
        """Return the saved account; secrets left empty stay as they are."""
        credentials = dict(self._stored())
        settings = dict(self.instance.settings or {})
        for declared in self.provider.credential_fields:
            if value := self.cleaned_data.get(f"secret_{declared.name}"):
                credentials[declared.name] = value
        for declared in self.provider.setting_fields:
            settings[declared.name] = self.cleaned_data.get(f"setting_{declared.name}", "")
        self.instance.credentials, self.instance.settings = credentials, settings
        return super().save(commit)

    def changes(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return what the audit keeps, before and after; of a secret only that it was changed."""
        before: dict[str, str] = {}
        after: dict[str, str] = {}
        for name in self.changed_data:
            if name.startswith("secret_"):
                after[name] = "(changed)"
                continue
            if self.instance.pk:
                before[name] = str(self.get_initial_for_field(self.fields[name], name))
            after[name] = str(self.cleaned_data.get(name, ""))
        return before, after

    @property
    def has_new_secrets(self) -> bool:
        """Whether a secret was entered: a token that the old ones gave is not theirs."""
        return any(name.startswith("secret_") for name in self.changed_data)
