"""The catalogue of the wire operations: the eleven of SMS/800, and the search interface's own.

The provider publishes the eleven in one line each; their wire is our contract (custom-toll-free.md
sections 6 to 8). The search interface is real and documented (section 5).
"""

from __future__ import annotations

from functools import partial
from typing import Final

from portal.providers.catalogue import WireMethod

_Read = partial(WireMethod, domain="tollfree", sureness="contract")
_Write = partial(
    WireMethod, domain="tollfree", sureness="contract", is_write=True, is_idempotent=False
)
_SEARCH_API: Final = "the provider's published search interface (custom-toll-free.md 5)"

METHODS: Final[dict[str, WireMethod]] = {
    method.name: method
    for method in (
        _Write(
            name="reserve",
            section="7.1",
            capability="toll_free_hold",
            also_serves=("number_reservation",),
            function="reserve",
            reads=("numbers.number_rows", "outcomes.reserved"),
        ),
        _Read(
            name="query",
            section="7.2",
            capability="toll_free_query",
            also_serves=("number_query",),
            function="query",
            reads=("numbers.number_rows", "numbers.toll_free_number", "numbers.number_status"),
        ),
        _Write(
            name="spare",
            section="7.3",
            capability="toll_free_end",
            also_serves=("number_release",),
            function="spare",
            reads=("numbers.number_rows", "outcomes.spared"),
        ),
        _Write(
            name="disconnect",
            section="7.4",
            capability="toll_free_end",
            also_serves=("number_release",),
            function="disconnect",
            reads=("numbers.number_rows", "outcomes.ended"),
        ),
        _Write(
            name="changeresporg",
            section="7.5",
            capability="resporg_change",
            function="changeresporg",
            reads=("numbers.number_rows", "outcomes.moved"),
        ),
        _Read(
            name="queryrecord",
            section="7.6",
            capability="record_read",
            function="queryrecord",
            reads=("records.record_summaries", "records.next_start"),
        ),
        _Read(
            name="retrieve",
            section="7.7",
            capability="record_read",
            function="retrieve",
            reads=("customer.read_record",),
        ),
        _Read(
            name="resporgcheck",
            section="7.8",
            capability="toll_free_list",
            also_serves=("inventory_list",),
            function="resporgcheck",
            reads=("numbers.number_row", "numbers.toll_free_number", "numbers.listed_number"),
        ),
        _Read(
            name="requeststatus",
            section="7.9",
            capability="request_tracking",
            function="requeststatus",
            reads=("requests.request_state",),
        ),
        _Write(
            name="copyrecord",
            section="7.10",
            capability="record_copy",
            also_serves=("number_ordering",),
            function="copyrecord",
            reads=("records.changed",),
        ),
        _Write(
            name="updaterecord",
            section="7.11",
            capability="record_update",
            function="updaterecord",
            reads=("customer.write_record", "records.changed", "records.deleted"),
        ),
        WireMethod(
            name="search",
            section="5",
            domain="tollfree",
            capability="number_search",
            function="search",
            reads=("search.search_plan", "search.offers"),
            sureness="seen",
            source=_SEARCH_API,
        ),
        WireMethod(
            name="reverselookup",
            section="5",
            domain="tollfree",
            capability="vanity_lookup",
            function="reverselookup",
            reads=("search.spellings",),
            sureness="seen",
            source=_SEARCH_API,
        ),
    )
}
