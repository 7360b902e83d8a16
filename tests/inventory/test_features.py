"""The declarations of features: complete, and their rules hold for whatever is written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import features
from inventory.features.base import clean_email
from portal import providers, sealed
from portal.providers.capabilities import CAPABILITIES
from portal.tn import TN

ALL = list(features.FEATURES.values())
TEXT = st.text(max_size=40)
LIKELY = st.text(alphabet="0123456789+-(). #@aZ,;:/é", max_size=40)


@pytest.mark.parametrize("feature", ALL, ids=lambda one: one.name)
def test_each_names_capabilities_and_a_panel_that_exist(feature):
    named = {feature.capability, feature.clear_capability, feature.read_capability} - {""}
    assert named <= set(CAPABILITIES)
    assert feature.panel in features.PANELS


@pytest.mark.parametrize("slug", list(providers.REGISTRY))
@pytest.mark.parametrize("feature", ALL, ids=lambda one: one.name)
def test_what_a_provider_cannot_do_has_a_sentence(feature, slug):
    for why in (feature.why_not(slug, TN("+13125550142")), feature.why_not_clear(slug)):
        assert why == "" or why.endswith(".")


@pytest.mark.parametrize("feature", ALL, ids=lambda one: one.name)
@given(text=TEXT | LIKELY)
def test_whatever_is_written_is_a_value_or_a_sentence(feature, text):
    words = value = ""
    try:
        value = feature.clean(text)
    except ValueError as error:
        words = str(error)
    assert value or words.endswith(".")
    if not value:
        return
    assert feature.clean(value) == value  # a value that was taken is taken again
    assert feature.shown(feature.stored(value))


@given(text=TEXT | LIKELY)
def test_a_caller_name_that_is_taken_keeps_the_rule(text):
    try:
        name = features.get("cnam_name").clean(text)
    except ValueError:
        return
    assert re.fullmatch(r"[A-Z0-9](?:[A-Z0-9 ]{0,13}[A-Z0-9])?", name)
    assert sum(c.isalpha() for c in name) >= 2


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Lakeside  Dental", "LAKESIDE DENTAL"), (" ab ", "AB"), ("A1B2", "A1B2")],
)
def test_names_are_written_in_capitals(typed, kept):
    assert features.get("cnam_name").clean(typed) == kept


@pytest.mark.parametrize("typed", ["", "A", "12345", "A-B", "LAKESIDE DENTALS", "Café"])
def test_names_against_the_rule_are_refused(typed):
    with pytest.raises(ValueError, match=r"\."):
        features.get("cnam_name").clean(typed)


@pytest.mark.parametrize(
    "typed", ["a@b", "a b@example.net", "a@example.net;b@example.net", "@x.net"]
)
def test_what_is_no_mail_address_is_refused(typed):
    with pytest.raises(ValueError, match="not a mail address"):
        clean_email(typed)


@pytest.mark.parametrize(
    ("name", "told", "kept"),
    [
        ("forward_to", "3125550177", "+13125550177"),
        ("translated_to", "3125550142", ""),
        ("translated_to", "4142", "4142"),
        ("email_to_fax", "b@example.net,a@example.net", "a@example.net, b@example.net"),
        ("cnam_name", "lakeside   ", "LAKESIDE"),
        ("inbound_cnam", "True", "true"),
    ],
)
def test_what_providers_tell_is_spelled_our_way(name, told, kept):
    assert features.get(name).told(TN("+13125550142"), told) == kept


def test_message_destinations_are_checked_by_their_kind():
    feature = features.get("message_destination")
    assert feature.clean("forward:312 555 0177") == "forward:+13125550177"
    assert feature.clean("email:a@example.net, b@example.net") == (
        "email:a@example.net;b@example.net"
    )
    for wrong in ("webhook:http://example.net", "email:nobody", "pigeon:roof", "sip:"):
        with pytest.raises(ValueError, match=r"\."):
            feature.clean(wrong)
    assert feature.shown("forward:+13125550177") == "Another number: (312) 555-0177"


@given(secret=st.text(max_size=40))
def test_what_is_sealed_is_read_again_and_not_seen(secret):
    kept = sealed.seal(secret)
    assert sealed.unseal(kept) == secret
    assert len(secret) < 4 or secret not in kept


@pytest.mark.parametrize("text", ["", "set", "gAAAAA=="])
def test_what_was_not_sealed_is_not_read(text):
    with pytest.raises(sealed.Unreadable, match="SALT_KEY"):
        sealed.unseal(text)
