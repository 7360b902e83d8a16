"""What time does to toll-free numbers, records and requests (sections 3.3, 4.5 and 9).

Events are worked off in the order of their moments, so that a clock that is moved by a year gives
the same dates as a year of waiting. Each looks again whether it still applies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from portal.sandbox.store import Store
from portal.sandbox.xml_customtollfree_records import (
    ASSIGNED_MONTHS,
    clean_records,
    end_service,
    go_live,
    load_record,
    start_sending,
)
from portal.sandbox.xml_customtollfree_requests import REQUEST_LIFE, finish_request
from portal.sandbox.xml_customtollfree_state import (
    ASSIGNED,
    DISCONNECT,
    RESERVED,
    SUSPEND,
    TRANSITIONAL,
    WORKING,
    load_number,
    make_spare,
    move_to_next_resporg,
    save_number,
)
from portal.sandbox.xml_customtollfree_wire import add_months, sortable


def tick(store: Store) -> None:
    """Carry out every event whose moment has come."""
    due = "SELECT id, at, kind, tn, reference FROM ctf_event WHERE at <= ? ORDER BY at, id LIMIT 1"
    if not store.query(due, (sortable(store.now()),)):
        return
    with store.transaction():
        while rows := store.query(due, (sortable(store.now()),)):
            event = rows[0]
            store.execute("DELETE FROM ctf_event WHERE id = ?", (event["id"],))
            at = datetime.fromisoformat(event["at"])
            HANDLERS[event["kind"]](store, event["tn"], event["reference"], at)
        clean_records(store, store.now())
        store.execute(
            "DELETE FROM ctf_request WHERE submitted <= ?", (sortable(store.now() - REQUEST_LIFE),)
        )


def _end_hold(store: Store, tn: str, reference: int, at: datetime) -> None:
    """Spare a number the day after its hold ended, unless a record was entered meanwhile."""
    number = load_number(store, tn)
    if number.status == RESERVED and _is_past(number.hold_until, at):
        make_spare(store, number, at.date(), expired_hold=number.resporg)


def _end_assigned(store: Store, tn: str, reference: int, at: datetime) -> None:
    """Spare a number that was assigned for six months and never worked."""
    number = load_number(store, tn)
    if number.status == ASSIGNED and number.assigned_on and _months_gone(number.assigned_on, at):
        make_spare(store, number, at.date(), expired_hold=number.resporg)


def _months_gone(assigned_on: str, at: datetime) -> bool:
    return add_months(date.fromisoformat(assigned_on), ASSIGNED_MONTHS) <= at.date()


def _record_due(store: Store, tn: str, reference: int, at: datetime) -> None:
    """Send a pending record when its time has come; a disconnect record is in force at once."""
    record, number = load_record(store, reference), load_number(store, tn)
    if record is None or record.status != "PENDING" or record.effective > at:
        return
    if not record.is_disconnect:
        start_sending(store, record, at)
    elif number.status in (WORKING, SUSPEND):
        end_service(store, number, record)


def _record_live(store: Store, tn: str, reference: int, at: datetime) -> None:
    record = load_record(store, reference)
    if record is not None and record.status == "SENDING":
        go_live(store, load_number(store, tn), record, at)


def _end_intercept(store: Store, tn: str, reference: int, at: datetime) -> None:
    number = load_number(store, tn)
    if (
        number.status == DISCONNECT
        and number.intercept_end
        and number.intercept_end <= sortable(at)
    ):
        until = date.fromisoformat(number.until) if number.until else None
        number.turn(TRANSITIONAL, at.date(), until=until)
        save_number(store, number)


def _end_aging(store: Store, tn: str, reference: int, at: datetime) -> None:
    number = load_number(store, tn)
    if number.status in (DISCONNECT, TRANSITIONAL) and _is_past(number.until, at):
        make_spare(store, number, at.date())


def _change_resporg(store: Store, tn: str, reference: int, at: datetime) -> None:
    number = load_number(store, tn)
    if number.next_resporg:
        move_to_next_resporg(store, number)


def _finish_request(store: Store, tn: str, reference: int, at: datetime) -> None:
    finish_request(store, reference, at)


def _is_past(day: str, at: datetime) -> bool:
    return bool(day) and date.fromisoformat(day) < at.date()


HANDLERS: Mapping[str, Callable[[Store, str, int, datetime], None]] = {
    "hold_end": _end_hold,
    "assigned_end": _end_assigned,
    "record_due": _record_due,
    "record_live": _record_live,
    "intercept_end": _end_intercept,
    "aging_end": _end_aging,
    "resporg_change": _change_resporg,
    "request": _finish_request,
}
