"""What time does at IntelePeer: holds run out, orders are carried out, quarantine ends.

How long a returned number rests is not published; it is 120 days here (intelepeer.md 7).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from portal.sandbox.rest_intelepeer_wire import (
    CHANGE,
    PROVIDER,
    PURCHASE,
    RETURN,
    sortable,
    zulu,
)
from portal.sandbox.store import Store

QUARANTINE = timedelta(days=120)


def tick(store: Store) -> None:
    """Let holds run out, carry out orders that are due, end the quarantine of returned numbers."""
    now = store.now()
    due = store.query(
        "SELECT 1 FROM intelepeer_order WHERE status = 'PENDING' AND due <= ?"
        " UNION ALL SELECT 1 FROM intelepeer_reservation WHERE ordered = 0 AND expires <= ?"
        " UNION ALL SELECT 1 FROM intelepeer_quarantine WHERE until <= ? LIMIT 1",
        (sortable(now), zulu(now), sortable(now)),
    )
    if not due:
        return
    with store.transaction():
        _end_holds(store, now)
        orders = store.query(
            "SELECT * FROM intelepeer_order WHERE status = 'PENDING' AND due <= ? ORDER BY due",
            (sortable(now),),
        )
        for order in orders:
            carry_out = CARRY_OUT[order["type"]]
            for tn in json.loads(order["tns"]):
                carry_out(store, order, tn)
            store.execute(
                "UPDATE intelepeer_order SET status = 'COMPLETED' WHERE order_id = ?",
                (order["order_id"],),
            )
        _end_quarantine(store, now)


def _end_holds(store: Store, now: datetime) -> None:
    over = "SELECT reservation_id FROM intelepeer_reservation WHERE ordered = 0 AND expires <= ?"
    store.execute(
        "UPDATE number SET status = 'available', held_by = '', held_until = '', changed_at = ?"  # noqa: S608
        f" WHERE provider = ? AND status = 'reserved' AND held_by IN ({over})",
        (now.isoformat(), PROVIDER, zulu(now)),
    )
    store.execute(
        "DELETE FROM intelepeer_reservation WHERE ordered = 0 AND expires <= ?", (zulu(now),)
    )


def _end_quarantine(store: Store, now: datetime) -> None:
    store.execute(
        "UPDATE number SET status = 'available', changed_at = ? WHERE provider = ?"
        " AND status = 'gone' AND tn IN (SELECT tn FROM intelepeer_quarantine WHERE until <= ?)",
        (now.isoformat(), PROVIDER, sortable(now)),
    )
    store.execute("DELETE FROM intelepeer_quarantine WHERE until <= ?", (sortable(now),))


def _carry_out_purchase(store: Store, order: sqlite3.Row, tn: str) -> None:
    facts = {"packageID": order["package_id"], "orderID": order["order_id"]}
    store.execute(
        "UPDATE number SET status = 'owned', account = ?, held_by = '', held_until = '',"
        " data = ?, changed_at = ? WHERE provider = ? AND tn = ? AND held_by = ?",
        (
            order["login"],
            json.dumps(facts),
            order["due"],
            PROVIDER,
            tn,
            f"order:{order['order_id']}",
        ),
    )


def _carry_out_change(store: Store, order: sqlite3.Row, tn: str) -> None:
    store.execute(
        "UPDATE number SET data = json_set(coalesce(nullif(data, ''), '{}'), '$.packageID', ?),"
        " changed_at = ? WHERE provider = ? AND tn = ? AND account = ?",
        (order["package_id"], order["due"], PROVIDER, tn, order["login"]),
    )


def _carry_out_return(store: Store, order: sqlite3.Row, tn: str) -> None:
    store.execute(
        "UPDATE number SET status = 'gone', account = '', data = '{}', changed_at = ?"
        " WHERE provider = ? AND tn = ? AND account = ?",
        (order["due"], PROVIDER, tn, order["login"]),
    )
    until = datetime.fromisoformat(order["due"]) + QUARANTINE
    store.execute(
        "INSERT OR REPLACE INTO intelepeer_quarantine (tn, until) VALUES (?, ?)",
        (tn, sortable(until)),
    )


CARRY_OUT: Mapping[str, Callable[[Store, sqlite3.Row, str], None]] = {
    PURCHASE: _carry_out_purchase,
    CHANGE: _carry_out_change,
    RETURN: _carry_out_return,
}
