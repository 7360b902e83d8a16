"""The numbers of a fresh sandbox, made the same each time, and the files that they are kept in."""

from __future__ import annotations

import csv
import hashlib
import os
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from portal.sandbox import accounts, faults, log
from portal.sandbox.accounts import CUSTOM_TOLL_FREE, INTELEPEER, VOICETEL, VOIP_INNOVATIONS
from portal.sandbox.store import INDEXES, Store
from portal.sandbox.wsgi import load_wires

SEED = 20261121
POPULAR = [
    "201",
    "202",
    "206",
    "212",
    "213",
    "214",
    "303",
    "305",
    "310",
    "312",
    "404",
    "415",
    "435",
    "512",
    "602",
    "617",
    "646",
    "702",
    "713",
    "718",
]
TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")
# Exchanges of the two toll-free providers, and of VoIP Innovations; 555 and 556 are left to the
# examples and the magic numbers.
TOLL_FREE_NXX = ((*range(300, 500), *range(600, 990)), tuple(range(220, 300)))
EXAMPLE_NXX = "555"  # Never in service: what the documentation shows
MAGIC_NXX = "556"
MAGIC_LINES = tuple(sorted(faults.MAGIC))
WORDS = [
    "FLOWERS",
    "PLUMBER",
    "LAWYERS",
    "DENTIST",
    "TAXICAB",
    "COLLECT",
    "HOLIDAY",
    "CARPETS",
    "WINDOWS",
    "ROOFING",
    "HEATING",
    "BEDROOM",
    "COFFEES",
    "INSURED",
    "DOCTORS",
    "TICKETS",
    "WEDDING",
    "BANKING",
    "TRUCKER",
    "HOSTING",
]
KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")


class Number(NamedTuple):
    """A number for sale; the order is that of the INSERT below."""

    provider: str
    tn: str
    state: str
    rate_center: str
    city: str
    lata: int
    tier: str
    network: str
    t38: bool
    cnam: bool
    sms: bool


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """How one provider's stock looks: runs of consecutive numbers, single ones, and their facts.

    `parity` picks the thousands blocks, so that no number is for sale at two providers. The first
    figure of a pair is for an ordinary exchange, the second for one of a popular area code.
    """

    provider: str
    parity: int
    runs: tuple[int, int]
    run_length: tuple[int, int]
    singles: tuple[int, int]
    tiers: tuple[str, ...]
    networks: tuple[str, ...]
    example_lines: range
    magic_nxx: str


LOCAL = (
    Shelf(
        provider=VOIP_INNOVATIONS,
        parity=0,
        runs=(1, 2),
        run_length=(20, 40),
        singles=(18, 100),
        tiers=("0", "0", "1", "1", "1", "2", "4"),
        networks=("VI", "VI", "Onvoy", "Peerless"),
        example_lines=range(100, 150),
        magic_nxx=EXAMPLE_NXX,
    ),
    Shelf(
        provider=VOICETEL,
        parity=1,
        runs=(1, 1),
        run_length=(12, 40),
        singles=(12, 60),
        tiers=("",),
        networks=("",),
        example_lines=range(150, 200),
        magic_nxx=MAGIC_NXX,
    ),
)
TOLL_FREE_SHELVES = (
    (INTELEPEER, 1, 140, TOLL_FREE, range(100, 150), EXAMPLE_NXX),
    (CUSTOM_TOLL_FREE, 0, 100, TOLL_FREE, range(150, 200), MAGIC_NXX),
    (VOIP_INNOVATIONS, 0, 100, ("833",), range(0), ""),
)


def exchanges() -> Iterator[tuple[str, str, str, str, str, int]]:
    """Yield (npa, nxx, state, rate center, city, LATA) of data/exchanges.csv, in order."""
    source = resources.files("portal.sandbox.data").joinpath("exchanges.csv")
    with source.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield (
                row["npa"],
                row["nxx"],
                row["state"],
                row["rate_center"],
                row["city"],
                int(row["lata"]),
            )


def local_numbers(shelf: Shelf, scale: float) -> Iterator[Number]:
    """Yield a provider's numbers in all area codes, ordered within each exchange."""
    previous = ""
    for npa, nxx, state, rate_center, city, lata in exchanges():
        is_popular = npa in POPULAR
        rng = random.Random(f"{SEED}{shelf.provider}{npa}{nxx}")  # noqa: S311
        place = partial(
            Number,
            provider=shelf.provider,
            state=state,
            rate_center=rate_center,
            city=city,
            lata=lata,
        )
        found = {f"{npa}{nxx}{line:04d}" for line in _lines(shelf, rng, is_popular, scale)}
        if is_popular and npa != previous:
            found |= {f"{npa}{EXAMPLE_NXX}{line:04d}" for line in shelf.example_lines}
            found |= {f"{npa}{shelf.magic_nxx}{line}" for line in MAGIC_LINES}
        previous = npa
        tier, network = rng.choice(shelf.tiers), rng.choice(shelf.networks)
        for tn in sorted(found):
            if rng.random() < 0.2:
                tier, network = rng.choice(shelf.tiers), rng.choice(shelf.networks)
            is_example = tn[3:6] in (EXAMPLE_NXX, shelf.magic_nxx)
            yield place(
                tn=tn,
                tier=tier,
                network=shelf.networks[0] if is_example else network,
                t38=rng.random() < 0.7,
                cnam=rng.random() < 0.6,
                sms=rng.random() < 0.8,
            )


