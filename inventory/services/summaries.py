"""What other domains say of a number in one word each, kept on it so that lists filter by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Literal

from django.utils import timezone

from inventory.models import TelephoneNumber

Summary = Literal["e911_state", "messaging_state", "port_state"]


def note(summary: Summary, words: Mapping[str, str]) -> int:
    """Write a domain's word for each number (E.164 → word); return how many had another one.

    One statement per word. Numbers that the inventory does not know are passed over. Nothing is
    audited: the domain that writes it audits what happened.
    """
    by_word: dict[str, list[str]] = defaultdict(list)
    for tn, word in words.items():
        by_word[word].append(tn)
    return sum(
        TelephoneNumber.objects.filter(tn__in=tns)
        .exclude(**{summary: word})
        .update(**{summary: word, "updated_at": timezone.now()})
        for word, tns in sorted(by_word.items())
    )
