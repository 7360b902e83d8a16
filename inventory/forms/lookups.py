"""The form of lookups: what to look up, where, and of which numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings

from inventory.lookups import KINDS, LookupKind
from inventory.services import lookups as services_lookups
from portal.models import ProviderAccount, User
from portal.tn import TN, InvalidTN, parse_many

MAX_TEXT = 400_000  # characters; some twenty thousand numbers
BAD_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Source:
    """One kind of lookup at one account, with what it costs there."""

    kind: LookupKind
    account: ProviderAccount
    price: Decimal | None

    @property
    def key(self) -> str:
        """How the form names it."""
        return f"{self.kind.name}:{self.account.pk}"

    @property
    def cost(self) -> str:
        """Return the price in words."""
        if not self.kind.is_billed:
            return "free"
        return "price not told yet" if self.price is None else f"${self.price.normalize():f} each"

    def __str__(self) -> str:
        return f"{self.kind.label} · {self.account} · {self.cost}"


def sources(user: User) -> list[Source]:
    """Return everything that can be looked up, the cheapest of each kind first."""
    return [source for kind in KINDS.values() for source in _of_kind(kind, user)]


def _of_kind(kind: LookupKind, user: User) -> Iterator[Source]:
    found = list(services_lookups.accounts(kind, user))
    told = services_lookups.prices(found) if kind.is_billed else {}
    free = None if kind.is_billed else services_lookups.FREE
    made = [
        Source(kind=kind, account=one, price=told.get(one.pk, {}).get(kind.rate, free))
        for one in found
    ]
    yield from sorted(made, key=lambda source: (source.price is None, source.price or 0))


class LookupForm(forms.Form):
    """What is looked up of which numbers; `source` and `tns` are its answer once it is valid."""

    what = forms.ChoiceField(label="What")
    numbers = forms.CharField(
        label="Numbers",
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text="Any spelling, one in each line or parted by commas.",
    )
    caller = forms.CharField(
        label="Called from",
        required=False,
        max_length=40,
        help_text="Only for carrier and routing: whether a call is local depends on it. "
        "Empty: one of our own numbers.",
    )
    again = forms.BooleanField(
        label="Look up again what is known already",
        required=False,
        help_text="What was answered before is kept and shown; asking again is charged again.",
    )
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, found: list[Source], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sources = {source.key: source for source in found}
        choices: Any = self.fields["what"]
        choices.choices = [(key, str(source)) for key, source in self.sources.items()]

    @property
    def source(self) -> Source:
        """What was chosen; only for a valid form."""
        return self.sources[self.cleaned_data["what"]]

    @property
    def tns(self) -> list[TN]:
        """The numbers, each once, in their order; only for a valid form."""
        return list(self.cleaned_data["numbers"])

    def clean_numbers(self) -> list[TN]:
        """Return the numbers; entries that are none are named, and so are foreign ones."""
        good, bad = parse_many(self.cleaned_data["numbers"])
        reasons = [f"Line {line}: {reason}" for line, _, reason in bad]
        reasons += [f"{tn} is no North American number." for tn in good if not tn.is_nanp]
        if reasons:
            rest = len(reasons) - BAD_SHOWN
            more = [f"… and {rest:,} more."] if rest > 0 else []
            raise forms.ValidationError([*reasons[:BAD_SHOWN], *more])
        if len(good) > settings.LOOKUP_JOB_LIMIT:
            raise forms.ValidationError(
                f"These are {len(good):,} numbers. Look up {settings.LOOKUP_JOB_LIMIT:,} at a time."
            )
        return good

    def clean_caller(self) -> str:
        """Return the number in E.164, "" for none."""
        text = self.cleaned_data["caller"].strip()
        if not text:
            return ""
        try:
            caller = TN.parse(text)
        except InvalidTN as error:
            raise forms.ValidationError(str(error)) from error
        if not caller.is_nanp:
            raise forms.ValidationError("Write a North American number.")
        return caller

    def clean(self) -> dict[str, Any]:
        """Find a number to look from where the lookup wants one."""
        answers = super().clean() or self.cleaned_data
        source = self.sources.get(answers.get("what", ""))
        if source and source.kind.name == "lrn" and answers.get("caller") == "":
            answers["caller"] = services_lookups.usual_caller(source.account)
            if not answers["caller"]:
                self.add_error("caller", f"{source.account} has no number of ours. Write one.")
        return answers
