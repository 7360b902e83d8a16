"""Messages and their settings (voip-innovations.md 2.10); 10DLC stands in `messaging_10dlc`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from portal.providers.voip_innovations.client.core import judge_result, require_digits
from portal.providers.voip_innovations.client.messaging_10dlc import (
    TNS_BATCH,
    Registration,
    require_tns,
)
from portal.providers.voip_innovations.client.messaging_records import (
    message_record,
    told_records,
)
from portal.providers.xml import Record

__all__ = ["TNS_BATCH", "DestinationType", "MMSFile", "Messaging"]

# What one client keeps to; whether the provider sets these limits is not known (2.10).
MMS_TEXT: Final = 2000
MMS_BYTES: Final = 2 * 1024 * 1024

DestinationType = Literal["NONE", "SIP", "EMAIL", "FORWARD", "POST", "GET", "PROGTELCO"]

_ELEVEN_DIGITS = re.compile(r"1\d{10}", re.ASCII)
_EMAILS = re.compile(r"[^@\s;,]+@[^@\s;,]+\.[^@\s;,]+(;\s*[^@\s;,]+@[^@\s;,]+\.[^@\s;,]+)*")
_URL = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
_SMSDID: Final = ("SMSDID", "DID")  # the container is known, its children's name is [assumed]


@dataclass(frozen=True, kw_only=True, slots=True)
class MMSFile:
    """One file of an MMS; its content travels in base64."""

    name: str
    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a file of a message needs a name")
        if not self.content:
            raise ValueError(f"the file {self.name!r} is empty")


class Messaging(Registration):
    """The operations on messages, and with them those of 10DLC."""

    def audit_sms(self, tn: str = "") -> Iterator[Record]:
        """Yield the SMSDID records of one number, or without one of the whole account (3.54)."""
        if tn:
            require_digits(tn)
        return self._stream("AuditSMS", {"tn": tn or None}, _SMSDID, container="DIDs")

    def config_sms_destination(
        self,
        tn: str,
        *,
        destination_type: DestinationType,
        destination: str = "",
        auth_token: str = "",
    ) -> list[Record]:
        """Choose where messages to a number go; return the SMSDID records of the reply (3.65).

        A change may take an hour to act.
        """
        require_digits(tn)
        _require_destination(destination_type, destination)
        if auth_token and destination_type not in {"POST", "GET"}:
            raise ValueError("a token is sent to the destination types POST and GET only")
        values = {
            "tn": tn,
            "destinationType": destination_type,
            "destination": destination or None,
            "authToken": auth_token or None,
        }
        return self._settings("ConfigSMSDestination", values)

    def config_sms(self, tn: str, *, enable: bool, forward_email: str = "") -> list[Record]:
        """Switch messages of a number; return the SMSDID records of the reply (3.53, deprecated).

        `forward_email` is mail addresses divided by ``;``, or ten digits; empty forwards nowhere.
        """
        require_digits(tn)
        is_number = re.fullmatch(r"\d{10}", forward_email, re.ASCII)
        if forward_email and not is_number and not _EMAILS.fullmatch(forward_email):
            raise ValueError("messages are forwarded to mail addresses or to ten digits")
        values = {"tn": tn, "enable": enable, "forwardEmail": forward_email}
        return self._settings("ConfigSMS", values)

    def update_sms_dlr(self, tns: Sequence[str], *, dlr: bool) -> list[Record]:
        """Switch delivery receipts of numbers; return the SMSDID records of the reply (2.10)."""
        values = {"tns": {"string": require_tns(tns)}, "dlr": dlr}
        return self._settings("UpdateSMSDLR", values)

    def send_sms(self, sender: str, recipient: str, message: str) -> Record:
        """Send a text; return what the reply tells of it (3.55). Numbers have eleven digits."""
        return self._sent_message("SendSMS", sender, recipient, message)

    def send_sms_with_dlr(self, sender: str, recipient: str, message: str) -> Record:
        """Send a text whose delivery is reported (2.10); otherwise as `send_sms`."""
        return self._sent_message("SendSMSWithDLR", sender, recipient, message)

    def send_mms(
        self, sender: str, recipient: str, message: str = "", *, files: Sequence[MMSFile] = ()
    ) -> Record:
        """Send a text, files, or both as one MMS; return what the reply tells of it (3.56)."""
        if len(message) > MMS_TEXT:
            raise ValueError(f"the text of an MMS has at most {MMS_TEXT} characters")
        if sum(len(file.content) for file in files) > MMS_BYTES:
            raise ValueError("the files of an MMS have at most 2 MB together")
        array = [{"FileName": file.name, "FileContent": file.content} for file in files]
        more = {"files": {"MMSFile": array}} if array else {}
        return self._sent_message("SendMMS", sender, recipient, message, **more)

    def _sent_message(
        self, operation: str, sender: str, recipient: str, message: str, **more: Any
    ) -> Record:
        for name, number in (("sender", sender), ("recipient", recipient)):
            if not _ELEVEN_DIGITS.fullmatch(number):
                raise ValueError(f"the {name} has eleven digits from the 1 on, not {number!r}")
        if not message.strip() and not more:
            raise ValueError("the message is empty")
        values = {"sender": sender, "recipient": recipient, "message": message, **more}
        with self._asked(operation, values) as result:
            judge_result(result, operation)
            return message_record(result)

    def _settings(self, operation: str, values: dict[str, Any]) -> list[Record]:
        """Send a change of settings; the reply's own verdict is whatever its records show."""
        with self._asked(operation, values) as result:
            judge_result(result, operation)
            return told_records(result, *_SMSDID)


def _require_destination(kind: str, destination: str) -> None:
    """Raise ValueError unless a destination is one of its type."""
    if kind not in get_args(DestinationType):
        raise ValueError(f"{kind!r} is no destination type")
    if kind == "NONE" and destination:
        raise ValueError("messages that go nowhere have no destination")
    if kind == "EMAIL" and not _EMAILS.fullmatch(destination):
        raise ValueError("the destination is not a list of mail addresses divided by “;”")
    if kind == "FORWARD":
        require_digits(destination)
    if kind in {"POST", "GET"} and not _URL.fullmatch(destination):
        raise ValueError("the destination is not an address of the web")
