"""The number operations: reserve, query, spare, disconnect, changeresporg, resporgcheck (7.1-7.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from portal.sandbox.xml_customtollfree_records import disconnect_later, disconnect_now
from portal.sandbox.xml_customtollfree_state import (
    AGING_DAYS,
    ASSIGNED,
    DISCONNECT,
    HOLD_DAYS,
    RESERVED,
    SPARE,
    SPARE_AFTER_DAYS,
    SUSPEND,
    TRANSITIONAL,
    WORKING,
    TollFreeNumber,
    check_control,
    load_number,
    make_spare,
    move_to_next_resporg,
    save_number,
    schedule,
)
from portal.sandbox.xml_customtollfree_wire import (
    FOREIGN_RESPORG,
    PROVIDER,
    RESPORG,
    TEN_DIGITS,
    Call,
    Element,
    Problem,
    Refused,
    account_resporgs,
    fields,
    node,
    parse_moment,
    refuse,
    sortable,
    start_of,
    write_moment,
)

CONTACT_LIMIT = 30
NOTES_LIMIT = 151
HOLD_CAP = 2000
HOLD_CAP_PERCENT = 7.5
POOL_PERCENT = 3
EXTENDED_LOCKOUT = timedelta(minutes=15)
CHANGEABLE = (RESERVED, ASSIGNED, WORKING, DISCONNECT, TRANSITIONAL, SUSPEND)


def reserve(call: Call) -> list[Element]:
    """Take spare numbers for a RespOrg, up to 45 days (7.1).

    With several numbers each has its own result; the answer is an error only when all fail.
    """
    numbers = call.numbers()
    contact = call.required("contactname", limit=CONTACT_LIMIT)
    phone = call.required("contactphone")
    if not TEN_DIGITS.fullmatch(phone):
        raise refuse("invalid_parameter", "contactphone", "Must have 10 digits")
    last_day = call.today + timedelta(days=HOLD_DAYS)
    until = call.day("until", last_day)
    if until is None or not call.today <= until <= last_day:
        raise refuse("invalid_parameter", "until", f"Must be within {HOLD_DAYS} days")
    notes = call.optional("notes", limit=NOTES_LIMIT)
    items, problems = [], []
    for tn in numbers:
        try:
            number = _reserve_one(call, tn, until=until, contact=(contact, phone, notes))
        except Refused as refused:
            problems += refused.problems
            items.append(
                fields("item", {"number": tn, "result": "FAILED", "code": problems[-1].code})
            )
        else:
            items.append(fields("item", {"number": tn, "result": "OK", **_summary(number)}))
    if len(problems) == len(numbers):
        raise Refused(problems)
    return items


def reserve_default(call: Call) -> list[Element]:
    """Answer the provider's published `reserve` of key and number only (5): `results/number`."""
    number = call.number()
    until = call.today + timedelta(days=HOLD_DAYS)
    _reserve_one(call, number, until=until, contact=("", "", ""))
    return [node("number", number)]


def _reserve_one(
    call: Call, tn: str, *, until: date, contact: tuple[str, str, str]
) -> TollFreeNumber:
    number = load_number(call.store, tn)
    takes_back = number.status == TRANSITIONAL and number.resporg == call.resporg
    if number.status != SPARE and not takes_back:
        raise _unavailable(tn)
    if tn in call.faulted_tns or "locked" in call.faults:
        lock(call, [tn], login="", life=EXTENDED_LOCKOUT)
        raise _unavailable(tn)
    if is_locked(call, tn):
        raise _unavailable(tn)
    check_caps(call)
    held = TollFreeNumber(tn=tn, status=RESERVED, resporg=call.resporg)
    held.turn(RESERVED, call.today, until=until)
    held.hold_until = until.isoformat()
    held.contactname, held.contactphone, held.notes = contact
    held.lastactive = number.lastactive
    call.store.execute("DELETE FROM ctf_record WHERE tn = ?", (tn,))
    save_number(call.store, held)
    schedule(call.store, start_of(until + timedelta(days=1)), "hold_end", tn)
    return held


def _unavailable(tn: str) -> Refused:
    return Refused(
        [Problem(code="number_unavailable", message=f"{tn} is not available", field="number")]
    )


def is_locked(call: Call, tn: str) -> bool:
    """Tell whether somebody else's search, or a lost answer, keeps a number locked (2)."""
    rows = call.store.query(
        "SELECT 1 FROM ctf_lock WHERE tn = ? AND login <> ? AND until > ?",
        (tn, call.login, sortable(call.now)),
    )
    return bool(rows)


def lock(call: Call, tns: Sequence[str], *, login: str, life: timedelta) -> None:
    """Lock numbers for one key (for nobody, when `login` is empty) for a while."""
    call.store.execute("DELETE FROM ctf_lock WHERE until <= ?", (sortable(call.now),))
    for tn in tns:
        call.store.execute(
            "INSERT OR REPLACE INTO ctf_lock (tn, login, until) VALUES (?, ?, ?)",
            (tn, login, sortable(call.now + life)),
        )


