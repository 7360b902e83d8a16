"""How arguments are read from an envelope: each type, whatever its text, and guessed names."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.sandbox.http import Request
from portal.sandbox.soap_10dlc_records import word
from portal.sandbox.soap_types import TYPES
from portal.sandbox.soap_wire import (
    Method,
    Reply,
    SoapFault,
    list_tns,
    read_args,
    read_envelope,
    without_country,
)
from tests.sandbox.soap_client import SOAP11, SOAP12, envelope

# What XML can hold; a carriage return arrives as a line feed.
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))
TNS = st.lists(st.from_regex(r"[2-9][0-9]{9}", fullmatch=True), min_size=1, max_size=5)


def read(params: str, args: dict[str, Any], soap: str = SOAP11) -> dict[str, Any]:
    """Return what an operation with these parameters would get."""
    method = Method("Try", params, "Response", lambda call: Reply())
    body = envelope("Try", args, soap=soap).encode()
    return read_args(read_envelope(Request(method="POST", path="/", body=body)), method)


@given(TEXTS, st.sampled_from([SOAP11, SOAP12]))
def test_a_string_is_read_as_it_was_written(text: str, soap: str) -> None:
    assert read("message string", {"message": text}, soap) == {"message": text}


@given(st.integers())
def test_an_int_is_one_of_32_bits(number: int) -> None:
    if -(2**31) <= number < 2**31:
        assert read("epg int", {"epg": f" {number} "}) == {"epg": number}
    else:
        with pytest.raises(SoapFault):
            read("epg int", {"epg": number})


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_a_flag_is_one_of_four_words(text: str) -> None:
    meant = {"true": True, "1": True, "false": False, "0": False}.get(text.strip())
    if meant is None:
        with pytest.raises(SoapFault):
            read("dlr boolean", {"dlr": text})
    else:
        assert read("dlr boolean", {"dlr": text}) == {"dlr": meant}


@given(st.binary(), st.booleans())
def test_a_file_is_read_whole(content: bytes, is_broken: bool) -> None:
    encode = base64.encodebytes if is_broken else base64.b64encode
    file = {"FileName": "a.jpg", "FileContent": encode(content).decode()}
    found = read("files MMSFile[]", {"files": {"MMSFile": [file, file]}})
    assert found == {"files": [{"FileName": "a.jpg", "FileContent": content}] * 2}


@pytest.mark.parametrize("wrong", ["a", "====", "Zg", "Z!==", "ü"])
def test_what_is_not_base64_is_a_fault(wrong: str) -> None:
    with pytest.raises(SoapFault):
        read("files MMSFile[]", {"files": {"MMSFile": {"FileContent": wrong}}})


def test_what_is_absent_is_nothing_of_its_type() -> None:
    params = "a string, b int, c boolean, d string[], e MMSFile[], f MMSFile"
    assert read(params, {}) == {
        "a": "",
        "b": 0,
        "c": False,
        "d": [],
        "e": [],
        "f": {"FileName": "", "FileContent": b""},
    }


@given(TNS, st.sampled_from([",", ", ", ";", " ", "\n"]))
def test_numbers_come_as_a_list_or_as_one_text(tns: list[str], divider: str) -> None:
    assert read("tns string[]", {"tns": {"string": tns}}) == {"tns": tns}
    assert read("tns string[]", {"tns": divider.join(tns)}) == {"tns": tns}


@given(st.dictionaries(st.sampled_from([f.name for f in TYPES["SMSCustomer"]]), TEXTS), st.data())
def test_guessed_names_are_read_in_any_case(facts: dict[str, str], data: st.DataObject) -> None:
    spelt = {data.draw(st.sampled_from([n, n.lower(), n.upper()])): v for n, v in facts.items()}
    found = read("customer SMSCustomer", {"customer": spelt})["customer"]
    assert {name: text for name, text in found.items() if text} == {
        name: text for name, text in facts.items() if text
    }


def test_known_names_are_read_in_their_case_only() -> None:
    found = read("p DIDParam", {"p": {"TN": "2015550100", "refid": "a", "epg": 1}})
    assert found == {"p": {"tn": "", "cnam": "", "refId": "", "epg": 1}}


@given(TEXTS)
def test_a_country_code_is_taken_off_eleven_digits_only(text: str) -> None:
    assert without_country(text) == (text[1:] if len(text) == 11 and text.startswith("1") else text)


@given(TNS)
def test_sender_and_recipient_are_the_numbers_of_a_message(tns: list[str]) -> None:
    method = Method("Try", "sender string, recipient string", "SMSResponse", lambda call: Reply())
    body = envelope("Try", {"sender": f" 1{tns[0]} ", "recipient": f"1{tns[-1]}"}).encode()
    found = read_envelope(Request(method="POST", path="/", body=body))
    assert list_tns(found, method) == [tns[0], tns[-1]]


@given(st.text())
def test_a_word_has_one_form(text: str) -> None:
    assert word(word(text)) == word(text)
    assert word("Real estate") == word("real-ESTATE") == word(" real_estate ") == "REAL_ESTATE"
