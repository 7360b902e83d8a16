"""What a number does beside ringing; lookups (voicetel.md 8, 10)."""

from __future__ import annotations

import re
from typing import Any

from portal.providers.errors import off_contract
from portal.providers.voicetel import envelope
from portal.providers.voicetel.client.account import EMAIL
from portal.providers.voicetel.client.core import TN10, Core, positive, require
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods import features as methods
from portal.providers.voicetel.methods.core import Method

_NAME = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9 ]{1,15}")
_REFERENCE = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")
_TRANSLATION = re.compile(r"[0-9#]+")


class Features(Core):
    """The operations on single numbers; `number` has ten digits and is on the account."""

    def put_number_route(self, number: str, *, route: int) -> Record:
        """Send the calls of a number to a gateway, by its id."""
        payload = {"route": positive(route, "a gateway id")}
        return self._change(methods.PUT_NUMBER_ROUTE, number, payload)

    def put_number_cnam(self, number: str, *, enabled: bool) -> Record:
        """Switch the lookup of callers' names at incoming calls."""
        return self._change(methods.PUT_NUMBER_CNAM, number, {"enabled": enabled})

    def put_number_lidb(
        self, number: str, *, cnam: str, customer_order_reference: str = ""
    ) -> Record:
        """Store the name that called people may see: at most 15 letters, digits and blanks.

        Whether the carriers' database took it, only `carrierStatus` of the reply tells; VoiceTel
        keeps the name all the same.
        """
        require(_NAME, cnam, "a name has 1 to 15 letters, digits and blanks")
        payload = {"cnam": cnam}
        if customer_order_reference:
            require(_REFERENCE, customer_order_reference, "a reference is plain text")
            payload["customerOrderReference"] = customer_order_reference
        return self._change(methods.PUT_NUMBER_LIDB, number, payload)

    def get_number_fax(self, number: str) -> Record | None:
        """Return where faxes are mailed; None where nothing is set, or the number is not ours."""
        require(TN10, number, "a number has ten digits")
        method = methods.GET_NUMBER_FAX
        with self._sent(method, parts={"number": number}) as reply:
            return envelope.read_data(reply, method)

    def put_number_fax(self, number: str, *, email: str) -> Record:
        """Have the faxes to a number mailed."""
        require(EMAIL, email, "a mail address is needed")
        return self._change(methods.PUT_NUMBER_FAX, number, {"email": email})

    def delete_number_fax(self, number: str) -> None:
        """Take no more faxes; refused with 404 where nothing is set."""
        self._change(methods.DELETE_NUMBER_FAX, number)

    def put_number_forward(self, number: str, *, destination: str) -> Record:
        """Send all calls of a number to another one of ten digits."""
        require(TN10, destination, "a destination has ten digits")
        return self._change(methods.PUT_NUMBER_FORWARD, number, {"destination": destination})

    def delete_number_forward(self, number: str) -> None:
        """Send the calls of a number to its gateway again."""
        self._change(methods.DELETE_NUMBER_FORWARD, number)

    def put_number_translation(self, number: str, *, translation: str) -> Record:
        """Choose the digits that the gateway receives: digits and ``#`` (12: the schema says ten)."""
        require(_TRANSLATION, translation, "a translation has digits and # only")
        return self._change(methods.PUT_NUMBER_TRANSLATION, number, {"translation": translation})

    def get_cnam(self, number: str) -> Record:
        """Return the caller name of any number (8). Charged; never sent twice."""
        require(TN10, number, "a number has ten digits")
        method = methods.GET_CNAM
        with self._sent(method, parts={"number": number}) as reply:
            content = envelope.read_data(reply, method) or {}
            if "cnam" not in content:
                raise off_contract(method.name, False, "it has no name")
            return content

    def get_lrn(self, number: str, *, ani: str) -> Record:
        """Return where a call from `ani` to any number goes (8). Charged; never sent twice."""
        for one in (number, ani):
            require(TN10, one, "a number has ten digits")
        method = methods.GET_LRN
        with self._sent(method, parts={"number": number, "ani": ani}) as reply:
            content = envelope.read_data(reply, method) or {}
            if not isinstance(content.get("lrn"), dict):
                raise off_contract(method.name, False, "it has no routing record")
            return content

    def _change(self, method: Method, number: str, payload: Any = None) -> Record:
        require(TN10, number, "a number has ten digits")
        return self._data(method, parts={"number": number}, payload=payload)
