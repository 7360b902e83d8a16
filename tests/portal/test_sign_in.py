"""Signing in as a browser does it: password, second factor, lock-out, sessions, expiry."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from axes.models import AccessLog
from django.conf import settings as site
from django.core import mail
from django.test import Client
from django.urls import reverse

from portal.models import User
from tests import factories
from tests.portal.pages import HTMX, text_of

LOGIN = "/accounts/login/"


def sign_in(client: Client, email: str, password: str = factories.PASSWORD, **values: str):
    """Send the sign-in form; return the answer."""
    return client.post(LOGIN, {"login": email, "password": password} | values)


def is_in(client: Client) -> bool:
    """Return whether this browser is signed in."""
    return client.get("/").status_code == 200


@pytest.fixture
def user(db) -> User:
    return factories.make_user("operator", email="olga@example.net", name="Olga")


# --- Password


def test_an_address_and_its_password_lead_home(client, user):
    assert sign_in(client, "olga@example.net")["Location"] == "/"
    assert is_in(client)
    assert AccessLog.objects.filter(username="olga@example.net").count() == 1


def test_the_case_of_the_address_does_not_matter(client, user):
    sign_in(client, "Olga@Example.NET")
    assert is_in(client)


def test_one_comes_back_to_where_one_wanted_to_go(client, user):
    wanted = client.get("/jobs/?status=open")["Location"]
    assert wanted == f"{LOGIN}?next=/jobs/%3Fstatus%3Dopen"
    response = client.post(
        wanted, {"login": user.email, "password": factories.PASSWORD, "next": "/jobs/?status=open"}
    )
    assert response["Location"] == "/jobs/?status=open"


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_nobody_is_sent_to_another_site(client, user, where):
    assert sign_in(client, user.email, next=where)["Location"] == "/"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("olga@example.net", "wrong-password"),
        ("nobody@example.net", factories.PASSWORD),
        ("olga@example.net", ""),
        ("", ""),
        ("olga@example.net\x00", factories.PASSWORD),
    ],
)
def test_a_wrong_one_is_refused_without_telling_which(client, user, email, password):
    response = sign_in(client, email, password)
    page = text_of(response)
    assert response.status_code == 200
    assert 'role="alert"' in page or 'class="nd-error"' in page
    assert not is_in(client)


def test_the_answer_to_a_wrong_password_and_to_an_unknown_address_is_the_same(client, user):
    def words(email: str) -> str:
        page = text_of(sign_in(client, email, "wrong-password"))
        return re.search(r'role="alert".*?</div>', page, re.DOTALL)[0]

    assert words("olga@example.net") == words("nobody@example.net")


def test_who_was_switched_off_does_not_get_in(client, user):
    user.is_active = False
    user.save()
    sign_in(client, user.email)
    assert not is_in(client)


def test_five_failures_lock_out_from_here_and_not_from_elsewhere(user):
    here, elsewhere = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    for _ in range(site.AXES_FAILURE_LIMIT):
        locked = sign_in(here, user.email, "wrong-password")
    assert locked.status_code == 429
    assert "Too many attempts" in text_of(locked)
    assert sign_in(here, user.email).status_code == 429  # the right one, too late
    assert not is_in(here)
    sign_in(elsewhere, user.email)
    assert is_in(elsewhere)


def test_a_success_forgets_the_failures_before(client, user):
    for _ in range(3):
        for _ in range(site.AXES_FAILURE_LIMIT - 1):
            sign_in(client, user.email, "wrong-password")
        assert sign_in(client, user.email).status_code == 302
        client.logout()


def test_another_spelling_of_the_address_is_no_new_set_of_tries(client, user):
    for number in range(site.AXES_FAILURE_LIMIT):
        email = user.email.upper() if number % 2 else user.email
        response = sign_in(client, email, "wrong-password")
    assert response.status_code == 429


def test_signing_out_takes_a_post(client, user):
    sign_in(client, user.email)
    client.get("/accounts/logout/")
    assert is_in(client)
    client.post("/accounts/logout/")
    assert not is_in(client)


def test_nobody_signs_up(client, db):
    values = {"email": "new@example.net", "password1": "x" * 12, "password2": "x" * 12}
    client.post("/accounts/signup/", values)
    assert not User.objects.filter(email="new@example.net").exists()


def test_a_forgotten_password_comes_by_mail(client, user):
    client.post("/accounts/password/reset/", {"email": "OLGA@example.net"})
    assert mail.outbox[0].to == ["olga@example.net"]
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    form = client.get(link)["Location"]
    new = "quite-another-battery"
    client.post(form, {"password1": new, "password2": new})
    assert not is_in(client)
    sign_in(client, user.email, new)
    assert is_in(client)


# --- Second factor


@pytest.fixture
def secret(user) -> str:
    """Have the user carry an authenticator app; return its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def code(secret: str) -> str:
    """Return what the app shows at this moment."""
    return f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06d}"


