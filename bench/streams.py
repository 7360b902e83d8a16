"""Lists without paging, 200,000 records each: our reading beside a bare streaming parse.

A synthetic answer is written once in the provider's form; a plain file server gives the same bytes
to both. Each reading runs in a process of its own, whose peak memory tells whether it is a stream:

    python -m bench.streams bare auditDIDs URL
    python -m bench.streams read auditDIDs URL
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.stream_answers import ANSWERS, Answer

PART = "streams"
SMALL = 10  # the small list is a tenth of the big one, for the memory


@dataclass(frozen=True, kw_only=True)
class Stream:
    """One list: whose it is, and how the adapter is asked for it."""

    slug: str
    read: Callable[[Any], Iterator[Any]]


def streams() -> dict[str, Stream]:
    """Return the lists by the operation that gives them."""
    from portal.providers.dto import SearchCriteria

    place = SearchCriteria(npa="220", state="IL")
    return {
        "auditDIDs": Stream(slug="voip_innovations", read=lambda p: p.list_owned()),
        "getDIDs": Stream(slug="voip_innovations", read=lambda p: p.search(place)),
        "getDIDsExtended": Stream(slug="voip_innovations", read=lambda p: p.search_extended(place)),
        "audit911": Stream(slug="voip_innovations", read=lambda p: p.list_e911()),
        "AuditSMS": Stream(slug="voip_innovations", read=lambda p: p.list_messaging(())),
        "AuditDIDForwards": Stream(slug="voip_innovations", read=lambda p: p.list_forwards()),
        "AuditFaxToEmails": Stream(slug="voip_innovations", read=lambda p: p.list_fax_to_email()),
        "GET /v2.2/e911": Stream(slug="voicetel", read=lambda p: p.list_e911()),
        "GET /v2.2/numbers": Stream(slug="voicetel", read=lambda p: p.list_owned()),
        "resporgcheck": Stream(slug="custom_toll_free", read=lambda p: p.list_owned()),
    }


def measure(*, rows: int, repeat: int = 3, names: Sequence[str] = ()) -> list[Any]:
    """Return a row of the report for each list, or for the named ones."""
    from bench.report import Row

    found: list[Row] = []
    for name in names or ANSWERS:
        small = _measure_one(name, rows // SMALL, repeat=1)
        big = _measure_one(name, rows, repeat=repeat)
        bare, ours = big["bare"], big["read"]
        found.append(
            Row(
                part=PART,
                name=name,
                rows=rows,
                ms=ours["seconds"] * 1000,
                beside_ms=bare["seconds"] * 1000,
                ratio=ours["seconds"] / bare["seconds"],
                peak_mb=ours["peak_mb"],
                note=(
                    f"{small['read']['peak_mb']:.0f} MB at {rows // SMALL:,}; "
                    f"the bare parse has {bare['peak_mb']:.0f} MB"
                ),
            )
        )
    return found


def _measure_one(name: str, rows: int, *, repeat: int) -> dict[str, dict[str, float]]:
    """Return the best of some readings of each kind; the peak is the highest."""
    best: dict[str, dict[str, float]] = {}
    with _answering(ANSWERS[name], rows) as url:
        for verb in ("bare", "read"):
            results = [_child(verb, name, url) for _ in range(repeat)]
            for result in results:
                if result["count"] != rows:
                    raise RuntimeError(f"{name}: {result['count']:,} records, not {rows:,}")
            best[verb] = {
                "seconds": min(result["seconds"] for result in results),
                "peak_mb": max(result["peak_mb"] for result in results),
            }
    return best


@contextmanager
def _answering(answer: Answer, rows: int) -> Iterator[str]:
    """Have a file server give a list of `rows` records; yield its address."""
    from django.conf import settings

    from bench import world
    from portal.embedded import ports

    folder = Path(settings.VAR_DIR) / "bench-streams"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"answer-{rows}.{answer.form}"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(answer.pieces(rows))
    port = world.free_port()
    server = world.python(
        f"streams-{rows}",
        *("-m", "bench.file_server", str(path), str(port)),
        is_ready=lambda: ports.answers(port, "/"),
    )
    with world.running(server):
        yield f"http://{ports.HOST}:{port}"
    path.unlink()


def _child(verb: str, name: str, url: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.streams", verb, name, url],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"bench.streams {verb} {name} failed: {done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def bare(answer: Answer, url: str) -> int:
    """Read the answer by a bare streaming parse, every field of every record; return how many."""
    import requests

    from bench.bare import parse_json, parse_xml

    reply = requests.get(f"{url}/answer", stream=True, timeout=600)
    reply.raw.decode_content = True
    parse = parse_xml if answer.form == "xml" else parse_json
    return parse(reply.raw, answer.record)


def read(stream: Stream, url: str) -> int:
    """Read the answer through the adapter into our own records; return how many."""
    from portal import providers
    from portal.providers.base import Account

    account = Account(
        slug=stream.slug,
        name="Streams",
        base_url=url,
        credentials={"login": "desk", "username": "2125550100", "key": "K"},
        settings={"resporg": "SBX01"},
    )
    provider = providers.get(account, _Free())
    count = 0
    for _ in stream.read(provider):
        count += 1
    provider.close()
    return count


class _Free:
    """A runtime without limits that records nothing and has a key at hand."""

    def guard(self) -> None:
        return

    def spend(self, bucket: str, *, limit: int, seconds: int, per_source: bool = False) -> None:
        return

    def token(self, name: str, *, lifetime: timedelta, fetch: Callable[[], str]) -> str:
        return "0" * 32

    def drop_token(self, name: str, token: str) -> None:
        return

    def before_send(self, call: Any) -> int:
        return 0

    def after_reply(self, handle: int, reply: Any) -> None:
        return


def main(verb: str, name: str, url: str) -> None:
    """Do one thing and print seconds, count and peak memory as JSON."""
    from bench.world import peak_mb
    from portal import providers

    stream = streams()[name]
    for module in ("ijson", "requests", "lxml.etree"):
        import_module(module)  # before the clock starts
    providers.provider_class(stream.slug)
    started = time.perf_counter()
    count = bare(ANSWERS[name], url) if verb == "bare" else read(stream, url)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "count": count, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
