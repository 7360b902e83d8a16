"""The stock: its size, its spread, and that it is the same each time."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from portal.sandbox import accounts, faults, stock
from portal.sandbox.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return stock.open_store(tmp_path_factory.mktemp("sandbox"))


def count(store: Store, condition: str, *values: object) -> int:
    sql = f"SELECT count(*) AS n FROM number WHERE {condition}"  # noqa: S608
    return int(store.query(sql, values)[0]["n"])


def test_more_than_200000_numbers_are_for_sale(store: Store) -> None:
    assert count(store, "status = 'available'") >= 200_000


def test_every_provider_has_stock_and_numbers_of_both_accounts(store: Store) -> None:
    for preset in accounts.PRESETS:
        held = count(
            store,
            "provider = ? AND account = ? AND status <> 'available'",
            preset.provider,
            preset.login,
        )
        assert held == preset.owns
    for provider in accounts.PROVIDERS:
        assert count(store, "provider = ? AND status = 'available'", provider) > 5_000


@pytest.mark.parametrize("npa", ["212", "312", "404", "415", "435", "201", "646", "702", "305"])
def test_usual_area_codes_have_plenty_and_runs_at_both_local_providers(
    store: Store, npa: str
) -> None:
    for provider in (accounts.VOIP_INNOVATIONS, accounts.VOICETEL):
        tns = [
            int(row["tn"])
            for row in store.query(
                "SELECT tn FROM number WHERE provider = ? AND npa = ? AND status = 'available'"
                " ORDER BY tn",
                (provider, npa),
            )
        ]
        assert len(tns) > 500
        longest = max(Counter(tn - place for place, tn in enumerate(tns)).values())
        assert longest >= 30


@pytest.mark.parametrize(
    ("provider", "nxx"),
    [
        (accounts.VOIP_INNOVATIONS, "555"),
        (accounts.VOICETEL, "556"),
        (accounts.INTELEPEER, "555"),
        (accounts.CUSTOM_TOLL_FREE, "556"),
    ],
)
def test_every_magic_number_is_for_sale_everywhere(store: Store, provider: str, nxx: str) -> None:
    npas = (
        stock.POPULAR
        if provider
        in (
            accounts.VOIP_INNOVATIONS,
            accounts.VOICETEL,
        )
        else stock.TOLL_FREE
    )
    for npa in npas:
        for line in faults.MAGIC:
            assert (
                count(
                    store,
                    "provider = ? AND tn = ? AND status = 'available'",
                    provider,
                    f"{npa}{nxx}{line}",
                )
                == 1
            )


def test_no_number_is_for_sale_at_two_providers(store: Store) -> None:
    twice = store.query("SELECT tn FROM number GROUP BY tn HAVING count(*) > 1")
    assert not [row["tn"] for row in twice]


def test_numbers_are_numbers_and_places_are_complete(store: Store) -> None:
    assert not count(store, "tn NOT GLOB '[2-9][0-9][0-9][2-9][0-9][0-9][0-9][0-9][0-9][0-9]'")
    assert not count(store, "npa || nxx <> substr(tn, 1, 6)")
    assert not count(
        store,
        "provider = ? AND (state = '' OR rate_center = '' OR lata = 0)",
        accounts.VOICETEL,
    )
    places = store.query(
        "SELECT DISTINCT state, rate_center, lata FROM number WHERE npa IN ('212', '415', '435')"
    )
    found = {tuple(row) for row in places}
    assert ("NY", "NEW YORK", 132) in found
    assert ("CA", "SAN FRANCISCO", 722) in found
    assert ("UT", "ST GEORGE", 660) in found


def test_toll_free_stock_spells_words(store: Store) -> None:
    assert count(store, "substr(tn, 4) = '3569377'") >= 2  # FLOWERS


def digest(directory: Path) -> str:
    store = stock.open_store(directory, scale=0.02)
    rows = store.query("SELECT * FROM number ORDER BY provider, tn")
    store.close()
    return hashlib.sha256(repr([tuple(row)[:17] for row in rows]).encode()).hexdigest()


def test_stock_is_the_same_each_time(tmp_path: Path) -> None:
    assert digest(tmp_path / "one") == digest(tmp_path / "two")


def test_state_is_kept_between_starts_and_the_stock_file_reused(tmp_path: Path) -> None:
    store = stock.open_store(tmp_path, scale=0.02)
    store.execute("UPDATE number SET status = 'gone' WHERE tn = '3125550142'")
    store.set_setting("kept", "yes")
    made = [(path, path.stat().st_mtime_ns) for path in tmp_path.glob("stock-*")]
    store.close()

    again = stock.open_store(tmp_path, scale=0.02)
    assert again.setting("kept") == "yes"
    assert again.query("SELECT status FROM number WHERE tn = '3125550142'")[0][0] == "gone"
    assert [(path, path.stat().st_mtime_ns) for path in tmp_path.glob("stock-*")] == made


def test_a_broken_state_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite3").write_bytes(b"not a database at all" * 500)
    with pytest.raises(OSError, match=r"state\.sqlite3 is not a file of the sandbox"):
        stock.open_store(tmp_path, scale=0.02)
