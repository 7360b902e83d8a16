"""The sandbox stands alone: nothing of the portal, and no Django."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "portal" / "sandbox"


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: path.stem)
def test_no_file_reaches_out(path: Path) -> None:
    names = list(imported(path))
    ours = [name for name in names if name.split(".")[0] == "portal"]
    assert all(name.startswith("portal.sandbox.") for name in ours)
    assert not [name for name in names if name.split(".")[0] in ("django", "requests", "zeep")]
