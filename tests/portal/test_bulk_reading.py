"""Reading files: encodings, delimiters, headers, and whatever else spreadsheets write."""

from __future__ import annotations

import contextlib
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bulk import cells, reading
from portal.bulk.reading import FileProblem

NAMES = ("number", "label", "note")
TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)


def rows_of(text: str | bytes, **how: object) -> list[tuple[int, list[str]]]:
    content = text.encode() if isinstance(text, str) else text
    seen = reading.look(io.BytesIO(content), NAMES)
    return list(
        reading.rows(
            io.BytesIO(content), delimiter=seen.delimiter, has_header=seen.has_header, **how
        )
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiter_line_end_and_mark_are_found(delimiter, end, mark):
    lines = [["number", "label"], ["3125550101", "a, b; c"], [], ["3125550102", ""]]
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(lines)
    found = rows_of(mark + file.getvalue())
    assert [row for _, row in found] == [["3125550101", "a, b; c"], ["3125550102", ""]]


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8))
def test_what_a_csv_writer_wrote_is_read_back(lines):
    file = io.StringIO()
    csv.writer(file).writerows([("number", "label"), *lines])
    found = [tuple(row) for _, row in rows_of(file.getvalue())]
    assert found == [line for line in lines if any(cell.strip() for cell in line)]


def test_known_names_decide_between_delimiters():
    assert reading.look(io.BytesIO(b"number;label, or name;note\n"), NAMES).delimiter == ";"


def test_the_number_of_a_line_counts_the_lines_of_the_file():
    text = 'number,note\n\n1,"two\nlines"\n2,x\n'
    assert [number for number, _ in rows_of(text)] == [4, 5]


@pytest.mark.parametrize(
    ("first", "has_header"),
    [("number,label", True), ("Telefon,Name", True), ("3125550101,x", False), ("x,3.1E+09", False)],
)
def test_a_first_line_with_a_number_is_no_header(first, has_header):
    assert reading.look(io.BytesIO(f"{first}\n1,2\n".encode()), NAMES).has_header is has_header


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n  \n", "empty"),
        (b",", "empty"),
        ("number\n1".encode("utf-16-le"), "UTF-8"),
        ("number\n1".encode("utf-16")[:-1], "UTF-8"),
        (b"number\n" + b"1\n" * 5 + b"\xff\n", "Near line"),
        (b"number,label\n1,a\x00b\n", "NUL"),
        (b'number,label\n1,"a" b\n', "quotation mark"),
        (b"a" + b",a" * 300, "301 columns"),
    ],
)
def test_what_is_no_table_is_said_in_a_sentence(content, words):
    with pytest.raises(FileProblem, match=words):
        rows_of(content)


@pytest.mark.parametrize(
    "content",
    [
        "number\tlabel\r\n3125550142\tÜber\r\n".encode("utf-16"),
        "sep=;\r\nnumber;label\r\n3125550142;Über\r\n".encode(),
        "\ufeffsep=,\nnumber,label\n3125550142,Über\n".encode(),
    ],
)
def test_what_spreadsheets_write_of_their_own_accord_is_read(content):
    seen = reading.look(io.BytesIO(content), NAMES)
    assert (seen.head, seen.has_header) == (["number", "label"], True)
    assert [row for _, row in rows_of(content)] == [["3125550142", "Über"]]


@given(st.binary(max_size=200))
def test_no_file_breaks_it(content):
    with contextlib.suppress(FileProblem):
        rows_of(content)


@pytest.mark.parametrize("name", ["Monthly Cost", " monthly-cost ", "MONTHLY_COST"])
def test_names_are_compared_in_one_spelling(name):
    assert reading.normal(name) == "monthly_cost"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("'=1+1", "=1+1"), ("'-", "-"), ("'CLEAR", "CLEAR"), ("''=1", "'=1")),
        *(("'s Hof", "'s Hof"), (" a ", "a"), ("'\t", ""), ("''\t", "'"), ("'CLEAR ", "CLEAR")),
    ],
)
def test_the_apostrophe_of_an_export_is_taken_off(written, meant):
    assert cells.unquoted(written) == meant


@pytest.mark.parametrize(
    ("text", "value"), [("$1.5", "1.5000"), ("0", "0.0000"), ("1,250", "1250.0000")]
)
def test_amounts_have_all_their_places(text, value):
    assert cells.amount(digits=9, places=4)(text) == value


@pytest.mark.parametrize("text", ["x", "-1", "NaN", "1e9", "0.00001", "100000"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match="amount"):
        cells.amount(digits=9, places=4)(text)
