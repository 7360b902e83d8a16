"""The list of a RespOrg, and how far a request is (custom-toll-free.md 7.8 and 7.9)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit

from portal.providers.custom_toll_free.client.core import Core, check, reference_text
from portal.providers.custom_toll_free.envelope import Answer, Call
from portal.providers.custom_toll_free.listing import RowStream
from portal.providers.errors import ProviderProtocolError

_REQUEST = re.compile(r"[!-~]{1,64}")
STATUSES: Final = (
    "SPARE",
    "RESERVED",
    "ASSIGNED",
    "WORKING",
    "DISCONNECT",
    "TRANSITIONAL",
    "SUSPEND",
    "UNAVAILABLE",
)


class Lists(Core):
    """The operations on lists and requests."""

    @contextlib.contextmanager
    def resporgcheck(
        self, *, statuses: Sequence[str] = (), since: date | None = None
    ) -> Iterator[RowStream]:
        """Hand over all numbers of the RespOrg, to be read as a stream."""
        self._check_resporg()
        check(set(statuses) <= set(STATUSES), "A status is one of the registry’s eight.")
        fields = [*self._acting(), ("format", "xml")]
        if statuses:
            fields.append(("status", ",".join(statuses)))
        if since is not None:
            check(not isinstance(since, datetime), "A list is asked for since a day.")
            fields.append(("since", since.isoformat()))
        call = Call(operation="resporgcheck", may_pend=True)
        with self._send(call, "/api/resporgcheck", params=fields) as reply:
            yield RowStream(reply, call)

    @contextlib.contextmanager
    def download(self, url: str) -> Iterator[RowStream]:
        """Hand over a list that the provider made ready at `url`, which must be its own address."""
        base = urlsplit(self.wire.base_url)
        target = urlsplit(urljoin(f"{self.wire.base_url}/api/", url))
        if (target.scheme, target.netloc) != (base.scheme, base.netloc):
            raise ProviderProtocolError(
                "The provider named a download at a foreign address. It was not followed.",
                operation="resporgcheck",
            )
        params = parse_qsl(target.query, keep_blank_values=True)
        params = [(name, value) for name, value in params if name != "key"]
        call = Call(operation="resporgcheck")
        with self._send(call, target.path, params=params) as reply:
            yield RowStream(reply, call)

    def requeststatus(self, *, request_id: str = "", reqref: str = "") -> Answer:
        """Return how far an earlier request is, by the provider's id or by our reference."""
        check(request_id or reqref, "A request id or a reference is needed.")
        check(not request_id or _REQUEST.fullmatch(request_id), "A request id is one word.")
        chosen = ("requestid", request_id) if request_id else ("reqref", reference_text(reqref))
        return self._read("requeststatus", [*self._acting(), chosen])
