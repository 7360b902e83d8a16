"""Every status word that a page shows: its label and its tone. One table, so that a word looks alike
on every page.

Tones: ``ok`` (as it should be), ``info`` (under way), ``warn`` (look at it), ``bad`` (act), ``muted``
(nothing to do). The words are those of the models; `find` answers for one.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Look(NamedTuple):
    """How one word is shown."""

    label: str
    tone: str


TONES: Final = ("ok", "info", "warn", "bad", "muted")

_TABLE: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "number": {
        "candidate": ("Found in a search", "muted"),
        "reserved": ("Reserved", "warn"),
        "purchasing": ("Ordering", "warn"),
        "port_in": ("Porting in", "warn"),
        "stock": ("Stock", "info"),
        "held": ("Held for a customer", "info"),
        "in_service": ("In service", "ok"),
        "suspended": ("Suspended", "warn"),
        "port_out": ("Porting out", "warn"),
        "aging": ("Aging", "muted"),
        "releasing": ("Releasing", "warn"),
        "released": ("Released", "muted"),
        "ported_out": ("Ported out", "muted"),
        "lost": ("Lost", "bad"),
    },
    "sync": {
        "in_sync": ("In sync", "ok"),
        "stale": ("Not checked lately", "warn"),
        "pending_push": ("Change pending", "info"),
        "push_failed": ("Change refused", "bad"),
        "drifted": ("Differs at provider", "bad"),
        "ignored": ("Difference accepted", "muted"),
        "missing": ("Missing at provider", "bad"),
        "unknown_here": ("Not in our inventory", "warn"),
        "unconfirmed": ("Outcome unknown", "warn"),
    },
    "finding": {
        "open": ("Open", "bad"),
        "repairing": ("Being repaired", "info"),
        "ignored": ("Ignored", "muted"),
        "fixed": ("Repaired", "ok"),
        "vanished": ("Gone by itself", "ok"),
    },
    "job": {
        "queued": ("Queued", "info"),
        "running": ("Running", "info"),
        "waiting": ("Waiting", "info"),
        "unknown": ("Outcome unknown", "warn"),
        "needs_review": ("Needs review", "bad"),
        "succeeded": ("Succeeded", "ok"),
        "partial": ("Partly done", "warn"),
        "failed": ("Failed", "bad"),
        "canceled": ("Canceled", "muted"),
    },
    "item": {
        "queued": ("Queued", "muted"),
        "sent": ("Sent", "info"),
        "pending": ("Accepted, not done yet", "info"),
        "succeeded": ("Done", "ok"),
        "refused": ("Refused", "bad"),
        "unknown": ("Outcome unknown", "warn"),
        "skipped": ("Skipped", "muted"),
        "canceled": ("Canceled", "muted"),
    },
    "health": {
        "healthy": ("Healthy", "ok"),
        "new": ("Not called yet", "muted"),
        "failing": ("Last call failed", "warn"),
        "half_open": ("Trying one call", "warn"),
        "open": ("Calls paused", "bad"),
        "closed": ("Healthy", "ok"),
        "paused": ("Paused", "warn"),
        "disabled": ("Switched off", "muted"),
    },
    "approval": {
        "waiting": ("Waits for approval", "warn"),
        "approved": ("Approved", "ok"),
        "refused": ("Refused", "bad"),
        "withdrawn": ("Withdrawn", "muted"),
        "expired": ("Nobody decided in time", "muted"),
    },
    "order": {
        "draft": ("Draft", "muted"),
        "awaiting_approval": ("Waits for approval", "warn"),
        "submitted": ("Submitted", "info"),
        "processing": ("Processing", "info"),
        "backordered": ("Provider waits for stock", "warn"),
        "exception": ("Needs input", "bad"),
        "unconfirmed": ("Outcome unknown", "warn"),
        "partial": ("Partly done", "warn"),
        "completed": ("Completed", "ok"),
        "failed": ("Failed", "bad"),
        "cancelled": ("Canceled", "muted"),
        "rejected": ("Rejected", "bad"),
        "discarded": ("Discarded", "muted"),
    },
    "line": {
        "waiting": ("Waiting", "info"),
        "ok": ("Bought", "ok"),
        "failed": ("Not bought", "bad"),
        "unknown": ("Outcome unknown", "warn"),
    },
    "hold": {
        "soft": ("Not held at the provider", "muted"),
        "requested": ("Asking the provider to hold it", "info"),
        "active": ("Held", "ok"),
        "extended": ("Held, extended", "ok"),
        "consumed": ("Used by an order", "muted"),
        "expired": ("Hold has run out", "bad"),
        "released": ("Given back", "muted"),
        "failed": ("Not held", "warn"),
        "unknown": ("Outcome unknown", "warn"),
    },
    "upload": {
        "uploaded": ("Uploaded", "info"),
        "mapping": ("Columns to be named", "warn"),
        "checking": ("Being checked", "info"),
        "invalid": ("Nothing can be used", "bad"),
        "ready": ("Ready to run", "warn"),
        "scheduled": ("Scheduled", "info"),
        "running": ("Running", "info"),
        "cancelling": ("Canceling", "warn"),
        "done": ("Done", "ok"),
        "done_with_errors": ("Done with errors", "warn"),
        "cancelled": ("Canceled", "muted"),
        "undone": ("Undone", "muted"),
    },
    "upload_row": {
        "new": ("Not checked yet", "muted"),
        "invalid": ("Cannot be used", "bad"),
        "no_change": ("No change", "muted"),
        "ready": ("Will change", "info"),
        "stale": ("Changed since", "warn"),
        "running": ("Running", "info"),
        "ok": ("Done", "ok"),
        "suggested": ("Correction offered", "warn"),
        "failed": ("Failed", "bad"),
        "unconfirmed": ("Outcome unknown", "warn"),
        "skipped": ("Skipped", "muted"),
        "undone": ("Undone", "muted"),
    },
    "exchange": {
        "open": ("No answer recorded", "warn"),
        "answered": ("Answered", "ok"),
        "refused": ("Refused", "bad"),
        "timeout": ("No answer came", "warn"),
        "unavailable": ("Not reached", "bad"),
        "auth": ("Sign-in refused", "bad"),
        "protocol": ("Answer not understood", "bad"),
    },
    "e911": {
        "none": ("None", "muted"),
        "not_required": ("Not needed", "muted"),
        "draft": ("Draft", "muted"),
        "validating": ("Checking the address", "info"),
        "suggested": ("Correction offered", "warn"),
        "invalid": ("Address refused", "bad"),
        "valid": ("Checked, not on the number", "warn"),
        "provisioning": ("Being set", "info"),
        "provisioned": ("Set", "ok"),
        "provision_failed": ("Not set", "bad"),
        "verified": ("Verified", "ok"),
        "changing": ("Change in check", "info"),
        "removing": ("Being removed", "info"),
        "removed": ("Removed", "muted"),
        "orphan": ("Record without number", "bad"),
    },
    "check": {
        "pending": ("Being checked", "info"),
        "valid": ("Valid", "ok"),
        "suggested": ("Correction offered", "warn"),
        "invalid": ("Not valid", "bad"),
        "failed": ("Could not be checked", "warn"),
    },
    "carrier_record": {
        "invalid": ("Not found on the map", "bad"),
        "geocoded": ("Known, not active", "warn"),
        "provisioned": ("Active", "ok"),
        "removed": ("Removed", "muted"),
        "unknown": ("Not known to us", "warn"),
    },
    "alert": {
        "adding": ("Being added", "info"),
        "active": ("Active", "ok"),
        "removing": ("Being removed", "info"),
        "refused": ("Not added", "bad"),
    },
    "call_test": {
        "correct": ("Right", "ok"),
        "wrong_number": ("Another number", "bad"),
        "wrong_address": ("Another address", "bad"),
        "no_address": ("No address", "bad"),
        "failed": ("Did not get through", "warn"),
    },
    "standing": {
        "1": ("Not needed", "muted"),
        "2": ("Location lost", "bad"),
        "3": ("Address refused", "bad"),
        "4": ("No record", "bad"),
        "5": ("Not confirmed", "warn"),
        "6": ("Changed since", "warn"),
        "7": ("No unit", "warn"),
        "8": ("Nobody alerted", "warn"),
        "9": ("No 933 test", "warn"),
        "10": ("Verified", "ok"),
    },
    "messaging": {
        "none": ("Off", "muted"),
        "off": ("Off", "muted"),
        "requested": ("Requested", "info"),
        "assigned": ("Assigned", "ok"),
        "live": ("Live", "ok"),
        "partly_mapped": ("Some carriers only", "warn"),
        "removing": ("Being removed", "info"),
        "remove_failed": ("Not removed", "bad"),
        "failed": ("Not assigned", "bad"),
    },
    "port": {
        "none": ("None", "muted"),
        "draft": ("Draft", "muted"),
        "customer_input": ("Waits for the customer", "warn"),
        "ready": ("Ready to submit", "info"),
        "submitted": ("Submitted", "info"),
        "pending_documents": ("Documents wanted", "warn"),
        "with_losing_carrier": ("With the losing carrier", "info"),
        "exception": ("Rejected, can be corrected", "bad"),
        "supplement_sent": ("Correction sent", "info"),
        "foc_set": ("Date confirmed", "ok"),
        "activating": ("Being moved", "info"),
        "partially_completed": ("Partly completed", "warn"),
        "completed": ("Completed", "ok"),
        "cancel_requested": ("Cancel requested", "warn"),
        "cancelled": ("Canceled", "muted"),
        "expired": ("Expired", "bad"),
        "failed": ("Failed", "bad"),
        "snapback_requested": ("Snapback requested", "warn"),
    },
    "own_port": {
        "draft": ("Being prepared", "muted"),
        "customer_input": ("We need something from you", "warn"),
        "ready": ("About to be sent", "info"),
        "submitted": ("Sent", "info"),
        "pending_documents": ("Papers are being sent", "info"),
        "with_losing_carrier": ("In check at your present carrier", "info"),
        "exception": ("Something does not match", "warn"),
        "supplement_sent": ("Correction in check", "info"),
        "foc_set": ("Date fixed", "ok"),
        "activating": ("Moving now", "info"),
        "partially_completed": ("Some numbers have moved", "warn"),
        "completed": ("Done", "ok"),
        "cancel_requested": ("Being stopped", "warn"),
        "cancelled": ("Stopped", "muted"),
        "expired": ("Stopped: too much time passed", "muted"),
        "failed": ("Did not work", "bad"),
        "snapback_requested": ("Going back", "warn"),
    },
    "port_line": {
        "pending": ("Not checked", "muted"),
        "portable": ("Can be ported", "ok"),
        "not_portable": ("Cannot be ported", "bad"),
        "submitted": ("Submitted", "info"),
        "rejected": ("Rejected", "bad"),
        "foc_set": ("Date confirmed", "ok"),
        "activated": ("Active", "ok"),
        "messaging_pending": ("Texting not yet", "info"),
        "done": ("Done", "ok"),
        "removed": ("Taken off", "muted"),
    },
    "preflight": {
        "checking": ("Being checked", "info"),
        "checked": ("Checked", "ok"),
        "grouped": ("Made into orders", "ok"),
        "discarded": ("Thrown away", "muted"),
        "waiting": ("Being checked", "info"),
        "portable": ("Can be ported", "ok"),
        "not_portable": ("Cannot be ported", "bad"),
        "set_aside": ("Set aside", "warn"),
        "not_checked": ("Could not be checked", "warn"),
    },
    "port_out": {
        "suspected": ("Seems to have left", "warn"),
        "requested": ("Asked for", "warn"),
        "approved": ("Approved", "info"),
        "auto_approved": ("Approved by time", "info"),
        "rejected": ("Rejected", "bad"),
        "closed": ("Closed", "muted"),
        "completed": ("Ported out", "muted"),
        "cancelled": ("Canceled", "muted"),
        "dismissed": ("Still ours", "ok"),
    },
    "mail": {
        "queued": ("To be sent", "info"),
        "sent": ("Sent", "ok"),
        "failed": ("Not sent", "bad"),
        "no_address": ("No address", "warn"),
    },
    "ticket": {
        "active": ("Open", "info"),
        "pending": ("Answered", "warn"),
        "closed": ("Closed", "muted"),
        "spam": ("Spam", "muted"),
    },
    "tollfree": {
        "spare": ("Spare", "info"),
        "reserved": ("Reserved", "warn"),
        "assigned": ("Assigned", "info"),
        "working": ("Working", "ok"),
        "suspend": ("Suspended", "warn"),
        "disconnect": ("Disconnected", "muted"),
        "transitional": ("Transitional", "muted"),
        "unavailable": ("Unavailable", "bad"),
    },
}

KINDS: Final = {
    kind: {word: Look(*look) for word, look in words.items()} for kind, words in _TABLE.items()
}

# Which words of ours an object carries: model name → (kind, attribute).
_CARRIERS: Final = {
    "telephonenumber": ("number", "state"),
    "job": ("job", "status"),
    "jobitem": ("item", "status"),
    "upload": ("upload", "state"),
    "uploadrow": ("upload_row", "state"),
    "exchange": ("exchange", "outcome"),
    "provideraccount": ("health", "health"),
    "orderline": ("line", "status"),
    "cartline": ("hold", "hold"),
    "supportticket": ("ticket", "status"),
}


def find(word: str, kind: str = "") -> Look:
    """Return how a word is shown; an unknown word is muted and shown as it is.

    Without `kind` the first kind that has the word decides, in the order of the table above.
    """
    for words in [KINDS[kind]] if kind in KINDS else KINDS.values():
        if word in words:
            return words[word]
    return Look(word, "muted")


def choices(kind: str) -> list[tuple[str, str]]:
    """Return the words of a kind with their labels, each label once, as a filter offers them."""
    labels: dict[str, str] = {}
    for word, look in KINDS[kind].items():
        labels[look.label] = word  # the last: "off" and not "none", where both are called Off
    return [(word, label) for label, word in labels.items()]


def of_object(subject: object) -> tuple[str, str]:
    """Return the kind and the word that an object carries; ("", text) where it is no model of ours."""
    meta = getattr(subject, "_meta", None)
    kind, attribute = _CARRIERS.get(getattr(meta, "model_name", ""), ("", "status"))
    return kind, str(getattr(subject, attribute, subject))
