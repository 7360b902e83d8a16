"""Emergency records (voicetel.md 5). Numbers have ten digits on the way out, eleven on the way in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from portal.providers.errors import off_contract
from portal.providers.voicetel.client.core import STATE, TN10, Core, positive, require
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods import e911 as methods
from portal.providers.voicetel.methods.core import Method


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressFields:
    """The members of an address in a request; an empty `address2` is not sent."""

    address1: str
    city: str
    state: str
    zip: str
    address2: str = ""

    def __post_init__(self) -> None:
        named = {"house number and street": self.address1, "city": self.city, "ZIP code": self.zip}
        for name, text in named.items():
            if not text.strip():
                raise ValueError(f"the address has no {name}")
        require(STATE, self.state, "a state has two capital letters")

    def payload(self) -> dict[str, Any]:
        """Return the members to send."""
        second = {"address2": self.address2.strip()} if self.address2.strip() else {}
        return {
            "address1": self.address1.strip(),
            **second,
            "city": self.city.strip(),
            "state": self.state,
            "zip": self.zip.strip(),
        }


class E911(Core):
    """The operations of this section."""

    def post_e911_validations(self, address: AddressFields) -> Record:
        """Return the address as the validator spells it, with its id; provisions nothing.

        Raises `ProviderRefused` with code 409 for an address that is not valid.
        """
        return self._inner(methods.POST_VALIDATIONS, "address", payload=address.payload())

    def post_e911(self, dn: str, address: AddressFields, *, callername: str) -> Record:
        """Validate an address and put it on a number of the account; return the record."""
        require(TN10, dn, "a number has ten digits")
        payload = {"dn": dn, "callername": _name(callername), **address.payload()}
        return self._inner(methods.POST_E911, "record", payload=payload)

    def get_e911(self) -> Iterator[Record]:
        """Yield every record of the account as it arrives; none where it has none."""
        return self._stream(methods.GET_E911, self.list_wire, name="records")

    def get_e911_record(self, dn: str) -> Record:
        """Return the record of one number.

        Raises `ProviderRefused`: 401 for a number that is not on the account, 409 for what the
        document does not explain; a number without a record is the likely one.
        """
        require(TN10, dn, "a number has ten digits")
        return self._inner(methods.GET_E911_RECORD, "record", parts={"dn": dn})

    def put_e911_record(self, dn: str, *, addressid: int, callername: str) -> Record:
        """Put a validated address on a number; how long an id lives is not known."""
        require(TN10, dn, "a number has ten digits")
        payload = {
            "addressid": positive(addressid, "the id of an address"),
            "callername": _name(callername),
        }
        return self._inner(methods.PUT_E911_RECORD, "record", parts={"dn": dn}, payload=payload)

    def delete_e911_record(self, dn: str) -> None:
        """Take the record off a number."""
        require(TN10, dn, "a number has ten digits")
        self._data(methods.DELETE_E911_RECORD, parts={"dn": dn})

    def _inner(self, method: Method, name: str, **request: Any) -> Record:
        """Return the object ``data.{name}``."""
        content = self._data(method, **request).get(name)
        if not isinstance(content, dict):
            raise off_contract(method.name, method.is_write, f"it has no {name}")
        return content


def _name(callername: str) -> str:
    if not callername.strip():
        raise ValueError("the record has no caller name")
    return callername.strip()