def _lines(shelf: Shelf, rng: random.Random, is_popular: bool, scale: float) -> set[int]:
    """Draw the last four digits for one exchange."""
    found: set[int] = set()
    length = max(5, round(shelf.run_length[is_popular] * max(scale, 0.5)))
    runs = shelf.runs[is_popular] if is_popular or scale >= 1 or rng.random() < scale else 0
    for _ in range(runs):
        start = 1000 * rng.randrange(shelf.parity, 10, 2) + rng.randrange(1000 - length)
        found |= set(range(start, start + length))
    for _ in range(max(1, round(shelf.singles[is_popular] * scale))):
        found.add(1000 * rng.randrange(shelf.parity, 10, 2) + rng.randrange(1000))
    return found


def toll_free_numbers(scale: float) -> Iterator[Number]:
    """Yield the toll-free stock of all providers, with runs of ten and words in it."""
    for provider, parity, groups, npas, example_lines, magic_nxx in TOLL_FREE_SHELVES:
        is_local_too = provider == VOIP_INNOVATIONS
        sell = partial(
            Number,
            provider=provider,
            state="TF" if is_local_too else "",
            rate_center="US+CA" if is_local_too else "",
            city="",
            lata=0,
            tier="",
            network="VI" if is_local_too else "",
            t38=False,
            cnam=False,
            sms=False,
        )
        for npa in npas:
            rng = random.Random(f"{SEED}{provider}{npa}")  # noqa: S311
            found = {f"{npa}{EXAMPLE_NXX}{line:04d}" for line in example_lines}
            found |= {f"{npa}{magic_nxx}{line}" for line in MAGIC_LINES if magic_nxx}
            for _ in range(max(4, round(groups * scale))):
                nxx = rng.choice(TOLL_FREE_NXX[is_local_too])
                start = 1000 * rng.randrange(parity, 10, 2) + rng.randrange(990)
                found |= {f"{npa}{nxx}{line:04d}" for line in range(start, start + 10)}
                found.add(f"{npa}{nxx}{1000 * rng.randrange(parity, 10, 2) + 777:04d}")
            found |= set(_words(npa, parity, is_local_too))
            yield from (sell(tn=tn) for tn in sorted(found))


def _words(npa: str, parity: int, is_local_too: bool) -> Iterator[str]:
    """Yield the numbers of an area code that spell a word, each for one provider only."""
    for word in [] if is_local_too else WORDS:
        digits = word.translate(KEYPAD)
        if int(digits[3]) % 2 == parity:
            yield npa + digits


def all_numbers(scale: float) -> Iterator[Number]:
    """Yield the whole stock; at a `scale` of 1 more than 200,000 numbers."""
    for shelf in LOCAL:
        yield from local_numbers(shelf, scale)
    yield from toll_free_numbers(scale)


def build(path: Path, *, scale: float) -> None:
    """Write a pristine file: stock, accounts and what the wires add. Takes a few seconds."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    store = Store(part)
    _prepare(store)
    with store.transaction():
        store.execute_many(
            "INSERT OR IGNORE INTO number (provider, tn, state, rate_center, city, lata, tier,"
            " network, t38, cnam, sms, npa, nxx)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((*number, number.tn[:3], number.tn[3:6]) for number in all_numbers(scale)),
        )
    store.connection.executescript(INDEXES)
    with store.transaction():
        accounts.seed(store)
        _hand_out(store)
        for wire in load_wires():
            wire.seed(store, random.Random(f"{SEED}{wire.PROVIDER}"))  # noqa: S311
    store.execute("ANALYZE")
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    part.replace(path)


def _prepare(store: Store) -> None:
    """Make the tables of core and wires where they are missing."""
    for schema in (faults.SCHEMA, log.SCHEMA, *(wire.SCHEMA for wire in load_wires())):
        store.connection.executescript(schema)


def _hand_out(store: Store) -> None:
    """Give the preset accounts their numbers: example numbers first, then the popular places."""
    for preset in accounts.PRESETS:
        marks = ", ".join("?" * len(POPULAR))
        candidates = store.query(
            "SELECT tn FROM number WHERE provider = ? AND status = 'available'"  # noqa: S608
            f" AND (npa IN ({marks}) OR npa LIKE '8__') AND substr(tn, 7) NOT LIKE '990_'"
            " ORDER BY nxx <> ?, substr(tn, 7), npa, tn LIMIT ?",
            (preset.provider, *POPULAR, EXAMPLE_NXX, preset.owns),
        )
        for row in candidates:
            store.execute(
                "UPDATE number SET status = 'owned', account = ? WHERE provider = ? AND tn = ?",
                (preset.login, preset.provider, row["tn"]),
            )


def fingerprint() -> str:
    """Return a name for what a pristine file would hold: it changes with the sandbox's sources."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.csv")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def open_store(directory: Path, *, scale: float = 1.0) -> Store:
    """Return the store kept in a folder, made when it is not there; everything in it is kept.

    The stock is made once and kept beside it; it is made afresh when the sandbox's sources change,
    and used at the next reset. Raises OSError when the folder cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    pristine = directory / f"stock-{fingerprint()}-{scale:g}.sqlite3"
    if not pristine.exists():
        for old in directory.glob("stock-*"):
            old.unlink()
        build(pristine, scale=scale)
    live = directory / "state.sqlite3"
    is_new = not live.exists()
    try:
        store = Store(live, pristine)
        if is_new:
            store.reset()
    except sqlite3.DatabaseError as error:
        raise OSError(f"{live} is not a file of the sandbox: {error}") from error
    _prepare(store)
    for wire in load_wires():
        tick = getattr(wire, "tick", None)
        if tick is not None:
            store.on_tick(partial(tick, store))
    return store
