"""Ids are written as digits: “1,012” in an address or a value names nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
ID = re.compile(r"\{\{ ((?:[\w.]+\.)?(?:pk|id|[a-z]+_id)) \}\}")
NOT_NUMBERS = {"billing_id", "auto_id"}


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_no_id_is_written_with_a_thousands_separator(path: Path):
    text = path.read_text(encoding="utf-8")
    if "{% localize off %}" in text:
        return
    found = [name for name in ID.findall(text) if name.rpartition(".")[2] not in NOT_NUMBERS]
    assert not found, "Write {{ row.pk|stringformat:'d' }}"
