"""The templates as a whole: they compile, obey the content policy, name what exists, and are drawn."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.urls import reverse

from tests import factories
from tools import vendor

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
HTML = [path for path in TEMPLATES if path.suffix == ".html"]
MAX_LINES = 120


def name_of(path: Path) -> str:
    """Return the name that Django loads a template by."""
    return path.relative_to(ROOT / "templates").as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_each_template_compiles_and_stays_short(path: Path):
    get_template(name_of(path))
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


class Markup(HTMLParser):
    """Collects what the content security policy forbids, and the first element's id."""

    def __init__(self) -> None:
        super().__init__()
        self.forbidden: list[str] = []
        self.first: tuple[str, str | None] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self.first is None:
            self.first = (tag, given.get("id"))
        is_code = tag == "script" and "src" not in given
        if tag == "style" or (is_code and given.get("type") != "application/json"):
            self.forbidden.append(f"<{tag}> in the page")
        for name, value in given.items():
            if name.startswith(("on", "hx-on")) or name == "style":
                self.forbidden.append(f"{name}= on <{tag}>")
            if name in {"hx-vals", "hx-headers"} and str(value).startswith("js:"):
                self.forbidden.append(f"js: in {name}")
            if name in {"href", "action"} and str(value) in {"#", ""}:
                self.forbidden.append(f"{name} leads nowhere on <{tag}>")


def markup(path: Path) -> Markup:
    """Return what a template's source holds; template tags are taken out of it first."""
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{%.*?%\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{\{.*?\}\}", "x", source, flags=re.DOTALL)
    parser = Markup()
    parser.feed(source)
    return parser


@pytest.mark.parametrize("path", HTML, ids=name_of)
def test_no_template_breaks_the_content_policy_or_leads_nowhere(path: Path):
    # {% url %} is taken out with the other tags, so an address of nothing else looks empty.
    source = path.read_text(encoding="utf-8")
    found = markup(path).forbidden
    if re.search(r"(?:href|action)=\"\{%", source):
        found = [one for one in found if "leads nowhere" not in one]
    assert not found


def rendered_by_views() -> set[str]:
    """Return the fragments that a view names, which therefore travel alone."""
    named: set[str] = set()
    for app in ("portal", "inventory", "e911", "porting", "messaging", "tollfree"):
        for path in [*(ROOT / app).glob("views.py"), *(ROOT / app).glob("views/*.py")]:
            named.update(re.findall(r'"([\w/]+/_\w+\.html)"', path.read_text(encoding="utf-8")))
    assert "inventory/_tn_table.html" in named
    return named


def test_a_fragments_root_has_the_id_of_its_name():
    wrong: dict[str, object] = {}
    for name in rendered_by_views():
        path = ROOT / "templates" / name
        expected = path.stem.removeprefix("_").replace("_", "-")
        if not path.is_file():
            wrong[name] = "missing"
            continue
        first = markup(path).first
        if first is None or first[1] != expected:
            wrong[name] = first
    assert not wrong


def test_each_icon_that_is_named_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([^"]+)"', vendor.SPRITE.read_text(encoding="utf-8")))
    named: dict[str, str] = {}
    for path in HTML:
        text = path.read_text(encoding="utf-8")
        for icon in re.findall(r'\{% icon "([^"]+)"|icon_name="([^"]+)"', text):
            named["".join(icon)] = name_of(path)
    from portal.context_processors import ENTRIES

    named |= {entry[3]: "the rail" for entry in ENTRIES}
    assert not {icon: where for icon, where in named.items() if icon not in drawn}
    assert drawn == set(vendor.ICONS)


def test_each_class_of_ours_that_is_used_is_defined():
    styles = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "static" / "portal").glob("*.*s")
    )
    defined = set(re.findall(r"\.(nd-[a-z0-9-]+)", styles))
    used: dict[str, str] = {}
    for path in HTML:
        for classes in re.findall(r'class="([^"]*)"', path.read_text(encoding="utf-8")):
            plain = re.sub(r"\{[{%].*?[%}]\}", " ", classes)
            for word in re.findall(r"(?<![\w-])nd-[a-z0-9-]*[a-z0-9](?![\w-])", plain):
                used[word] = name_of(path)
    assert not {word: where for word, where in used.items() if word not in defined}


def test_vendored_files_are_those_on_record():
    assert list(vendor.find_problems(vendor.VENDOR)) == []
    record = json.loads((vendor.VENDOR / "vendor.json").read_text(encoding="utf-8"))["packages"]
    for package in record:
        folder = vendor.VENDOR / package["folder"]
        assert {"name", "version", "licence", "sha512"} <= set(package)
        assert (folder / "LICENSE").stat().st_size > 500
        for path in folder.iterdir():
            assert b"sourceMappingURL" not in path.read_bytes()


def test_a_changed_vendored_file_is_noticed(tmp_path: Path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.js").write_text("one")
    record = {"name": "lib", "folder": "lib", "files": {"a.js": vendor.sha512(b"two"), "b.js": ""}}
    (tmp_path / "vendor.json").write_text(json.dumps({"packages": [record]}))
    (tmp_path / "lib" / "c.js").write_text("three")
    assert list(vendor.find_problems(tmp_path)) == [
        "a.js of lib differs from vendor.json.",
        "b.js of lib is missing.",
        "lib/c.js is not recorded in vendor.json.",
    ]


# --- The frame


def frame(user, **cookies: str) -> str:
    """Return a page of the frame as one user sees it."""
    request = RequestFactory().get("/numbers/")
    request.user = user
    request.COOKIES.update(cookies)
    return render_to_string("404.html", {}, request=request)


def test_the_frame_shows_where_one_is_and_hides_what_a_role_lacks(admin, alice):
    for_staff, for_customer = frame(admin), frame(alice)
    assert re.search(r'href="/numbers/"[^>]*aria-current="page"', for_staff)
    assert "Providers" in for_staff
    assert "Back office" in for_staff
    assert "Providers" not in for_customer
    assert "Back office" not in for_customer


def test_the_sandbox_is_named_to_staff_only(admin, alice):
    factories.make_account(is_sandbox=True)
    assert "nd-top-sandbox" in frame(admin)
    assert "nd-top-sandbox" not in frame(alice)


def test_the_theme_is_the_cookies_or_the_systems(admin):
    assert 'data-bs-theme="dark"' in frame(admin, theme="dark")
    assert "data-bs-theme" not in frame(admin)
    assert "pink" not in frame(admin, theme="pink")


def test_open_jobs_are_counted_and_asked_for_more_often(admin):
    idle = frame(admin)
    factories.make_job()
    busy = frame(admin)
    assert "No open jobs" in idle
    assert 'data-poll="20000"' in idle
    assert re.search(r"1<span class=\"nd-jobs-word\"> job open", busy)
    assert 'data-poll="4000"' in busy


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("400.html", "not understood"),
        ("403.html", "does not allow"),
        ("403_csrf.html", "too old"),
        ("404.html", "no such page"),
        ("500.html", "Something broke"),
    ],
)
def test_error_pages_are_drawn_with_and_without_a_request(name, words, viewer):
    request = RequestFactory().get("/")
    request.user = viewer
    for text in (render_to_string(name), render_to_string(name, {}, request=request)):
        assert words in text
        assert 'href="/"' in text


