"""Laying out raw bodies."""

from __future__ import annotations

import pytest

from portal.pretty import readable


def test_xml_gets_a_line_per_element():
    body = '<?xml version="1.0"?><a x="1"><tn>2015550100</tn><empty /><b><c/></b></a>'
    assert readable(body).splitlines() == [
        '<?xml version="1.0"?>',
        '<a x="1">',
        "  <tn>2015550100</tn>",
        "  <empty />",
        "  <b>",
        "    <c/>",
        "  </b>",
        "</a>",
    ]


def test_json_is_indented_and_keeps_its_letters():
    assert readable('{"a":[1],"b":"é"}') == '{\n  "a": [\n    1\n  ],\n  "b": "é"\n}'


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("", ""),
        ("no markup at all", "no markup at all"),
        ('{"cut": [1, 2', '{"cut": [1, 2'),
        ("<a><b>cut", "<a>\n  <b>cut"),
        ("</a></b>", "</a>\n</b>"),
        ("<html><body>502 Bad", "<html>\n  <body>502 Bad"),
        ("a=1&b=2", "a=1&b=2"),
    ],
)
def test_what_is_cut_or_broken_is_shown_as_far_as_it_goes(body, shown):
    assert readable(body) == shown
