"""The pages that a VoiceTel port links to, which people open: its letter, its course, its ticket.

The real ones are on the provider's site and no part of the API; these let a letter be signed by
hand (voicetel.md 7.4).
"""

from __future__ import annotations

import html
import json
import sqlite3

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_ports_clock import LOA_REQUIRED, sign_letter
from portal.sandbox.store import Store

HTML_TYPE = "text/html; charset=utf-8"
HEAD = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    "<style>body{{font:16px/1.5 system-ui;max-width:44rem;margin:2rem auto;padding:0 1rem}}"
    "</style><h1>{title}</h1><p>This is the sandbox: nothing here is real.</p>"
)
SIGN = '<form method="post"><button>Sign the letter of authorization</button></form>'


def show_letter(request: Request, store: Store, pid: str) -> Response:
    """GET /a/loa/{pid}/: the letter of a port, with a button while it is waited for."""
    port = _find(store, pid)
    if port is None:
        return _page("Unknown port", "", 404)
    waits = port["status"] == LOA_REQUIRED
    return _page(f"Letter of authorization {pid}", _lines(port) + (SIGN if waits else ""))


def sign(request: Request, store: Store, pid: str) -> Response:
    """POST /a/loa/{pid}/: sign the letter and go back to the page."""
    try:
        sign_letter(store, pid)
    except ValueError:
        return _page("This letter cannot be signed", "", 409)
    return Response(303, b"", HTML_TYPE, {"Location": f"/a/loa/{pid}/"})


def show_port(request: Request, store: Store, pid: str) -> Response:
    """GET /a/port/{pid}/: where a port stands."""
    port = _find(store, pid)
    return _page(f"Port {pid}", _lines(port)) if port else _page("Unknown port", "", 404)


def show_ticket(request: Request, store: Store, ticket: str) -> Response:
    """GET /a/support/{ticket}/: the messages of a port's ticket."""
    threads = store.query(
        "SELECT body FROM voicetel_thread WHERE ticket ="
        " (SELECT ticket FROM voicetel_port WHERE ticket = ?) ORDER BY id",
        (ticket,),
    )
    body = "".join(row["body"] for row in threads)
    return _page(f"Ticket {ticket}", body) if body else _page("Unknown ticket", "", 404)


def _find(store: Store, pid: str) -> sqlite3.Row | None:
    rows = store.query("SELECT * FROM voicetel_port WHERE pid = ?", (pid,))
    return rows[0] if rows else None


def _lines(port: sqlite3.Row) -> str:
    numbers = ", ".join(json.loads(port["numbers"]))
    texts = (f"Status: {port['status']}", port["message"], f"Numbers: {numbers}")
    return "".join(f"<p>{html.escape(text)}</p>" for text in texts)


def _page(title: str, body: str, status: int = 200) -> Response:
    return Response(status, HEAD.format(title=html.escape(title)) + body + "</html>", HTML_TYPE)