def test_the_app_is_asked_for_after_the_password(client, user, secret):
    asked = sign_in(client, user.email)["Location"]
    assert asked == reverse("mfa_authenticate")
    assert not is_in(client)
    assert client.post(asked, {"code": code(secret)})["Location"] == "/"
    assert is_in(client)


def test_a_wrong_code_does_not_let_in(client, user, secret):
    asked = sign_in(client, user.email)["Location"]
    response = client.post(asked, {"code": "000000"})
    assert 'class="nd-error"' in text_of(response)
    assert not is_in(client)


def test_a_code_works_once(client, user, secret):
    shown = code(secret)
    client.post(sign_in(client, user.email)["Location"], {"code": shown})
    other = Client()
    other.post(sign_in(other, user.email)["Location"], {"code": shown})
    assert is_in(client)
    assert not is_in(other)


def test_a_recovery_code_works_once(user, secret):
    spare = RecoveryCodes(user.authenticator_set.get(type="recovery_codes")).get_unused_codes()[0]
    first, second = Client(), Client()
    for browser in (first, second):
        browser.post(sign_in(browser, user.email)["Location"], {"code": spare})
    assert is_in(first)
    assert not is_in(second)


# --- Where staff must have a second factor


@pytest.fixture
def required(settings):
    settings.STAFF_SECOND_FACTOR_REQUIRED = True


def test_staff_without_a_second_factor_get_no_further_than_to_setting_one_up(
    client, user, required
):
    sign_in(client, user.email)
    assert client.get("/")["Location"] == reverse("mfa_index")
    page = text_of(client.get("/", follow=True))
    assert "Set up a second factor first: this site requires it of staff." in page
    assert client.get("/security/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302


def test_a_fragment_is_sent_away_as_a_page(client, user, required):
    sign_in(client, user.email)
    response = client.get("/jobs/open/", headers=HTMX)
    assert (response.status_code, response["HX-Redirect"]) == (204, reverse("mfa_index"))


def test_staff_with_a_second_factor_go_on(client, user, secret, required):
    client.post(sign_in(client, user.email)["Location"], {"code": code(secret)})
    assert is_in(client)


def test_customers_are_not_asked(client, alice, required):
    sign_in(client, alice.email)
    assert is_in(client)


# --- Sessions


def test_sessions_are_listed_and_ended_elsewhere(user):
    here, elsewhere = Client(HTTP_USER_AGENT="Firefox here"), Client(HTTP_USER_AGENT="Other there")
    for browser in (here, elsewhere):
        sign_in(browser, user.email)
        assert is_in(browser)
    assert UserSession.objects.filter(user=user).count() == 2
    assert "Other there" in text_of(here.get("/security/"))
    here.post(reverse("usersessions_list"))
    assert is_in(here)
    assert not is_in(elsewhere)


def test_an_expired_sign_in_takes_a_fragment_to_the_sign_in_page(client, db):
    headers = HTMX | {"HX-Current-URL": "http://testserver/jobs/?status=open"}
    response = client.get("/jobs/open/", headers=headers)
    assert response.status_code == 204
    assert response["HX-Redirect"] == f"{LOGIN}?next=/jobs/%3Fstatus%3Dopen"
    assert not response.content


@pytest.mark.parametrize("address", ["", "nonsense", "http://[", "https://evil.example/jobs/"])
def test_an_odd_address_of_the_page_does_no_harm(client, db, address):
    response = client.get("/jobs/open/", headers=HTMX | {"HX-Current-URL": address})
    assert response["HX-Redirect"].startswith(LOGIN)
    assert "evil" not in response["HX-Redirect"]