# --- Account pages


@pytest.fixture
def own_client(operator, client):
    """Return a client that signed in with the password, as a person does."""
    sign_in(client, operator.email, factories.PASSWORD)
    return client


def sign_in(client, email: str, password: str):
    """Send the sign-in form; return the answer."""
    return client.post(reverse("account_login"), {"login": email, "password": password})


@pytest.mark.parametrize(
    "name",
    [
        "portal:security",
        "mfa_index",
        "mfa_list_webauthn",
        "usersessions_list",
        "account_change_password",
        "account_logout",
        "account_reauthenticate",
    ],
)
def test_the_security_pages_stand(own_client, name):
    response = own_client.get(reverse(name))
    assert response.status_code == 200
    assert b"<h1>" in response.content
    assert b"Numberdesk</title>" in response.content


@pytest.mark.parametrize(
    "name", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"]
)
def test_what_protects_the_account_asks_for_the_password_again(own_client, name):
    response = own_client.get(reverse(name))
    assert response.status_code == 302
    response = own_client.get(response["Location"])
    assert "Confirm that it is you" in response.content.decode()


def test_an_authenticator_app_is_set_up_and_gives_recovery_codes(own_client):
    from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time

    address = reverse("mfa_activate_totp")
    own_client.post(f"{reverse('account_reauthenticate')}?next={address}",
                    {"password": factories.PASSWORD})  # fmt: skip
    page = own_client.get(address)
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    refused = own_client.post(address, {"code": "000000"})
    assert 'id="id_code_error"' in refused.content.decode()
    secret = refused.context["form"].secret
    code = f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06d}"
    response = own_client.post(address, {"code": code}, follow=True)
    assert "10 of 10 left" in response.content.decode()
    download = own_client.get(reverse("mfa_download_recovery_codes"))
    assert len(re.findall(r"^\w{8}$", download.content.decode(), re.MULTILINE)) == 10


def test_a_wrong_password_is_said_and_too_many_lock_out(db, client):
    user = factories.make_user()
    text = sign_in(client, user.email, "wrong-password").content.decode()
    assert 'role="alert"' in text
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        response = sign_in(client, user.email, "wrong-password")
    assert response.status_code == 429
    assert "Too many attempts" in response.content.decode()
    assert "15 min" in response.content.decode()


def test_demo_logins_show_only_where_the_site_says_so(db, client, settings):
    address = reverse("account_login")
    settings.DEMO_LOGINS_SHOWN = False
    assert "Demo logins" not in client.get(address).content.decode()
    settings.DEMO_LOGINS_SHOWN = True
    assert "ana@example.net" in client.get(address).content.decode()


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(db, client):
    user = factories.make_user(name="Rita Reset")
    client.post(reverse("account_reset_password"), {"email": user.email}, follow=True)
    letter = mail.outbox[0]
    assert letter.to == [user.email]
    assert "Hello Rita Reset" in letter.body
    link = re.search(r"https?://[^/]+(/\S+)", letter.body)[1]
    page = client.get(link, follow=True)
    assert "Choose a new password" in page.content.decode()
    form = page.redirect_chain[-1][0]
    short = client.post(form, {"password1": "short", "password2": "short"})
    assert "Nothing was saved" in short.content.decode()
    new = "another-horse-battery"
    done = client.post(form, {"password1": new, "password2": new}, follow=True)
    assert "Your password is changed" in done.content.decode()
    assert "This link does not work" in client.get(link).content.decode()
    assert sign_in(client, user.email, new).status_code == 302


def test_an_unknown_address_gets_the_same_page_and_no_link(db, client):
    response = client.post(
        reverse("account_reset_password"), {"email": "nobody@example.net"}, follow=True
    )
    assert "Look into your mail" in response.content.decode()
    assert all("/password/reset/key/" not in letter.body for letter in mail.outbox)


def test_nobody_signs_up(db, client):
    assert "Accounts are made by administrators" in client.get(
        reverse("account_signup")
    ).content.decode()  # fmt: skip
