"""What tests of pages share: the header of htmx, a page's text, and how many queries it takes."""

from __future__ import annotations

import html
import re

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

HTMX = {"HX-Request": "true"}
HOSTILE = """<b>"&'"""  # as a name that a provider or a person made up
ESCAPED = html.escape(HOSTILE)


def text_of(response: HttpResponse) -> str:
    """Return the body as text, streamed or not."""
    if response.streaming:
        return b"".join(response.streaming_content).decode("utf-8-sig")
    return response.content.decode()


def body_of(response: HttpResponse) -> str:
    """Return the first table's rows as text, without the line breaks between them."""
    return text_of(response).partition("<tbody>")[2].partition("</tbody>")[0].replace("\n", "")


def sql_count(client: Client, url: str) -> int:
    """Return how many queries a page takes; asked twice, so that nothing is made on the way."""
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
        assert response.status_code == 200
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


def next_query(response: HttpResponse) -> str:
    """Return the query of a list's next page as its link has it; empty on the last one."""
    found = re.search(r'rel="next" href="\?([^"]+)"', text_of(response))
    return html.unescape(found[1]) if found else ""
