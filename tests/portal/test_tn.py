"""The number value: every spelling that people use, and every one that must be refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.tn import TN, InvalidTN, keypad_digits, parse_many


@pytest.mark.parametrize(
    "text",
    [
        "3125550142",
        "13125550142",
        "+13125550142",
        "(312) 555-0142",
        "312.555.0142",
        "1-312-555-0142",
        " 312 555 0142 ",
        "+1 (312) 555\u20110142",
        "312\u00a0555\u00a00142",
        "312/555-0142",
    ],
)
def test_usual_spellings_mean_the_same_number(text):
    assert TN.parse(text) == "+13125550142"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3.12556E+09", "spreadsheet"),
        ("3,12556e9", "spreadsheet"),
        ("5550142", "no area code"),
        ("312555CALL", "letters"),
        ("1125550142", "start with 2 to 9"),
        ("3121550142", "start with 2 to 9"),
        ("9115550142", "service codes"),
        ("3129110142", "service codes"),
        ("3915550142", "not in use"),
        ("3705550142", "not in use"),
        ("9605550142", "not in use"),
        ("31255501420", "North American"),
        ("312555014", "9 digits"),
        ("", "No number"),
        ("٣١٢٥٥٥٠١٤٢", "no telephone number has"),
        ("9" * 60, "too long"),
        ("+1312555", "ten digits after"),
        ("+999123456789", "not a"),
        ("<script>", "letters"),
    ],
)
def test_what_is_not_a_number_is_refused_with_a_sentence(text, words):
    with pytest.raises(InvalidTN, match=words):
        TN.parse(text)


def test_international_numbers_have_no_npa():
    tn = TN.parse("+44 20 7946 0018")
    assert (tn, tn.npa, tn.nxx, tn.is_toll_free) == ("+442079460018", None, None, False)
    with pytest.raises(InvalidTN):
        _ = tn.digits10


def test_parts_of_a_number():
    tn = TN.parse("8885550101")
    assert (tn.npa, tn.nxx, tn.digits10) == ("888", "555", "8885550101")
    assert (tn.pretty, tn.is_toll_free) == ("(888) 555-0101", True)


@given(st.text(max_size=60))
def test_any_text_gives_a_number_or_a_sentence(text):
    try:
        tn = TN.parse(text)
    except InvalidTN as error:
        sentence = str(error)
    else:
        assert TN.parse(tn) == tn
        sentence = f"{tn} is fine."
    assert sentence.endswith(".")


@given(st.from_regex(r"[2-9][0-8]\d[2-9]\d{6}", fullmatch=True))
def test_a_valid_number_survives_its_pretty_form(digits):
    try:
        tn = TN.parse(digits)
    except InvalidTN:
        return
    assert TN.parse(tn.pretty) == tn == TN.from_digits10(tn.digits10)


def test_a_pasted_list_keeps_the_good_and_names_the_bad():
    good, bad = parse_many("3125550142, 3125550143\n\n555;(312) 555-0142\nabc\t3125550144")
    assert good == ["+13125550142", "+13125550143", "+13125550144"]
    assert [(line, entry) for line, entry, _ in bad] == [(3, "555"), (4, "abc")]


@pytest.mark.parametrize(
    ("text", "expected", "left_out"),
    [
        ("3125550142 3125550143", ["+13125550142", "+13125550143"], []),
        ("(312) 555-0142 (312) 555-0143", ["+13125550142", "+13125550143"], []),
        ("+1 312 555 0142 1 312 555 0143", ["+13125550142", "+13125550143"], []),
        ('"3125550142","3125550143"', ["+13125550142", "+13125550143"], []),
        ("'3125550142", ["+13125550142"], []),
        ("\u202a(312)\u00a0555-0142\u202c", ["+13125550142"], []),
        ("2 3125550142 Front desk", ["+13125550142"], ["2", "Front desk"]),
        ("+44 20 7946 0958", ["+442079460958"], []),
        ("3125550142 +44 20 7946 0958", [], ["3125550142 +44 20 7946 0958"]),
    ],
)
def test_pasted_numbers_are_found_between_spaces_and_signs(text, expected, left_out):
    good, bad = parse_many(text)
    assert good == expected
    assert [entry for _, entry, _ in bad] == left_out


def test_ten_thousand_pasted_lines_are_read_at_once():
    text = "\n".join(f"312-555-{n:04}" for n in range(10_000))
    good, bad = parse_many(text)
    assert (len(good), bad) == (10_000, [])


def test_letters_become_keypad_digits():
    assert keypad_digits("Harbor9") == "4272679"


def test_digits_of_other_scripts_are_not_mixed_in():
    with pytest.raises(InvalidTN):
        TN.parse("31\u0662555\u0660142")
