"""The baseline view, and how many SQL queries a request takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

QUERY_HEADER = "Bench-Queries"
GetResponse = Callable[[HttpRequest], HttpResponse]


def constant(request: HttpRequest) -> HttpResponse:
    """Return the same few bytes to everybody who is signed in."""
    return HttpResponse("ok", content_type="text/plain")


class CountingMiddleware:
    """Tells how many queries a request took, to the one who asks by the header `Bench-Queries`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if QUERY_HEADER not in request.headers:
            return self.get_response(request)
        statements: list[str] = []

        def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            statements.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response[QUERY_HEADER] = str(len(statements))
        return response
