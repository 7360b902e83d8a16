"""What became of a number, in our words (intelepeer.md sections 4 to 7). Pure."""

from __future__ import annotations

import uuid
from typing import Any, Final

from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderError
from portal.providers.intelepeer import codes
from portal.providers.intelepeer.envelope import Call, Refused, unexpected
from portal.providers.intelepeer.mapping.numbers import read_time, read_tn
from portal.providers.rest import clean
from portal.tn import TN

_NAMESPACE: Final = uuid.UUID("2f7e2a54-3c7f-5f0e-8d64-2d3c5f1b9a01")


def reservation_id(reference: str, tn: TN) -> str:
    """Return our own id for the hold of one number in one slice: the same for the same slice.

    One hold covers one number, since ordering a hold buys all that it covers (section 4).
    """
    return str(uuid.uuid5(_NAMESPACE, f"{reference}:{tn}")).upper()


def new_reference() -> str:
    """Return a reference that nothing else has, for a change that no job stands behind."""
    return str(uuid.uuid4())


def refused(tn: TN, happened: str, advice: str, *, code: str) -> ItemOutcome:
    """Return the verdict of a no that needed no call."""
    return ItemOutcome(tn=tn, outcome=Outcome.REFUSED, code=code, message=happened, advice=advice)


def not_toll_free(tn: TN, tail: str) -> ItemOutcome:
    """Return the verdict on a number that the provider cannot have; `tail`: what was not done."""
    return refused(
        tn,
        f"IntelePeer sells toll-free numbers only. {tail}",
        "Choose another provider for this number.",
        code="not_toll_free",
    )


def refused_by(tn: TN, error: Refused, tail: str) -> ItemOutcome:
    """Return the verdict for a number whose request was refused; `tail` says what was not done."""
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=error.code,
        message=f"{codes.sentence(error.words)} {tail}",
        advice=codes.meaning(error.words).advice,
    )


def undecided(tn: TN, error: ProviderError) -> ItemOutcome:
    """Return the verdict where a refusal could not be checked against our own list."""
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.UNKNOWN,
        code=error.code,
        message=f"It is not known yet whether the number is ours. {error.message}",
        advice="Nothing to do: the provider is asked about the number by itself.",
    )


def held(tn: TN, value: Any) -> ItemOutcome:
    """Return the verdict on one number of a hold; raises `ProviderProtocolError` off contract.

    The answer is an array with one object, or the object (section 4).
    """
    call = Call(operation="POST /_rest/v4/carrier/tf/reservations", is_write=True)
    holds = value if isinstance(value, list) else [value]
    for hold in holds:
        if not isinstance(hold, dict) or not isinstance(hold.get("endpoints"), list):
            raise unexpected(call, "it is not a reservation")
        covered = {read_tn(e.get("endpoint")) for e in hold["endpoints"] if isinstance(e, dict)}
        ref = clean(hold.get("reservationID"))
        if tn in covered and ref:
            return ItemOutcome(
                tn=tn,
                outcome=Outcome.SUCCEEDED,
                code="200",
                message="The provider holds the number for us.",
                reservation_ref=ref,
                expires_at=read_time(hold.get("expirationDate")),
            )
    raise unexpected(call, "it does not name the number that was to be held")


def order_ref(value: Any, call: Call) -> tuple[str, str]:
    """Return (order id, status word) of an order object; raises `ProviderProtocolError` else."""
    ref = clean(value.get("orderID")) if isinstance(value, dict) else ""
    if not (ref.isascii() and ref.isdigit()):
        raise unexpected(call, "it holds no order id")
    return ref, clean(value.get("status")).upper()


def accepted(tn: TN, ref: str, status: str, what: str) -> ItemOutcome:
    """Return the verdict on a number in an accepted order; only our own list tells that it is done.

    A status that says that the order ended badly leaves the number unknown, to be asked for.
    """
    is_bad = status in {"FAILED", "CANCELLED", "CANCELED", "REJECTED"}
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.UNKNOWN if is_bad else Outcome.PENDING,
        code=status or "PENDING",
        message=f"The provider calls its order {ref} “{status}”."
        if is_bad
        else f"The provider accepted {what} as order {ref} and works on it.",
        provider_ref=ref,
    )
