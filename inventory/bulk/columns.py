"""The columns of a file of numbers, and what their cells mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.core.exceptions import ValidationError

from inventory import features
from inventory.features.holding import KIND_WORDS
from inventory.forms.edit import split_tags
from portal.bulk import cells
from portal.bulk.kinds import Column

# Column of the file → feature that a provider is told of.
FEATURES: Final[dict[str, str]] = {
    "route": "route",
    "forward_to": "forward_to",
    "failover_to": "failover_to",
    "cnam": "inbound_cnam",
    "lidb_name": "cnam_name",
    "fax_email": "fax_email",
    "sms_target": "message_destination",
    "port_out_pin": "port_out_pin",
}


def _tags(text: str) -> list[str]:
    try:
        return split_tags(text)
    except ValidationError as error:
        raise ValueError(error.messages[0]) from error


def _feature(name: str) -> Callable[[str], Any]:
    return features.get(name).clean


def _read(name: str, words: str) -> Column:
    return Column(name=name, help=f"{words} Read over when it is uploaded.")


COLUMNS: Final = (
    Column(
        name="number",
        help="The number, in any usual spelling.",
        clean=cells.tn,
        example="+13125550142",
        is_required=True,
        aliases=("tn", "did", "phone number", "telephone number", "e164"),
    ),
    Column(
        name="operation",
        help="“update”, or “skip” for a line that shall be left alone. Empty: update.",
        clean=cells.one_of("update", "skip"),
    ),
    Column(
        name="provider",
        help="The provider account. It cannot be changed by this file.",
        clean=cells.line_of(120),
        is_fixed=True,
    ),
    Column(
        name="customer",
        help="The customer’s code. Numbers are given to customers on their own pages.",
        clean=cells.line_of(32),
        is_fixed=True,
    ),
    Column(
        name="state",
        help="Where the number stands in its life. It cannot be changed by this file.",
        clean=cells.line_of(12),
        is_fixed=True,
    ),
    Column(
        name="label",
        help="What people call it, at most 80 characters.",
        clean=cells.line_of(80),
        example="Front desk",
        can_clear=True,
    ),
    Column(
        name="tags",
        help="Tags, parted by commas: these and no others.",
        clean=_tags,
        example="main, night",
        can_clear=True,
        cleared=[],
    ),
    Column(
        name="route",
        help="The provider’s name or number of the endpoint group, gateway or package.",
        clean=_feature("route"),
        can_clear=True,
        is_order=True,
    ),
    Column(
        name="forward_to",
        help="All calls go to this number.",
        clean=_feature("forward_to"),
        example="+13125550177",
        can_clear=True,
        is_order=True,
    ),
    Column(
        name="failover_to",
        help="Calls go to this number when the route does not answer.",
        clean=_feature("failover_to"),
        can_clear=True,
        is_order=True,
    ),
    Column(
        name="cnam",
        help="“on” or “off”: whether the name of each caller is looked up.",
        clean=_feature("inbound_cnam"),
        is_order=True,
    ),
    Column(
        name="lidb_name",
        help="The name that called people see, at most 15 letters, digits and blanks.",
        clean=_feature("cnam_name"),
        can_clear=True,
        is_order=True,
    ),
    Column(
        name="fax_email",
        help="Faxes are mailed there. The number then takes faxes only.",
        clean=_feature("fax_email"),
        can_clear=True,
        is_order=True,
    ),
    Column(
        name="sms_type",
        help=f"What messages are handed to: {', '.join(KIND_WORDS)}. With sms_target.",
        clean=cells.one_of(*KIND_WORDS),
    ),
    Column(
        name="sms_target",
        help="Where messages go: an address, a number or a web address. With sms_type.",
        clean=cells.line_of(280),
        can_clear=True,
        is_order=True,
    ),
    Column(
        name="port_out_pin",
        help="Four digits. Kept secret: never exported, and never in a result.",
        clean=_feature("port_out_pin"),
        is_order=True,
        is_secret=True,
    ),
    Column(
        name="billing_id",
        help="What it is called in billing, at most 64 characters.",
        clean=cells.line_of(64),
        can_clear=True,
    ),
    Column(
        name="monthly_cost",
        help="In US dollars.",
        clean=cells.amount(digits=9, places=4),
        example="0.50",
        can_clear=True,
        cleared=None,
    ),
    Column(
        name="deletion_lock",
        help="“yes” or “no”: a locked number is not given back.",
        clean=cells.yes_no,
    ),
    Column(
        name="note",
        help="Anything, at most 2,000 characters.",
        clean=cells.text_of(2000),
        can_clear=True,
    ),
    _read("rate_center", "The rate center."),
    _read("us_state", "The US state."),
    _read("lata", "The LATA."),
    _read("tier", "The tier."),
    _read("e911", "Where its emergency address stands."),
    _read("messaging", "Where messaging stands."),
    _read("sync", "Whether the provider agrees."),
)
