"""What the words of providers mean: the code's table, and what administrators added."""

from __future__ import annotations

import re

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal import audit
from portal.models import User
from portal.providers.dto.porting import PortState
from porting.models import ProviderWord


def fold(word: str) -> str:
    """Return a word as it compares, whatever its case, blanks and dashes."""
    return " ".join(re.split(r"[\s_-]+", word.strip())).casefold()[:120]


def meaning_of(slug: str, word: str, told: PortState) -> str | None:
    """Return what a provider's word means: a state, "" for “nothing new”, None where nobody knows.

    `told` is what the adapter makes of it. What an administrator said goes first; a word that
    neither knows is counted, and nothing is guessed.
    """
    folded = fold(word)
    if not folded:
        return ""
    row = ProviderWord.objects.filter(slug=slug, folded=folded).first()
    if row is not None and row.is_known:
        _seen(row)
        return "" if row.meaning == ProviderWord.Meaning.KEEP else row.meaning
    if told is not PortState.UNKNOWN:
        return str(told)
    if row is None:
        row, _ = ProviderWord.objects.get_or_create(
            slug=slug, folded=folded, defaults={"word": word.strip()[:120]}
        )
    _seen(row)
    return None


def _seen(row: ProviderWord) -> None:
    ProviderWord.objects.filter(pk=row.pk).update(
        seen_count=F("seen_count") + 1, last_seen_at=timezone.now()
    )


@transaction.atomic
def decide_word(word: ProviderWord, meaning: str, *, actor: User, note: str = "") -> None:
    """Say what a word means from now on; orders that showed it follow at their next poll at once."""
    from porting.services.moving import hear_again

    before = {"meaning": word.meaning}
    word.meaning, word.note = meaning, note[:200]
    word.decided_by, word.decided_at = actor, timezone.now()
    word.save(update_fields=["meaning", "note", "decided_by", "decided_at"])
    after = {"meaning": meaning, "word": word.word, "provider": word.slug}
    audit.record(actor, "porting.word.decided", word, before=before, after=after, reason=note)
    if meaning:
        hear_again(word, actor=actor)
