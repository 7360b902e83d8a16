"""Customer records as rows: what they are, how they go live and how they end (section 4.5)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from portal.sandbox.store import Store
from portal.sandbox.xml_customtollfree_state import (
    AGING_DAYS,
    ASSIGNED,
    DISCONNECT,
    RESERVED,
    TRANSITIONAL,
    WORKING,
    TollFreeNumber,
    save_number,
    schedule,
)
from portal.sandbox.xml_customtollfree_wire import (
    Element,
    add_months,
    fields,
    node,
    parse_xml,
    sortable,
    start_of,
    write_moment,
)

PARTS: Mapping[str, tuple[str, ...]] = {"CAD": ("cad",), "CPR": ("cpr",), "LAD": ("lads",)}
ACTIVATION_SECONDS = 900
ASSIGNED_MONTHS = 6
CHANGEABLE = ("HOLD", "INVALID", "MUST CHECK", "PENDING", "SAVED")
COPYABLE = ("SENDING", "ACTIVE", "DISCONNECT", "OLD")
SHOWN_FIRST = (("SENDING",), ("ACTIVE", "DISCONNECT"), ("FAILED",))
CLEAN_AFTER = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Record:
    """One customer record of a number; `version` is what an editor must have read before."""

    id: int
    tn: str
    effective: datetime
    type: str
    status: str
    version: int
    is_disconnect: bool
    intercept_end: str
    xml: str

    @property
    def parts(self) -> list[str]:
        root = parse_xml(self.xml)
        return [part for part, (tag,) in PARTS.items() if root.find(tag) is not None]


def _record(row: sqlite3.Row) -> Record:
    return Record(
        id=row["id"],
        tn=row["tn"],
        effective=datetime.fromisoformat(row["effective"]),
        type=row["type"],
        status=row["status"],
        version=row["version"],
        is_disconnect=bool(row["is_disconnect"]),
        intercept_end=row["intercept_end"],
        xml=row["xml"],
    )


def load_records(store: Store, tn: str) -> list[Record]:
    """Return the records of a number, the latest effective time first."""
    rows = store.query(
        "SELECT * FROM ctf_record WHERE tn = ? ORDER BY effective DESC, id DESC", (tn,)
    )
    return [_record(row) for row in rows]


def load_record(store: Store, record_id: int) -> Record | None:
    rows = store.query("SELECT * FROM ctf_record WHERE id = ?", (record_id,))
    return _record(rows[0]) if rows else None


def pick_record(records: Sequence[Record], effective: datetime | None = None) -> Record | None:
    """Return the record of an effective time, or the one that is shown without a date (4.5)."""
    if effective is not None:
        return next((record for record in records if record.effective == effective), None)
    for statuses in SHOWN_FIRST:
        for record in records:
            if record.status in statuses:
                return record
    return records[0] if records else None


def add_record(
    store: Store,
    tn: str,
    *,
    effective: datetime,
    status: str,
    xml: str,
    is_disconnect: bool = False,
    intercept_end: datetime | None = None,
) -> Record:
    """Keep a new record of a number with the next version, and return it."""
    is_pointer = parse_xml(xml).find("pointer") is not None
    last = store.query("SELECT max(version) AS last FROM ctf_record WHERE tn = ?", (tn,))
    version = (last[0]["last"] or 0) + 1
    store.execute(
        "INSERT INTO ctf_record (tn, effective, type, status, version, is_disconnect,"
        " intercept_end, xml, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            tn,
            sortable(effective),
            "PAD" if is_pointer else "CAD",
            status,
            version,
            int(is_disconnect),
            sortable(intercept_end) if intercept_end else "",
            xml,
            sortable(store.now()),
        ),
    )
    return next(record for record in load_records(store, tn) if record.version == version)


def set_status(store: Store, record_id: int, status: str) -> None:
    store.execute(
        "UPDATE ctf_record SET status = ?, changed_at = ? WHERE id = ?",
        (status, sortable(store.now()), record_id),
    )


def summary(record: Record) -> Element:
    """Write the row that `queryrecord` lists and that a write answers (7.6)."""
    row: dict[str, object] = {
        "effective": write_moment(record.effective),
        "type": record.type,
        "status": record.status,
        "version": record.version,
        "parts": ",".join(record.parts),
    }
    element = fields("record", row)
    element.append(node("approval"))
    return element


def full(record: Record, resporg: str, parts: Iterable[str] = ()) -> Element:
    """Write a whole record, or the given parts of it, as section 8 shows."""
    root = parse_xml(record.xml)
    wanted = list(parts)
    for part, (tag,) in PARTS.items():
        child = root.find(tag)
        if wanted and part not in wanted and child is not None:
            root.remove(child)
    shown = etree.Element(
        "record",
        {
            "number": record.tn,
            "resporg": resporg,
            "effective": write_moment(record.effective),
            "status": record.status,
            "version": str(record.version),
        },
    )
    shown.extend(list(root))
    return shown


def merge(source: str, target: str | None, parts: Sequence[str]) -> str:
    """Return the XML of `target` with the given parts (none: all) taken from `source`."""
    taken, root = parse_xml(source), parse_xml(target or "<record/>")
    tags = [PARTS[part][0] for part in parts] or ["pointer", "cad", "lads", "cpr"]
    for tag in tags:
        for old in root.findall(tag):
            root.remove(old)
        root.extend(deepcopy(taken.findall(tag)))
    bare = etree.Element("record")
    for tag in ("pointer", "cad", "lads", "cpr"):
        bare.extend(root.findall(tag))
    return etree.tostring(bare, encoding="unicode")


def enter_record(
    store: Store, number: TollFreeNumber, *, effective: datetime, is_now: bool, xml: str
) -> Record:
    """Save a good record: one for now is sent at once, another waits for its time (7.11).

    A reserved number becomes ASSIGNED by it, until it works or six months have gone.
    """
    status = "SENDING" if is_now else "PENDING"
    record = add_record(store, number.tn, effective=effective, status=status, xml=xml)
    if number.status == RESERVED:
        today = store.now().date()
        number.turn(ASSIGNED, today)
        number.assigned_on = today.isoformat()
        save_number(store, number)
        end = add_months(today, ASSIGNED_MONTHS)
        schedule(store, start_of(end), "assigned_end", number.tn)
    if is_now:
        start_sending(store, record, store.now())
    else:
        schedule(store, effective, "record_due", number.tn, record.id)
    return record


def start_sending(store: Store, record: Record, at: datetime) -> None:
    """Send a record to the call-routing databases; it is live some 15 minutes later (2).

    Setting `custom_toll_free.activation_seconds` changes how long that takes.
    """
    store.execute(
        "UPDATE ctf_record SET status = 'OLD' WHERE tn = ? AND status = 'SENDING' AND id <> ?",
        (record.tn, record.id),
    )
    set_status(store, record.id, "SENDING")
    delay = float(store.setting("custom_toll_free.activation_seconds", ACTIVATION_SECONDS))
    schedule(store, at + timedelta(seconds=delay), "record_live", record.tn, record.id)


def go_live(store: Store, number: TollFreeNumber, record: Record, at: datetime) -> None:
    """Make a record that was sent the active one, and an assigned number a working one."""
    store.execute(
        "UPDATE ctf_record SET status = 'OLD', changed_at = ? WHERE tn = ? AND status = 'ACTIVE'",
        (sortable(at), record.tn),
    )
    set_status(store, record.id, "ACTIVE")
    if number.status in (ASSIGNED, RESERVED):
        number.turn(WORKING, at.date())
        number.hold_until = number.assigned_on = ""
    number.lastactive = at.date().isoformat()
    save_number(store, number)


DISCONNECT_XML = "<record><cad/></record>"


def disconnect_now(
    store: Store, number: TollFreeNumber, effective: datetime, intercept_end: datetime
) -> None:
    """End the service of a number by a disconnect record that is in force at once."""
    record = _add_disconnect(store, number.tn, "DISCONNECT", effective, intercept_end)
    end_service(store, number, record)


def disconnect_later(
    store: Store, number: TollFreeNumber, effective: datetime, intercept_end: datetime
) -> None:
    """Enter a disconnect record that waits; the number goes on working until then."""
    record = _add_disconnect(store, number.tn, "PENDING", effective, intercept_end)
    schedule(store, effective, "record_due", number.tn, record.id)


def _add_disconnect(
    store: Store, tn: str, status: str, effective: datetime, intercept_end: datetime
) -> Record:
    return add_record(
        store,
        tn,
        effective=effective,
        status=status,
        xml=_disconnect_xml(store, tn, intercept_end),
        is_disconnect=True,
        intercept_end=intercept_end,
    )


def _disconnect_xml(store: Store, tn: str, intercept_end: datetime) -> str:
    """Return the administrative part in force with the mark of a disconnect record (section 8)."""
    live = pick_record(load_records(store, tn))
    root = parse_xml(live.xml if live else DISCONNECT_XML)
    cad = root.find("cad")
    if cad is None:
        cad = etree.SubElement(root, "cad")
    for old in cad.findall("disconnect"):
        cad.remove(old)
    cad.append(node("disconnect", referral=0, interceptend=write_moment(intercept_end)))
    for tag in ("lads", "cpr", "pointer"):
        for part in root.findall(tag):
            root.remove(part)
    return etree.tostring(root, encoding="unicode")


def end_service(store: Store, number: TollFreeNumber, record: Record) -> None:
    """Put a disconnect record in force: DISCONNECT while an announcement plays, else TRANSITIONAL.

    The number ages for 120 days from the effective day on and is spare the day after.
    """
    store.execute(
        "UPDATE ctf_record SET status = 'OLD' WHERE tn = ? AND status IN ('ACTIVE', 'SENDING')",
        (number.tn,),
    )
    store.execute(
        "UPDATE ctf_record SET status = 'INVALID' WHERE tn = ? AND status = 'PENDING' AND id <> ?",
        (number.tn, record.id),
    )
    set_status(store, record.id, "DISCONNECT")
    day = record.effective.date()
    until = day + timedelta(days=AGING_DAYS)
    intercept_end = datetime.fromisoformat(record.intercept_end)
    has_intercept = intercept_end > record.effective
    number.turn(DISCONNECT if has_intercept else TRANSITIONAL, day, until=until)
    number.disconnected_on = day.isoformat()
    number.intercept_end = sortable(intercept_end)
    number.lastactive = day.isoformat()
    save_number(store, number)
    if has_intercept:
        schedule(store, intercept_end, "intercept_end", number.tn)
    schedule(store, start_of(until + timedelta(days=1)), "aging_end", number.tn)


def drop_record(store: Store, record: Record) -> None:
    store.execute("DELETE FROM ctf_record WHERE id = ?", (record.id,))


def clean_records(store: Store, before: datetime) -> None:
    """Remove records that have been dead for thirty days (4.5)."""
    store.execute(
        "DELETE FROM ctf_record WHERE status IN ('OLD', 'INVALID', 'FAILED') AND changed_at <= ?",
        (sortable(before - CLEAN_AFTER),),
    )
