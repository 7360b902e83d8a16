"""Two texts of one address, part by part and word by word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from e911.addresses import Lines, marked
from e911.side_by_side import compare, told

WORDS = st.lists(st.text("ABab12.", min_size=1, max_size=4), max_size=8).map(" ".join)


def shown(words) -> str:
    return " ".join(f"[{word.text}]" if word.is_changed else word.text for word in words)


def test_only_the_words_that_differ_are_marked():
    left, right = marked("550 West Main Street", "550 W MAIN ST")
    assert shown(left) == "550 [West] Main [Street]"
    assert shown(right) == "550 [W] MAIN [ST]"


def test_capitals_points_and_commas_make_no_difference():
    left, right = marked("12 Oak St., Chicago", "12 OAK ST CHICAGO")
    assert shown(left) == "12 Oak St., Chicago"
    assert shown(right) == "12 OAK ST CHICAGO"


def test_a_word_that_one_text_lacks_is_marked_in_the_other():
    left, right = marked("12 Oak St", "12 N Oak St")
    assert shown(left) == "12 Oak St"
    assert shown(right) == "12 [N] Oak St"


def test_parts_that_neither_has_are_left_out():
    ours = told(Lines(address1="1 Main St", city="Chicago", zip="60601"), "Lakeside")
    theirs = {**ours, "plus4": "1234"}
    found = compare(ours, theirs)
    assert [line.name for line in found] == ["address1", "city", "zip", "plus4", "caller_name"]
    assert [line.name for line in found if line.is_marked] == ["plus4"]


@given(WORDS, WORDS)
def test_every_word_stays_and_what_is_not_marked_is_equal(left, right):
    ours, theirs = marked(left, right)
    assert [word.text for word in ours] == left.split()
    assert [word.text for word in theirs] == right.split()

    def plain(words):
        return [word.text.upper().strip(".,;") for word in words if not word.is_changed]

    assert plain(ours) == plain(theirs)


@given(WORDS)
def test_equal_texts_have_no_mark(text):
    ours, theirs = marked(text, text.upper())
    assert not any(word.is_changed for word in (*ours, *theirs))
