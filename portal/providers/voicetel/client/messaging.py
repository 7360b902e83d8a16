"""Messages and their routing (voicetel.md 9, 10); campaigns stand in `messaging_campaigns`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import Any, Final, Literal, get_args

from portal.providers.voicetel import envelope
from portal.providers.voicetel.client.core import TN10, require
from portal.providers.voicetel.client.messaging_campaigns import Campaigns, number_list
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods import messaging as methods

STATES_BATCH: Final = 1000

RouteType = Literal["email", "webhook", "sip"]
HistoryType = Literal["sms", "mms", "dlr"]

_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_WEBHOOK = re.compile(r"https://[^\s/]+\S*", re.IGNORECASE)  # http is refused (10)
_URL = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)


class Messaging(Campaigns):
    """The operations on messages, and with them those on brands and campaigns."""

    def get_numbers_messaging(self, numbers: Sequence[str]) -> Iterator[Record]:
        """Yield the states of numbers, foreign ones among them (9); at most `STATES_BATCH`."""
        params = [("numbers", number_list(numbers, STATES_BATCH))]
        return self._stream(methods.GET_NUMBERS_MESSAGING, self.list_wire, params=params)

    def get_number_messaging(self, number: str) -> Record | None:
        """Return the state of one number, None where it is not on the account (10)."""
        method = methods.GET_NUMBER_MESSAGING
        with self._sent(method, parts=_part(number)) as reply:
            return envelope.read_data(reply, method)

    def patch_number_messaging(
        self, number: str, *, route_in: int | None = None, route_out: int | None = None
    ) -> Record:
        """Set a number's inbound row (0 detaches it), its outbound carrier, or both (10)."""
        given = {"routeIn": route_in, "routeOut": route_out}
        payload = {name: value for name, value in given.items() if value is not None}
        if not payload:
            raise ValueError("nothing of the number is to be changed")
        if any(value < 0 for value in payload.values()):
            raise ValueError("ids of rows and carriers are not negative")
        return self._data(methods.PATCH_NUMBER_MESSAGING, parts=_part(number), payload=payload)

    def get_number_sms(self, number: str) -> Record | None:
        """Return where a number's messages go, None where nothing is set (10)."""
        method = methods.GET_NUMBER_SMS
        with self._sent(method, parts=_part(number)) as reply:
            return envelope.read_data(reply, method)

    def put_number_sms(self, number: str, *, kind: RouteType, resource: str) -> Record:
        """Choose where a number's messages go (10): a mail address, an https address or an IP."""
        _require_resource(kind, resource)
        payload = {"type": kind, "resource": resource}
        return self._data(methods.PUT_NUMBER_SMS, parts=_part(number), payload=payload)

    def delete_number_sms(self, number: str) -> None:
        """Send a number's messages nowhere (10); a refusal (404) where nothing is set."""
        self._data(methods.DELETE_NUMBER_SMS, parts=_part(number))

    def post_messages(
        self,
        *,
        from_number: str,
        to_number: str,
        text: str,
        subject: str = "",
        media_urls: Sequence[str] = (),
    ) -> Record:
        """Send a message (9); with media it is an MMS, and only then it has a subject. Billed."""
        require(TN10, from_number, "the sender has ten digits")
        require(TN10, to_number, "the recipient has ten digits")
        for url in media_urls:
            require(_URL, url, "media are public addresses of the web")
        if subject and not media_urls:
            raise ValueError("only a message with media has a subject")
        if not text.strip() and not media_urls:
            raise ValueError("the message is empty")
        text.encode()  # half of a surrogate pair cannot be sent: a ValueError too
        payload: dict[str, Any] = {"fromNumber": from_number, "toNumber": to_number, "text": text}
        if media_urls:
            payload["mediaUrls"] = list(media_urls)
        if subject:
            payload["subject"] = subject
        return self._data(methods.POST_MESSAGES, payload=payload)

    def get_messages(
        self,
        number: str,
        *,
        kind: HistoryType = "sms",
        newer: int | None = None,
        older: int | None = None,
    ) -> Iterator[Record]:
        """Yield messages or receipts of a number, newest first (9).

        `newer` and `older` are the edges, in seconds since 1970 and both included; the wire calls
        the newer one ``from``. Left out, they are now and 24 hours ago.
        """
        require(TN10, number, "a number has ten digits")
        if kind not in get_args(HistoryType):
            raise ValueError(f"{kind!r} is no type of message")
        if newer is not None and (older is None or older > newer):
            raise ValueError("the newer edge comes with an older one, which does not lie after it")
        if older is not None and older < 0:
            raise ValueError("an edge is a moment since 1970")
        params = [("number", number), ("type", kind)]
        params += [("from", str(newer))] if newer is not None else []
        params += [("to", str(older))] if older is not None else []
        method = methods.GET_MESSAGES
        return self._stream(method, self.list_wire, name="messages", params=params)


def _part(number: str) -> dict[str, str]:
    require(TN10, number, "a number has ten digits")
    return {"number": number}


def _require_resource(kind: str, resource: str) -> None:
    """Raise ValueError unless a resource is one of its type (10)."""
    if kind == "email":
        require(_EMAIL, resource, "messages are mailed to one address")
    elif kind == "webhook":
        require(_WEBHOOK, resource, "a webhook is an address that starts with https://")
    elif kind == "sip":
        ip_address(resource)  # raises ValueError
    else:
        raise ValueError(f"{kind!r} is no type of route for messages")
