"""Which ports the site takes, and a plain word when one is taken already."""

from __future__ import annotations

import errno
import http
import http.client
import os
import socket

from portal.embedded.errors import CannotStart

HOST = "127.0.0.1"
LAST_PORT = 65_535
NEXT_PORTS_TRIED = 50


def web_port() -> int:
    """Return the port of the web server, from PORT or 8000; raises CannotStart if it is taken."""
    return _wanted_port("PORT", 8000)


def sandbox_port(*, but_not: int) -> int:
    """Return the sandbox's port: SANDBOX_PORT if given, else 8081 or the next that is free."""
    if os.environ.get("SANDBOX_PORT"):
        return _wanted_port("SANDBOX_PORT", 8081)
    for port in range(8081, 8081 + NEXT_PORTS_TRIED):
        if port != but_not and why_not(port) is None:
            return port
    raise CannotStart(
        f"No port from 8081 to {8080 + NEXT_PORTS_TRIED} is free for the sandbox. "
        "Name one: make run SANDBOX_PORT=9081."
    )


def why_not(port: int) -> str | None:
    """Return why a server cannot listen on `port` of this machine; None when it can."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} is taken by another program"
            if error.errno == errno.EACCES:
                return f"Port {port} is for the administrator only"
            return f"Port {port} cannot be used ({error.strerror})"
    return None


def answers(port: int, path: str) -> bool:
    """Tell whether a web server on this machine answers `path` without an error of its own."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _wanted_port(name: str, default: int) -> int:
    """Return the port that the variable `name` asks for, if it is one and free."""
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) <= LAST_PORT:
        raise CannotStart(f"{name}={text} is no port. Give a number from 1 to {LAST_PORT}.")
    port = int(text)
    if reason := why_not(port):
        other = port + 1 if 1024 <= port < LAST_PORT else default + 1
        raise CannotStart(f"{reason}. Stop that, or choose another: make run {name}={other}.")
    return port
