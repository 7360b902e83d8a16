"""Writes of porting that stay in our database."""

from porting.services.documents import NotAccepted, add_document, open_document, sign_letter
from porting.services.handing import hand_back
from porting.services.moving import IllegalMove, follow, move
from porting.services.notes import add_note, record_event
from porting.services.orders import (
    change_order,
    create_order,
    missing,
    remove_line,
    set_presets,
)
from porting.services.words import decide_word, meaning_of

__all__ = [
    "IllegalMove",
    "NotAccepted",
    "add_document",
    "add_note",
    "change_order",
    "create_order",
    "decide_word",
    "follow",
    "hand_back",
    "meaning_of",
    "missing",
    "move",
    "open_document",
    "record_event",
    "remove_line",
    "set_presets",
    "sign_letter",
]
