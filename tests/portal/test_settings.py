"""Settings: .env.example names exactly what is read, and a misspelt boolean is refused."""

import ast
import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.settings import strict_bool

ROOT = Path(__file__).resolve().parent.parent.parent


def _names_read() -> set[str]:
    """Return every name that settings.py asks `env` for."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / "portal/settings.py").read_text())):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        function = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        first = node.args[0]
        if (
            isinstance(function, ast.Name)
            and function.id == "env"
            and isinstance(first, ast.Constant)
        ):
            names.add(first.value)
    return names


def test_the_example_names_what_is_read_and_nothing_else():
    text = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))
    assert named == _names_read()


@pytest.mark.parametrize(
    ("word", "meaning"), [("true", True), ("1", True), (" Yes ", True), ("off", False), ("", False)]
)
def test_booleans_are_read(word, meaning):
    assert strict_bool(word) is meaning


@pytest.mark.parametrize("word", ["ture", "2", "enabled", "wahr"])
def test_a_misspelt_boolean_is_refused(word):
    with pytest.raises(ImproperlyConfigured, match=word):
        strict_bool(word)
