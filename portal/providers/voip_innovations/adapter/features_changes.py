"""How a change of one number is carried out and what became of it is told (sections 5 and 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from portal.providers.base import Account
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderRefused
from portal.providers.voip_innovations import codes
from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.mapping import features as mapping
from portal.providers.xml import Record
from portal.tn import TN

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Changes:
    """What the mixins of features share."""

    account: Account
    client: Client
    _endpoint_group: Callable[[str, str, str], int]

    def _change(
        self,
        operation: str,
        tn: TN,
        send: Callable[[], Sequence[Record] | None],
        *,
        values: Mapping[str, str] = NOTHING,
    ) -> ItemOutcome:
        """Send one change; return what became of the number, with `values` where it was done.

        `send` returns the DID records of the reply, if it may have any: a "no" in one of them
        counts although the outer verdict was a yes (quirk 1).
        """
        try:
            records = send() or ()
        except ProviderRefused as error:
            return refused(operation, tn, error)
        code, text = mapping.inner_verdict(records, tn)
        if not code:
            return self._done(tn, **values)
        words = codes.words(code)
        return ItemOutcome(
            tn=tn,
            outcome=Outcome.REFUSED,
            code=code,
            message=f"{words.happened} {text}".strip(),
            advice=f"{codes.not_done(operation)} {words.advice}",
        )

    def _done(self, tn: TN, **values: str) -> ItemOutcome:
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, code=codes.SUCCESS, values=values)

    def _group_for(self, route_ref: str, operation: str) -> int:
        """Return an endpoint group's id; `ProviderRefused` where neither route nor default is one."""
        return self._endpoint_group(route_ref, operation, codes.not_done(operation))


def refused(operation: str, tn: TN, error: ProviderRefused) -> ItemOutcome:
    """Return the outcome of a number whose change was refused as a whole."""
    advice = codes.not_done(operation)
    if error.code.lstrip("-").isdigit():  # ours have none, and a fault's is a word
        advice = f"{advice} {codes.outer(error.code, operation).words.advice}"
    return ItemOutcome(
        tn=tn, outcome=Outcome.REFUSED, code=error.code, message=error.message, advice=advice
    )


def read_id(ref: str, what: str) -> int:
    """Return a reference of ours as the provider's id; raises ValueError for a text that is none."""
    if not (ref.isascii() and ref.isdigit()):
        raise ValueError(f"{ref[:40]!r} is not the id of {what}")
    return int(ref)
