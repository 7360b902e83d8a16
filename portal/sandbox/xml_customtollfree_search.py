"""The provider's published Search API: search and reverselookup (section 5).

Answers of this API have no request id. What `trailing`, `adult` and `numeric` mean exactly is not
published: here `trailing` is the greatest count of digits after the word, `adult` keeps a short
list of words out, and `numeric` leaves the found word in digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from portal.sandbox.http import Request, Response
from portal.sandbox.store import Store
from portal.sandbox.xml_customtollfree_numbers import lock
from portal.sandbox.xml_customtollfree_requests import open_call, refuse_faulted
from portal.sandbox.xml_customtollfree_wire import (
    PROVIDER,
    Call,
    Element,
    Operation,
    Refused,
    error_answer,
    fields,
    parameters_of,
    refuse,
    sortable,
    success_answer,
    xml_response,
)

PREFIXES = ("800", "888", "877", "866", "855", "844", "833")
SOURCES = ("spare", "rugly")
KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
ADULT_WORDS = ("SEX", "XXX", "PORN")
SEARCH_LOCK_SECONDS = 60
QUANTITY_LIMIT = 1000
LOCAL_LENGTH = 7
WORDS = [
    "FLOWERS",
    "CONTACT",
    "SUPPORT",
    "HOLIDAY",
    "TICKETS",
    "LAWYERS",
    "DENTIST",
    "CARPETS",
    "DOCTORS",
    "ROOFING",
    "HEATING",
    "KITCHEN",
    "LEASING",
    "MOVERS",
    "DRIVER",
    "REPAIR",
    "RENTAL",
    "SHOP",
    "TAXI",
    "HELP",
    "CALL",
    "CARS",
    "HOME",
    "LOAN",
    "PETS",
    "FOOD",
    "GOLD",
    "INFO",
    "MAIL",
    "NEWS",
    "PLAY",
    "SAVE",
    "SELL",
    "TALK",
    "TOUR",
    "WINE",
    "YOGA",
    "ART",
    "BUY",
    "CAR",
    "FLY",
    "FUN",
    "LAW",
    "NOW",
    "PAY",
    "TAX",
]


def search(request: Request, store: Store) -> Response:
    """GET /api/search: spare numbers that spell a word."""
    return _answer(request, store, _search)


def reverse_lookup(request: Request, store: Store) -> Response:
    """GET /api/reverselookup: the words that a number spells."""
    return _answer(request, store, _reverse_lookup)


def _answer(request: Request, store: Store, operation: Operation) -> Response:
    try:
        with store.transaction():
            call = open_call(request, store, 0, parameters_of(request))
            refuse_faulted(call)
            return xml_response(success_answer(None, operation(call)))
    except Refused as refused:
        return xml_response(error_answer(None, refused.problems))


def _search(call: Call) -> list[Element]:
    """Find spare numbers; those that come back are locked for this key for a minute (2).

    Setting `custom_toll_free.search_lock` is the life of that lock in seconds, 0 to 3600.
    """
    word = call.required("vanity").upper()
    if not (word.isascii() and word.isalnum() and 3 <= len(word) <= 12):
        raise refuse("invalid_parameter", "vanity", "Must be 3 to 12 letters and digits")
    sources = [part for part in call.optional("source", "spare").split(";") if part]
    if not set(sources) <= set(SOURCES):
        raise refuse("invalid_parameter", "source", f"Must be among {', '.join(SOURCES)}")
    prefixes = [part for part in call.optional("prefix").split(";") if part] or list(PREFIXES)
    if not set(prefixes) <= set(PREFIXES):
        raise refuse("invalid_parameter", "prefix", f"Must be among {', '.join(PREFIXES)}")
    quantity = _whole(call, "quantity", default=10, low=1, high=10**6)
    trailing = _whole(call, "trailing", default=5, low=0, high=5)
    is_filtered, is_numeric = call.flag("adult", default=True), call.flag("numeric")
    if "spare" not in sources or "empty" in call.faults:
        return []
    if is_filtered and any(bad in word for bad in ADULT_WORDS):
        return []
    found = _find(call, word.translate(KEYPAD)[:LOCAL_LENGTH], prefixes, trailing, quantity)
    seconds = float(call.store.setting("custom_toll_free.search_lock", SEARCH_LOCK_SECONDS))
    if seconds > 0:
        lock(call, found, login=call.login, life=timedelta(seconds=seconds))
    return [_item(tn, "" if is_numeric else word[:LOCAL_LENGTH]) for tn in found]


def _whole(call: Call, name: str, *, default: int, low: int, high: int) -> int:
    value = call.optional(name, str(default))
    if not value.isdecimal() or not low <= int(value[:9]) <= high:
        raise refuse("invalid_parameter", name, f"Must be {low} to {high}")
    return int(value[:9])


def _find(call: Call, digits: str, prefixes: list[str], trailing: int, quantity: int) -> list[str]:
    """Return spare numbers with the digits in their last seven, unless somebody locked them."""
    room = LOCAL_LENGTH - len(digits)
    patterns = [
        f"___{'_' * (room - after)}{digits}{'_' * after}"
        for after in range(min(room, trailing) + 1)
    ]
    likes = " OR ".join("tn LIKE ?" for _ in patterns)
    marks = ", ".join("?" * len(prefixes))
    rows = call.store.query(
        "SELECT tn FROM number WHERE provider = ? AND status = 'available'"  # noqa: S608
        f" AND npa IN ({marks}) AND ({likes})"
        " AND tn NOT IN (SELECT tn FROM ctf_lock WHERE login <> ? AND until > ?)"
        " ORDER BY tn LIMIT ?",
        (
            PROVIDER,
            *prefixes,
            *patterns,
            call.login,
            sortable(call.now),
            min(quantity, QUANTITY_LIMIT),
        ),
    )
    return [row["tn"] for row in rows]


def _item(tn: str, word: str) -> Element:
    """Write a number of an answer, spelled with the word where it has it."""
    local = tn[3:]
    spelled = spell(local, word) if word else local
    values: Mapping[str, object] = {"prefix": tn[:3], "number": local, "vanity": spelled}
    return fields("item", values)


def spell(local: str, word: str) -> str:
    """Return seven digits with the last place where the word fits put into letters."""
    start = local.rfind(word.translate(KEYPAD))
    return local if start < 0 else local[:start] + word + local[start + len(word) :]


def _reverse_lookup(call: Call) -> list[Element]:
    number = call.number()
    local = number[3:]
    spellings = [spell(local, word) for word in WORDS if word.translate(KEYPAD) in local]
    return [
        fields("item", {"prefix": number[:3], "number": local, "vanity": spelling})
        for spelling in spellings or [local]
    ]
