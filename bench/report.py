"""What was measured: rows, a table for people, a file for programs."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

RESULTS = Path(__file__).resolve().parent.parent / "bench-results"
MISS = "MISS"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure. Times are medians in milliseconds; `beside` is what `ratio` is taken against."""

    part: str
    name: str
    rows: int = 0  # how many numbers the database held, or the job was about
    ms: float | None = None
    beside_ms: float | None = None
    ratio: float | None = None
    at_most: float | None = None  # the target for `ratio`; None: there is none
    queries: int | None = None
    most_queries: int | None = None
    peak_mb: float | None = None
    note: str = ""
    more: dict[str, float] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """Return "ok" or "MISS" where there is a target, else an empty text."""
        misses = [
            self.at_most is not None and self.ratio is not None and self.ratio > self.at_most,
            self.most_queries is not None and (self.queries or 0) > self.most_queries,
        ]
        if any(misses):
            return MISS
        return "ok" if self.at_most is not None or self.most_queries is not None else ""


def compare(
    part: str, name: str, seconds: Sequence[float], beside: Sequence[float], **facts: Any
) -> Row:
    """Return the row of medians of two series of times in seconds, and their ratio."""
    mine, other = median(seconds), median(beside)
    return Row(
        part=part, name=name, ms=mine * 1000, beside_ms=other * 1000, ratio=mine / other, **facts
    )


HEAD = ("", "rows", "ms", "beside", "ratio", "at most", "SQL", "peak MB", "")


def table(rows: Iterable[Row]) -> str:
    """Return the rows as text, a heading for each part."""
    lines: list[list[str]] = []
    last = ""
    for row in rows:
        if row.part != last:
            lines.append([f"# {row.part}"])
            last = row.part
        lines.append(_cells(row))
    widths = [
        max(len(cells[i]) for cells in [[*HEAD], *[c for c in lines if len(c) > 1]])
        for i in range(len(HEAD))
    ]
    return "\n".join(_line(cells, widths) for cells in [[*HEAD], *lines])


def _cells(row: Row) -> list[str]:
    return [
        row.name,
        f"{row.rows:,}" if row.rows else "",
        _figure(row.ms),
        _figure(row.beside_ms),
        "" if row.ratio is None else f"{row.ratio:.2f}",
        "" if row.at_most is None else f"{row.at_most:g}",
        "" if row.queries is None else str(row.queries),
        "" if row.peak_mb is None else f"{row.peak_mb:.0f}",
        " ".join(filter(None, [row.verdict, row.note])),
    ]


def _figure(ms: float | None) -> str:
    if ms is None:
        return ""
    return f"{ms:,.0f}" if ms >= 100 else f"{ms:.1f}"


def _line(cells: list[str], widths: list[int]) -> str:
    if len(cells) == 1:
        return f"\n{cells[0]}"
    text = "  ".join(
        cell.ljust(width) if i in (0, len(widths) - 1) else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return text.rstrip()


def machine() -> dict[str, Any]:
    """Return what the figures were taken on."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def write(rows: Sequence[Row], facts: dict[str, Any]) -> Path:
    """Write everything to bench-results/latest.json (BENCH_RESULTS: another folder); return it."""
    folder = Path(os.environ.get("BENCH_RESULTS") or RESULTS)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "latest.json"
    content = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        **machine(),
        **facts,
        "rows": [asdict(row) | {"verdict": row.verdict} for row in rows],
    }
    path.write_text(json.dumps(content, indent=1) + "\n")
    return path
