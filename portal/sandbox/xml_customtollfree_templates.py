"""First contents of the Custom Toll Free wire: templates, and a life for each number owned."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from portal.sandbox.store import Store
from portal.sandbox.xml_customtollfree_records import ASSIGNED_MONTHS, add_record, merge
from portal.sandbox.xml_customtollfree_state import (
    AGING_DAYS,
    ASSIGNED,
    DISCONNECT,
    HOLD_DAYS,
    RESERVED,
    TRANSITIONAL,
    WORKING,
    TollFreeNumber,
    read_number,
    save_number,
    schedule,
)
from portal.sandbox.xml_customtollfree_wire import PROVIDER, add_months, sortable, start_of

RESPORGS = {"SANDBOXKEY0001": "SBX01", "SANDBOXKEY0002": "OTH02"}

TEMPLATES: Mapping[str, str] = {
    "*SBDEFAULT": """<record>
  <cad>
    <customer id="SB-DEFAULT" name="Sandbox Voice LLC"/>
    <contact name="Jane Roe" phone="2125550142"/>
    <serviceorder>SBDEF0001</serviceorder><supplementalform/><notes/>
    <areaofservice><network>US</network></areaofservice>
    <carriers><intra>0288</intra><inter>0288</inter></carriers>
    <destinations>
      <destination number="2125550142" lines="9999" lso="212555" fso=""/>
    </destinations>
  </cad>
  <cpr timezone="CT" dst="1">
    <section name="MAIN">
      <columns><column>CA</column><column>TE</column></columns>
      <row><cell>0288</cell><cell>2125550142</cell></row>
    </section>
  </cpr>
</record>""",
    "*SBEAST": """<record>
  <cad>
    <customer id="SB-EAST" name="Sandbox Voice LLC"/>
    <contact name="Jane Roe" phone="2125550143"/>
    <serviceorder>SBEAST001</serviceorder><supplementalform/><notes/>
    <areaofservice><label>*EAST</label></areaofservice>
    <carriers><intra>0288</intra><inter>0222</inter></carriers>
    <destinations>
      <destination number="2125550143" lines="9999" lso="212555" fso=""/>
    </destinations>
  </cad>
  <lads>
    <lad label="*EAST" type="AC"><value>212</value><value>201</value><value>617</value></lad>
  </lads>
  <cpr timezone="ET" dst="1">
    <section name="MAIN">
      <columns>
        <column>AC</column><column>TI</column><column>CA</column><column>TE</column>
      </columns>
      <row><cell>*EAST</cell><cell>08:00A-05:00P</cell><cell>0288</cell><cell>2125550143</cell></row>
      <row><cell>*EAST</cell><cell>OTHER</cell><cell>0288</cell><cell>#SNIGHT</cell></row>
      <row><cell>OTHER</cell><cell/><cell>0222</cell><cell>2125550144</cell></row>
    </section>
    <section name="SNIGHT">
      <columns><column>CA</column><column>TE</column></columns>
      <row><cell>0222</cell><cell>2125550145</cell></row>
    </section>
  </cpr>
</record>""",
}


def seed(store: Store, rng: random.Random) -> None:
    """Fill in RespOrg ids and templates, and give each owned number a status with its record."""
    for login, resporg in RESPORGS.items():
        store.execute(
            "UPDATE account SET data = ? WHERE provider = ? AND login = ?",
            (json.dumps({"respOrg": resporg}), PROVIDER, login),
        )
    default = TEMPLATES["*SBDEFAULT"]
    templates = {**TEMPLATES, "*OTDEFAULT": default.replace("SBDEF", "OTDEF")}
    for name, xml in templates.items():
        store.execute(
            "INSERT OR REPLACE INTO ctf_template (name, entity, xml) VALUES (?, ?, ?)",
            (name, name[1:3], merge(xml, None, ())),
        )
    store.execute(
        "INSERT INTO ctf_serial (last) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM ctf_serial)"
    )
    rows = store.query(
        "SELECT tn, status, account, data FROM number WHERE provider = ?"
        " AND status IN ('owned', 'reserved') ORDER BY tn",
        (PROVIDER,),
    )
    for index, row in enumerate(rows):
        number = read_number(row, RESPORGS)
        _seed_number(store, rng, number, LIVES.get(index % 20, WORKING))


LIVES = {3: RESERVED, 8: RESERVED, 12: ASSIGNED, 15: DISCONNECT, 18: TRANSITIONAL}


def _seed_number(store: Store, rng: random.Random, number: TollFreeNumber, status: str) -> None:
    """Give a number a past that ends in the status, and the events that its future needs."""
    now = store.now()
    xml = merge(TEMPLATES[rng.choice(("*SBDEFAULT", "*SBEAST"))], None, ())
    number.contactname, number.contactphone = "Jane Roe", "2125550142"
    match status:
        case "RESERVED":
            _hold(store, number, now - timedelta(days=rng.randrange(1, 30)))
        case "ASSIGNED":
            held = now - timedelta(days=3)
            _hold(store, number, held)
            number.turn(ASSIGNED, now.date() - timedelta(days=2))
            number.assigned_on = number.statusdate
            effective = _quarter_hour(now + timedelta(days=10))
            record = add_record(store, number.tn, effective=effective, status="PENDING", xml=xml)
            schedule(store, effective, "record_due", number.tn, record.id)
            end = add_months(now.date() - timedelta(days=2), ASSIGNED_MONTHS)
            schedule(store, start_of(end), "assigned_end", number.tn)
        case "DISCONNECT" | "TRANSITIONAL":
            age = 10 if status == DISCONNECT else 60
            _age(store, number, status, _quarter_hour(now - timedelta(days=age)), xml)
        case _:
            since = now - timedelta(days=rng.randrange(30, 900))
            number.turn(WORKING, since.date())
            number.lastactive = now.date().isoformat()
            add_record(store, number.tn, effective=_quarter_hour(since), status="ACTIVE", xml=xml)
    save_number(store, number)


def _hold(store: Store, number: TollFreeNumber, since: datetime) -> None:
    until = since.date() + timedelta(days=HOLD_DAYS)
    number.turn(RESERVED, since.date(), until=until)
    number.hold_until = until.isoformat()
    schedule(store, start_of(until + timedelta(days=1)), "hold_end", number.tn)


def _age(store: Store, number: TollFreeNumber, status: str, ended: datetime, xml: str) -> None:
    until = ended.date() + timedelta(days=AGING_DAYS)
    intercept_end = ended + timedelta(days=AGING_DAYS if status == DISCONNECT else 30)
    begun = ended if status == DISCONNECT else intercept_end
    number.turn(status, begun.date(), until=until)
    number.disconnected_on = number.lastactive = ended.date().isoformat()
    number.intercept_end = sortable(intercept_end)
    add_record(
        store,
        number.tn,
        effective=ended,
        status="DISCONNECT",
        xml=xml,
        is_disconnect=True,
        intercept_end=intercept_end,
    )
    if status != TRANSITIONAL:
        schedule(store, intercept_end, "intercept_end", number.tn)
    schedule(store, start_of(until + timedelta(days=1)), "aging_end", number.tn)


def _quarter_hour(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
