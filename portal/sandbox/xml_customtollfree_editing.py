"""The record operations: queryrecord, retrieve, copyrecord, updaterecord (7.6, 7.7, 7.10, 7.11)."""

from __future__ import annotations

from datetime import date, datetime

from lxml import etree

from portal.sandbox.xml_customtollfree_records import (
    CHANGEABLE,
    COPYABLE,
    PARTS,
    Record,
    add_record,
    drop_record,
    enter_record,
    full,
    load_records,
    merge,
    pick_record,
    start_sending,
    summary,
)
from portal.sandbox.xml_customtollfree_state import (
    ASSIGNED,
    DISCONNECT,
    RESERVED,
    SUSPEND,
    TRANSITIONAL,
    WORKING,
    TollFreeNumber,
    check_control,
    load_number,
    make_spare,
    save_number,
    schedule,
)
from portal.sandbox.xml_customtollfree_validator import check_record
from portal.sandbox.xml_customtollfree_wire import (
    TOLL_FREE,
    Call,
    Element,
    Problem,
    Refused,
    node,
    parse_moment,
    parse_xml,
    refuse,
    sortable,
)

PAGE = 10
EDITABLE = (RESERVED, ASSIGNED, WORKING, SUSPEND)
READABLE = (*EDITABLE, DISCONNECT, TRANSITIONAL)


def query_record(call: Call) -> list[Element]:
    """List the records of a number, ten at a time, with a cursor for the next ten (7.6)."""
    number = load_number(call.store, call.number())
    check_control(call, number, READABLE)
    cursor = call.optional("start", "0")
    if not cursor.isdecimal():
        raise refuse("invalid_parameter", "start", "Not a cursor of an earlier answer")
    start = int(cursor[:9])
    records = load_records(call.store, number.tn)
    page, more = records[start : start + PAGE], len(records) > start + PAGE
    results = [node("number", number.tn), *(summary(record) for record in page)]
    results.append(node("more", int(more)))
    if more:
        results.append(node("next", start + PAGE))
    return results


def retrieve(call: Call) -> list[Element]:
    """Give one record as XML, whole or in parts (7.7)."""
    number = load_number(call.store, call.number())
    check_control(call, number, READABLE)
    effective = _moment(call, "effective")
    parts = call.choices("parts", tuple(PARTS))
    record = pick_record(load_records(call.store, number.tn), effective)
    if record is None:
        raise refuse("record_not_found", "effective" if effective else "number")
    return [full(record, number.resporg, parts)]


def _moment(call: Call, name: str) -> datetime | None:
    """Return an optional date-time parameter that names an existing record."""
    value = call.optional(name)
    moment = parse_moment(value) if value else None
    if value and moment is None:
        raise refuse("invalid_effective_date", name, "Must be YYYY-MM-DDTHH:MMZ")
    return moment


def copy_record(call: Call) -> list[Element]:
    """Copy a number's or a template's record, or parts of it, onto a number (7.10).

    A copy that lacks a part that the rules want is kept as INVALID and does not go live.
    """
    number = load_number(call.store, call.number())
    source_name = call.required("source")
    effective, is_now = call.effective()
    parts = call.choices("parts", tuple(PARTS))
    is_overwriting = call.flag("overwrite")
    _refuse_locked(call)
    check_control(call, number, EDITABLE)
    source = _source(call, source_name)
    records = load_records(call.store, number.tn)
    target = pick_record(records, None if is_now else effective)
    if is_overwriting and target is not None:
        _check_version(call, target)
    elif target is not None and not is_now:
        raise refuse("version_conflict", "effective", "A record with this time exists: overwrite")
    base = target or pick_record(records)
    xml = merge(source, base.xml if base else None, parts)
    if is_overwriting and target is not None and target.status in CHANGEABLE:
        drop_record(call.store, target)
    problems = check_record(parse_xml(xml), number=number.tn, resporg=number.resporg)
    if problems:
        record = add_record(call.store, number.tn, effective=effective, status="INVALID", xml=xml)
        return [summary(record)]
    return [summary(_enter(call, number, effective=effective, is_now=is_now, xml=xml))]


