"""One's own security page."""

from __future__ import annotations

from tests.portal.pages import text_of


def test_the_security_page_shows_only_ones_own(client_for, viewer, alice):
    page = text_of(client_for(alice).get("/security/"))
    assert alice.email in page
    assert "Only your password protects this account" in page
    assert "Customer manager at Lakeside Dental" in page
    assert viewer.email not in page
