"""The port orders that a fresh sandbox holds, in several states."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from portal.sandbox.soap_porting_orders import place_order
from portal.sandbox.soap_records import stamp
from portal.sandbox.soap_wire import PROVIDER
from portal.sandbox.store import Store

# Days since it was submitted, days until the date asked for (0: none), account, numbers.
STARTS = (
    (0.25, 14, "sandbox", ("2125560111", "2125560112")),
    (2.0, 0, "sandbox", ("3125560111",)),
    (4.0, 10, "sandbox", ("4155560111", "4155560112", "4155560113")),
    (5.0, 9, "sandbox", ("3035560111", "3035569911")),
    (2.0, 12, "sandbox2", ("6175560111",)),
)
FINISHED_DAYS = 40
CARRIERS = ("Example Bell", "Example Cable", "Example Wireless")


def plant(store: Store) -> None:
    """Make the orders that are there from the start, once after each reset.

    They are dated by the machine's clock, for the first stock may have been made long ago.
    """
    if store.query("SELECT 1 FROM vi_port_start"):
        return
    with store.transaction():
        if store.query("SELECT 1 FROM vi_port_start"):
            return
        now = datetime.now(UTC)
        store.execute("INSERT INTO vi_port_start (planted_at) VALUES (?)", (stamp(now),))
        owned = store.query(
            "SELECT tn FROM number WHERE provider = ? AND account = 'sandbox' AND status = 'owned'"
            " ORDER BY tn LIMIT 2",
            (PROVIDER,),
        )
        finished = (FINISHED_DAYS, 0, "sandbox", tuple(row["tn"] for row in owned))
        for index, (days, ahead, account, tns) in enumerate((finished, *STARTS)):
            place_order(
                store,
                tns,
                account=account,
                carrier=CARRIERS[index % len(CARRIERS)],
                end_user="Example LLC",
                billing_tn=tns[0],
                requested=(now + timedelta(days=ahead)).date() if ahead else None,
                epg=13550 if account == "sandbox" else 14550,
                now=now - timedelta(days=days),
            )