def _source(call: Call, name: str) -> str:
    """Return the record XML that a copy starts from: a template of the entity, or own record."""
    if name.startswith("*"):
        rows = call.store.query(
            "SELECT xml FROM ctf_template WHERE name = ? AND entity = ?", (name, call.resporg[:2])
        )
        if not rows:
            raise refuse("template_not_found", "source")
        return str(rows[0]["xml"])
    if not TOLL_FREE.fullmatch(name):
        raise refuse("invalid_number", "source")
    number = load_number(call.store, name)
    if number.resporg != call.resporg:
        raise refuse("not_controlling_resporg", "source")
    effective = _moment(call, "sourceeffective")
    record = pick_record(load_records(call.store, name), effective)
    if record is None or record.status not in COPYABLE:
        raise refuse("record_not_found", "source")
    return record.xml


def _check_version(call: Call, record: Record) -> None:
    """Raise unless the caller has read the record as it is now (optimistic lock, 4.5)."""
    version = call.required("version")
    if version != str(record.version):
        raise refuse("version_conflict", "version", f"The record has version {record.version}")


def _refuse_locked(call: Call) -> None:
    if "locked" in call.faults:
        raise refuse("record_locked", "number")


def _enter(
    call: Call, number: TollFreeNumber, *, effective: datetime, is_now: bool, xml: str
) -> Record:
    return enter_record(call.store, number, effective=effective, is_now=is_now, xml=xml)


def update_record(call: Call) -> list[Element]:
    """Create, change or delete a record of a number (7.11).

    Only a record that is not live yet can be changed or deleted; a live one is replaced by
    creating a new one.
    """
    number = load_number(call.store, call.number())
    action = call.optional("action", "create").lower()
    if action not in ("create", "change", "delete"):
        raise refuse("invalid_parameter", "action", "Must be create, change or delete")
    _refuse_locked(call)
    check_control(call, number, EDITABLE)
    if action == "delete":
        return [summary(_delete(call, number))]
    if action == "change":
        target = _waiting_record(call, number)
        xml = _checked_xml(call, number)
        return [summary(_replace(call, target, xml))]
    effective, is_now = call.effective()
    xml = _checked_xml(call, number)
    if not is_now and pick_record(load_records(call.store, number.tn), effective):
        raise refuse("version_conflict", "effective", "A record with this time exists: change it")
    return [summary(_enter(call, number, effective=effective, is_now=is_now, xml=xml))]


def _checked_xml(call: Call, number: TollFreeNumber) -> str:
    """Return the record of the call without its attributes; raise invalid_record with each path."""
    text = call.required("record")
    try:
        record = parse_xml(text)
    except ValueError as error:
        raise refuse("invalid_record", "record", f"Not well-formed XML: {error}") from None
    problems = check_record(record, number=number.tn, resporg=number.resporg)
    if problems:
        raise Refused(
            [
                Problem(code="invalid_record", message=each.message, field=each.field)
                for each in problems
            ]
        )
    return merge(etree.tostring(record, encoding="unicode"), None, ())


def _waiting_record(call: Call, number: TollFreeNumber) -> Record:
    """Return the record of the effective time when it may still be edited."""
    value = call.required("effective")
    effective = None if value.upper() == "NOW" else _moment(call, "effective")
    record = pick_record(load_records(call.store, number.tn), effective)
    if record is None:
        raise refuse("record_not_found", "effective")
    _check_version(call, record)
    if record.status not in CHANGEABLE:
        raise refuse("invalid_status", "effective", f"The record is {record.status}")
    return record


def _replace(call: Call, record: Record, xml: str) -> Record:
    """Put new content into a waiting record; it is pending again, with the next version."""
    call.store.execute(
        "UPDATE ctf_record SET xml = ?, version = version + 1, status = 'PENDING', changed_at = ?"
        " WHERE id = ?",
        (xml, sortable(call.now), record.id),
    )
    if record.status != "PENDING":
        schedule(call.store, max(record.effective, call.now), "record_due", record.tn, record.id)
    changed = next(each for each in load_records(call.store, record.tn) if each.id == record.id)
    if changed.effective <= call.now:
        start_sending(call.store, changed, call.now)
    return changed


def _delete(call: Call, number: TollFreeNumber) -> Record:
    """Delete a waiting record; an assigned number whose last one it was is held or spare again."""
    record = _waiting_record(call, number)
    drop_record(call.store, record)
    waits = [each for each in load_records(call.store, number.tn) if each.status in CHANGEABLE]
    if number.status == ASSIGNED and not waits:
        hold_until = date.fromisoformat(number.hold_until or "0001-01-01")
        if hold_until >= call.today:
            number.turn(RESERVED, call.today, until=hold_until)
            number.assigned_on = ""
            save_number(call.store, number)
        else:
            make_spare(call.store, number, call.today, expired_hold=number.resporg)
    return record