def check_caps(call: Call) -> None:
    """Raise reservation_limit when one more hold would pass a cap of 47 CFR 52.109 (2).

    Settings: `custom_toll_free.hold_cap` (numbers), `custom_toll_free.pool_percent`.
    """
    count = "SELECT count(*) AS n FROM number WHERE provider = ? AND "
    store, mine = call.store, (PROVIDER, call.login)
    held = store.query(f"{count} account = ? AND status = 'reserved'", mine)[0]["n"]
    owned = store.query(f"{count} account = ? AND status = 'owned'", mine)[0]["n"]
    cap = int(store.setting("custom_toll_free.hold_cap", HOLD_CAP))
    spare = store.query(f"{count} status = 'available'", (PROVIDER,))[0]["n"]
    pool = float(store.setting("custom_toll_free.pool_percent", POOL_PERCENT)) * spare / 100
    if held >= max(cap, owned * HOLD_CAP_PERCENT / 100) or held >= pool:
        raise refuse("reservation_limit", "number")


def query(call: Call) -> list[Element]:
    """Show RespOrg, status and status date of up to ten numbers, to anybody (7.2)."""
    items = []
    for tn in call.numbers():
        number = load_number(call.store, tn)
        is_owner = bool(number.resporg) and number.resporg == call.resporg
        shown: dict[str, object] = {"number": tn, "resporg": number.resporg, **_summary(number)}
        shown["until"] = number.until or None
        shown["lastactive"] = number.lastactive or None
        shown["auctioned"] = number.auctioned
        if is_owner:
            shown["contactname"] = number.contactname or None
            shown["notes"] = number.notes or None
        items.append(fields("item", shown))
    return items


def _summary(number: TollFreeNumber) -> dict[str, object]:
    return {
        "status": number.status,
        "resporg": number.resporg,
        "statusdate": number.statusdate,
        "until": number.until or None,
    }


def spare(call: Call) -> list[Element]:
    """Give a reserved number back, or a disconnected one from day 45 on (7.3)."""
    number = load_number(call.store, call.number())
    check_control(call, number, (RESERVED, DISCONNECT, TRANSITIONAL))
    if number.status != RESERVED:
        first_day = date.fromisoformat(number.disconnected_on or number.statusdate)
        first_day += timedelta(days=SPARE_AFTER_DAYS)
        if call.today < first_day:
            raise refuse("too_early_to_spare", "number", f"Not before {first_day}")
    make_spare(call.store, number, call.today)
    return [fields("item", {"number": number.tn, **_summary(load_number(call.store, number.tn))})]


def disconnect(call: Call) -> list[Element]:
    """End service: at once, or by a pending record when `effective` lies ahead (7.4)."""
    number = load_number(call.store, call.number())
    effective, is_now = call.effective()
    intercept_end = _intercept_end(call, effective)
    call.flag("referral")
    notes = call.optional("notes", limit=NOTES_LIMIT)
    check_control(call, number, (WORKING, SUSPEND))
    if notes:
        number.notes = notes
        save_number(call.store, number)
    if is_now:
        disconnect_now(call.store, number, effective, intercept_end)
    else:
        disconnect_later(call.store, number, effective, intercept_end)
    after = load_number(call.store, number.tn)
    until = effective.date() + timedelta(days=AGING_DAYS)
    shown = {**_summary(after), "until": until.isoformat()}
    return [fields("item", {"number": number.tn, **shown})]


def _intercept_end(call: Call, effective: datetime) -> datetime:
    """Return when the intercept announcement stops; `NOW` means that there is none."""
    latest = effective + timedelta(days=AGING_DAYS)
    value = call.optional("interceptend")
    if not value:
        return latest
    if value.upper() == "NOW":
        return effective
    moment = parse_moment(value)
    if moment is None:
        day = call.day("interceptend")
        moment = start_of(day) if day else latest
    if not effective <= moment <= latest:
        raise refuse(
            "invalid_effective_date",
            "interceptend",
            f"Must be within {AGING_DAYS} days after {write_moment(effective)}",
        )
    return moment


def change_resporg(call: Call) -> list[Element]:
    """Hand numbers to another RespOrg; the status stays, pending records must be checked (7.5).

    Only the controlling RespOrg can do it; taking a number from another one needs that one's own
    action or the paperwork of section 3.5. One that no key of the sandbox has is not permitted.
    """
    tns = call.numbers()
    target = call.required("newresporg").upper()
    known = set(account_resporgs(call.store).values())
    if not RESPORG.fullmatch(target) or target not in {*known, FOREIGN_RESPORG}:
        raise refuse("invalid_resporg", "newresporg")
    effective = call.day("effective", call.today)
    if effective is None or effective < call.today:
        raise refuse("invalid_parameter", "effective", "Must not be in the past")
    numbers = [load_number(call.store, tn) for tn in tns]
    for number in numbers:
        check_control(call, number, CHANGEABLE)
    if target not in known:
        raise refuse("permission_denied", "newresporg")
    for number in numbers:
        number.next_resporg = target
        save_number(call.store, number)
        if effective == call.today:
            move_to_next_resporg(call.store, number)
        else:
            schedule(call.store, start_of(effective), "resporg_change", number.tn)
    after = [load_number(call.store, tn) for tn in tns]
    return [fields("item", {"number": each.tn, **_summary(each)}) for each in after]
