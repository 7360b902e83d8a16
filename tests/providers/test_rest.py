"""JSON over HTTP: strict parsing, and long arrays in constant memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.providers.rest import MAX_VALUE, ArrayReader, clean, parse

PATH = ("data", "numbers")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3).map(float),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
OTHERS = st.dictionaries(
    st.text(max_size=8).filter(lambda name: name not in PATH), JSON, max_size=3
)


def cut(body: bytes, sizes: list[int]) -> Iterator[bytes]:
    """Yield a body in pieces of the given sizes, over and over."""
    at, turn = 0, 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        yield body[at : at + size]
        at, turn = at + size, turn + 1


def read(body: bytes, sizes: list[int] | None = None) -> tuple[list[Any], ArrayReader]:
    reader = ArrayReader(cut(body, sizes or [7]), PATH)
    return list(reader), reader


@given(
    elements=st.lists(JSON, max_size=6),
    before=OTHERS,
    after=OTHERS,
    inside=OTHERS,
    sizes=st.lists(st.integers(min_value=1, max_value=50), min_size=1, max_size=5),
    indent=st.sampled_from([None, 0, 2]),
    is_ascii=st.booleans(),
)
def test_the_array_and_what_stands_beside_it_are_read_however_the_bytes_are_cut(
    elements: list[Any],
    before: dict[str, Any],
    after: dict[str, Any],
    inside: dict[str, Any],
    sizes: list[int],
    indent: int | None,
    is_ascii: bool,
) -> None:
    after = {name: value for name, value in after.items() if name not in before}
    document = {**before, "data": {**inside, "numbers": elements}, **after}
    body = json.dumps(document, indent=indent, ensure_ascii=is_ascii).encode(
        "utf-8", "surrogatepass"
    )
    try:
        expected = parse(body)
    except ValueError:  # half of a surrogate pair, raw: not UTF-8
        with pytest.raises(ValueError, match=r"utf-8|surrogate"):
            read(body, sizes)
        return
    found, reader = read(body, sizes)
    assert found == expected["data"].pop("numbers")
    assert reader.others == expected
    assert reader.is_found


@given(
    elements=st.lists(JSON, min_size=1, max_size=5),
    share=st.floats(min_value=0, max_value=1, exclude_max=True),
    sizes=st.lists(st.integers(min_value=1, max_value=50), min_size=1, max_size=3),
)
def test_a_document_that_ends_early_is_an_error(
    elements: list[Any], share: float, sizes: list[int]
) -> None:
    body = json.dumps({"status": "success", "data": {"numbers": elements}}).encode()
    with pytest.raises(ValueError):  # noqa: PT011 - which one depends on where it ends
        read(body[: int(len(body) * share)], sizes)


@given(body=st.binary(max_size=80), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=3))
@example(body=b"[" * 5000, sizes=[9])
@example(body=b'{"data":{"numbers":[' + b"[" * 5000, sizes=[9])
@example(body=b'{"a":' + b"9" * 5000 + b"}", sizes=[9])
def test_nothing_but_value_error_comes_of_garbage(body: bytes, sizes: list[int]) -> None:
    try:
        found, reader = read(body, sizes)
    except ValueError:
        return
    assert isinstance(parse(body), dict)
    assert reader.is_found or not found


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":{"numbers":[1,]}}',
        b'{"data":{"numbers":[1 2]}}',
        b'{"data":{"numbers":[1}}',
        b'{"data":{"numbers":[1]}} x',
        b'{"data":{"numbers":[1],}}',
        b'{"data":{"numbers":[1],"numbers":[2]}}',
        b'{"data":{},"data":{"numbers":[1]}}',
        b'{"data":{"numbers":[NaN]}}',
        b'{"data":{"numbers":[1.]}}',
        b"{1:2}",
        b'["data"]',
        b"",
    ],
)
def test_what_is_not_one_json_object_is_refused(body: bytes) -> None:
    for size in (1, 1000):
        with pytest.raises(ValueError):  # noqa: PT011
            read(body, [size])


@pytest.mark.parametrize(
    "document",
    [
        {"status": "success"},
        {"data": None},
        {"data": []},
        {"data": {"numbers": None}},
        {"data": {"numbers": {}}},
        {"numbers": [1]},
    ],
)
def test_an_array_that_is_elsewhere_is_not_found(document: dict[str, Any]) -> None:
    found, reader = read(json.dumps(document).encode())
    assert found == []
    assert not reader.is_found
    assert reader.others == document


def test_a_number_is_not_cut_where_a_piece_ends() -> None:
    assert read(b'{"data":{"numbers":[12.50,-1e2,true,null]}}', [1])[0] == [
        Decimal("12.50"),
        Decimal("-1e2"),
        True,
        None,
    ]


def test_a_value_without_end_is_given_up() -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"data":{"numbers":["'
        while True:
            yield b"x" * 65536

    with pytest.raises(ValueError, match="larger"):
        list(ArrayReader(endless(), PATH))


def test_a_long_list_is_read_in_constant_memory() -> None:
    record = json.dumps({"number": "2125550142", "gateway": "DID" * 20}).encode()
    block = b",".join([record] * 500)

    def chunks() -> Iterator[bytes]:
        yield b'{"status":"success","data":{"numbers":[' + block
        for _ in range(60):
            yield b"," + block
        yield b"]}}"

    tracemalloc.start()
    try:
        count = sum(1 for _ in ArrayReader(chunks(), PATH))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 61 * 500
    assert peak < MAX_VALUE < 61 * len(block) / 2


@pytest.mark.parametrize(
    ("body", "value"),
    [(b"\xef\xbb\xbf[1]", [1]), (b"0.10", Decimal("0.10")), (b' {"a":null} ', {"a": None})],
)
def test_parse_reads_json(body: bytes, value: Any) -> None:
    assert parse(body) == value


@pytest.mark.parametrize(
    "body", [b"", b"NaN", b"{", b"[1] 2", b"\xff\xfe1\x00", b"[" * 100_000, b"9" * 5000]
)
def test_parse_raises_value_error_only(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse(body)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, ""),
        (4, "4"),
        (Decimal("0.50"), "0.50"),
        (" DID ", "DID"),
        ("a\x00b", "a\ufffdb"),
        ("\ud800", "?"),
        ("Montréal", "Montréal"),
        ([1], ""),
        ({}, ""),
    ],
)
def test_clean_gives_texts_that_a_database_takes(value: Any, text: str) -> None:
    assert clean(value) == text
