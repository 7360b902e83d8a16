"""VoIP Innovations 2.9: e-mail addresses that hear of 911 calls.

Alerts belong to 911 on a number: without it every operation answers 941.
"""

from __future__ import annotations

import random

from portal.sandbox.soap_911_records import PROVISIONED, provisioned
from portal.sandbox.soap_records import own_number
from portal.sandbox.soap_wire import Call, Method, Refused, Reply, is_email
from portal.sandbox.store import Store

LONGEST, MOST = 150, 10
SEEDED = 4
SCHEMA = """
CREATE TABLE IF NOT EXISTS vi_911_alert (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, tn TEXT NOT NULL,
    email TEXT NOT NULL COLLATE NOCASE, UNIQUE (account, tn, email));
"""


def _alerted(call: Call) -> str:
    """Return the number that `tn` names; raise 944, 909, or 941 when it has no 911."""
    tn = str(own_number(call)["tn"])
    if provisioned(call.store, call.login, tn) is None:
        raise Refused(941)
    return tn


def _emails(call: Call, tn: str) -> list[str]:
    rows = call.store.query(
        "SELECT email FROM vi_911_alert WHERE account = ? AND tn = ? ORDER BY id", (call.login, tn)
    )
    return [row["email"] for row in rows]


def add_911_alert(call: Call) -> Reply:
    """Add911Alert: one more address; 940, 942 and 943 for its length, a repeat, an eleventh.

    What is no address at all answers 900: no code of its own is known.
    """
    tn = _alerted(call)
    email = call.text("email")
    if len(email) > LONGEST:
        raise Refused(940)
    if not is_email(email):
        raise Refused(900)
    known = _emails(call, tn)
    if email.lower() in (each.lower() for each in known):
        raise Refused(942)
    if len(known) >= MOST:
        raise Refused(943)
    call.store.execute(
        "INSERT INTO vi_911_alert (account, tn, email) VALUES (?, ?, ?)", (call.login, tn, email)
    )
    return Reply()


def remove_911_alert(call: Call) -> Reply:
    """Remove911Alert: one address, or all of them when none is named; 101 when it is not there."""
    tn = _alerted(call)
    email = call.text("email")
    removed = call.store.execute(
        "DELETE FROM vi_911_alert WHERE account = ?1 AND tn = ?2 AND (?3 = '' OR email = ?3)",
        (call.login, tn, email),
    )
    return Reply() if removed else Reply(code=101)


def query_911_alert(call: Call) -> Reply:
    """Query911Alert: the addresses in one string, divided by commas; 101 when there are none."""
    emails = _emails(call, _alerted(call))
    if not emails or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"Alerts": [",".join(emails)]})


METHODS = (
    Method("Add911Alert", "tn string, email string", "Response911", add_911_alert, is_write=True),
    Method(
        "Remove911Alert", "tn string, email string", "Response911", remove_911_alert, is_write=True
    ),
    Method("Query911Alert", "tn string", "Response911", query_911_alert),
)


def seed(store: Store, rng: random.Random) -> None:
    """Give a few numbers with 911 an address or two."""
    for row in store.query(
        "SELECT account, tn FROM vi_location WHERE status = ? ORDER BY id LIMIT ?",
        (PROVISIONED, SEEDED),
    ):
        for name in ("frontdesk", "security")[: rng.choice((1, 2))]:
            store.execute(
                "INSERT INTO vi_911_alert (account, tn, email) VALUES (?, ?, ?)",
                (row["account"], row["tn"], f"{name}@example.net"),
            )
