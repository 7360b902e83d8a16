"""Fax by mail, in and out (voip-innovations.md 2.6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.providers.voip_innovations.client.arguments import require_email
from portal.providers.voip_innovations.client.core import Core, judge_result, require_digits
from portal.providers.xml import Record, find_text


class Fax(Core):
    """The operations on faxes that arrive or leave as mail."""

    def set_fax_to_email(self, tn: str, email: str) -> str:
        """Mail the number's faxes to an address; return what the reply repeats of it (3.20)."""
        values = {"tn": require_digits(tn), "email": require_email(email)}
        return self._email("SetFaxToEmail", values)

    def get_fax_to_email(self, tn: str) -> str:
        """Return the address that faxes are mailed to, or several; "" for none (3.21)."""
        return self._email("GetFaxToEmail", {"tn": require_digits(tn)})

    def remove_fax_to_email(self, tn: str) -> str:
        """Take no more faxes; return what the reply tells of an address (3.22)."""
        return self._email("RemoveFaxToEmail", {"tn": require_digits(tn)})

    def config_fax_to_email_notifications(self, tn: str, *, enabled: bool) -> None:
        """Switch the notifications of a number that takes faxes (3.46); 101 for any other."""
        values = {"tn": require_digits(tn), "enabled": enabled}
        self._carry_out("ConfigFaxToEmailNotifications", values)

    def audit_fax_to_emails(self) -> Iterator[Record]:
        """Yield the FaxToEmail records of the account, as they arrive (3.63)."""
        return self._stream("AuditFaxToEmails", {}, ("FaxToEmail",))

    def add_email_to_fax(self, tn: str, email: str) -> None:
        """Let one more address send faxes from the number (3.72)."""
        values = {"tn": require_digits(tn), "email": require_email(email)}
        self._carry_out("AddEmailToFax", values)

    def get_email_to_fax(self, tn: str) -> Record:
        """Return Email and CallerID of the number, both "" for nobody (3.73)."""
        with self._asked("GetEmailToFax", {"tn": require_digits(tn)}) as result:
            judge_result(result, "GetEmailToFax")
            return {name: find_text(result, name) for name in ("email", "callerid")}

    def remove_email_to_fax(self, tn: str, email: str) -> None:
        """Let an address send no more faxes (3.74).

        The list of operations shows no number there: it may be forgotten on every number. The
        number travels all the same, so that a service that looks at it touches only that one.
        """
        values = {"tn": require_digits(tn), "email": require_email(email)}
        self._carry_out("RemoveEmailToFax", values)

    def _email(self, operation: str, values: dict[str, Any]) -> str:
        with self._asked(operation, values) as result:
            judge_result(result, operation)
            return find_text(result, "email")
