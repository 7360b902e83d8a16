"""The form of the lifecycle's verbs: each asks its own questions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings

from inventory import features
from inventory.lifecycle import AGING_DAYS, LONGEST_AGING, Choice, Verb, today
from inventory.models import Assignment, TelephoneNumber
from inventory.taking_over import SetFeature
from portal.models import Customer, User

# Which questions each verb asks, in the order of the page.
QUESTIONS = {
    "assign": ("customer", "e911", "e911_reason", "keep", "reason"),
    "move": ("customer", "is_same_subscriber", "e911", "e911_reason", "keep", "reason"),
    "hold": ("customer", "until", "reason"),
    "prolong": ("until", "reason"),
    "free": ("reason",),
    "suspend": ("reason",),
    "resume": ("reason",),
    "out": ("after", "until", "keeps_e911", "reason"),
    "replan": ("after", "until", "reason"),
    "restore": ("reason",),
}
REASON_NEEDED = {"move", "suspend", "out"}


def usual_end(after: str) -> date:
    """Return the last day of aging as the policy of the site has it."""
    days = settings.RELEASE_HOLD_DAYS if after == "release" else usual_aging()
    return today() + timedelta(days=max(1, days))


def usual_aging() -> int:
    """Return how many days the site lets numbers age: its setting, never less than the least."""
    return max(AGING_DAYS, settings.AGING_DAYS)


class LifecycleForm(forms.Form):
    """What a verb must know; `choice` is its answer once it is valid."""

    customer = forms.ModelChoiceField(
        queryset=Customer.objects.none(),
        empty_label="Choose a customer",
        error_messages={"invalid_choice": "This customer is not there any more."},
    )
    is_same_subscriber = forms.BooleanField(
        label="The subscriber stays the same",
        help_text=f"Another subscriber must wait {AGING_DAYS} days: take it out of service first.",
        error_messages={
            "required": f"Another subscriber must wait {AGING_DAYS} days. "
            "Take it out of service first."
        },
    )
    e911 = forms.ChoiceField(
        label="E911",
        choices=[("", "Decide"), *Assignment.E911.choices],
        help_text="Nobody goes without it, or with another’s address, by accident.",
    )
    e911_reason = forms.CharField(
        label="Why no record is needed",
        required=False,
        max_length=200,
        help_text="Fax only, no outbound voice …",
    )
    keep = forms.MultipleChoiceField(
        label="Keep features",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What is not ticked is taken off at the provider.",
    )
    offered = forms.CharField(required=False, widget=forms.HiddenInput)
    after = forms.ChoiceField(label="Afterwards", choices=TelephoneNumber.AfterAging.choices)
    until = forms.DateField(
        label="Until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    keeps_e911 = forms.BooleanField(
        label="Keep E911 records on purpose",
        required=False,
        help_text="Else numbers with a record stay in service until it is removed. Before a number is "
        "given back its record must go in any case.",
    )
    reason = forms.CharField(max_length=200, required=False, label="Reason")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, verb: Verb, user: User, set_on: Sequence[SetFeature] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        asked = [*QUESTIONS[verb.name], "offered", "seen"]
        for name in list(self.fields):
            if name not in asked:
                del self.fields[name]
        self.order_fields(asked)
        self.verb = verb
        self._offer(set_on)
        self.fields["reason"].required = verb.name in REASON_NEEDED
        if "customer" in self.fields:
            customers: Any = self.fields["customer"]
            customers.queryset = Customer.objects.visible_to(user).filter(is_active=True)
        if "until" in self.fields:
            self._word_the_day()

    def _offer(self, set_on: Sequence[SetFeature]) -> None:
        """Offer to keep what is set; only what was on the page when it was drawn can be taken off."""
        words = {one.feature.name: one.words for one in set_on}
        names = self.data.get("offered", "").split() if self.is_bound else list(words)
        names = [name for name in names if name in features.FEATURES]
        if "keep" not in self.fields or not names:
            self.fields.pop("keep", None)
            del self.fields["offered"]
            return
        keep: Any = self.fields["keep"]
        keep.choices = [(name, words.get(name, features.named(name))) for name in names]
        keep.initial = names
        self.fields["offered"].initial = " ".join(names)

    def _word_the_day(self) -> None:
        field = self.fields["until"]
        field.widget.attrs["min"] = (today() + timedelta(days=1)).isoformat()
        if self.verb.name in {"hold", "prolong"}:
            field.required = True
            field.help_text = "The last day of the hold; Home says so when it comes."
            return
        field.help_text = (
            f"Empty: {usual_aging()} days before it goes back to stock, "
            f"{settings.RELEASE_HOLD_DAYS} before it is given back."
        )

    def clean_until(self) -> date | None:
        """Return the day; one that is not to come is refused."""
        until: date | None = self.cleaned_data["until"]
        if until and until <= today():
            raise forms.ValidationError("Choose a day after today.")
        if until and until > today() + timedelta(days=3660):
            raise forms.ValidationError("This is more than ten years from now.")
        return until

    def clean(self) -> dict[str, Any]:
        """Check what belongs together: E911 and its reason, the end of aging and its least."""
        answers = super().clean() or self.cleaned_data
        if answers.get("e911") == "not_required" and not answers.get("e911_reason", "").strip():
            self.add_error("e911_reason", "Say why no E911 record is needed.")
        if "after" in answers and "until" in answers:
            answers["until"] = until = answers["until"] or usual_end(answers["after"])
            least = today() + timedelta(days=AGING_DAYS)
            if answers["after"] == "stock" and until < least and self.verb.name == "out":
                self.add_error(
                    "until",
                    f"Another subscriber may have it after {AGING_DAYS} days at the earliest: "
                    f"{least:%b %-d, %Y}.",
                )
        return answers

    @property
    def choice(self) -> Choice:
        """What was chosen; before it is valid, what the verb starts from."""
        if not self.is_bound or not self.is_valid():
            return Choice()
        answers = self.cleaned_data
        known = {name: answers[name] for name in QUESTIONS[self.verb.name] if name != "keep"}
        keep: Any = self.fields.get("keep")
        offered = [name for name, _ in keep.choices] if keep else []
        gone = tuple(name for name in offered if name not in answers.get("keep", ()))
        return Choice(**known, take_off=gone)

    def token(self, mark: str) -> str:
        """Return what stands for this choice on these rows: a preview of it was seen."""
        answers = {name: str(self.cleaned_data.get(name)) for name in QUESTIONS[self.verb.name]}
        text = json.dumps([self.verb.name, mark, answers], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def warnings(self, classes: set[str]) -> list[str]:
        """Return what is unusual about a valid choice, for customers of these aging classes."""
        until = self.cleaned_data.get("until")
        if self.verb.name not in {"out", "replan"} or not until:
            return []
        return [
            f"Numbers of {name} customers may age {days} days at most (47 CFR 52.15); this is "
            f"{(until - today()).days} days."
            for name, days in LONGEST_AGING.items()
            if name in classes and until > today() + timedelta(days=days)
        ]
