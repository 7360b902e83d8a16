"""Fax by mail, in and out."""

from __future__ import annotations

from collections.abc import Iterator

from portal.providers.dto import ItemOutcome
from portal.providers.dto.features import EmailToFax, FaxToEmail
from portal.providers.errors import ProviderRefused
from portal.providers.voip_innovations.adapter.features_changes import Changes, refused
from portal.providers.voip_innovations.mapping import features_fax as mapping
from portal.tn import TN


class FaxFeatures(Changes):
    """Mixed into the adapter."""

    def fax_to_email(self, tn: TN) -> FaxToEmail:
        """Return where faxes to a number are mailed."""
        text = self.client.get_fax_to_email(tn.digits10)
        return FaxToEmail(tn=tn, emails=mapping.addresses(text, "GetFaxToEmail"))

    def set_fax_to_email(self, tn: TN, *, email: str) -> ItemOutcome:
        """Mail faxes to an address; `values` holds it as the reply repeats it, or as it was sent."""
        operation = "SetFaxToEmail"
        try:
            text = self.client.set_fax_to_email(tn.digits10, email)
        except ProviderRefused as error:
            return refused(operation, tn, error)
        told = mapping.addresses(text, operation, is_write=True)
        return self._done(tn, fax_email=", ".join(told) or email)

    def remove_fax_to_email(self, tn: TN) -> ItemOutcome:
        """Take no more faxes."""
        try:
            self.client.remove_fax_to_email(tn.digits10)
        except ProviderRefused as error:
            return refused("RemoveFaxToEmail", tn, error)
        return self._done(tn, fax_email="")

    def list_fax_to_email(self) -> Iterator[FaxToEmail]:
        """Yield every number that takes faxes, as it arrives."""
        return mapping.receivers(self.client.audit_fax_to_emails())

    def set_fax_notifications(self, tn: TN, *, is_on: bool) -> ItemOutcome:
        """Switch the notifications of a number that takes faxes."""
        return self._change(
            "ConfigFaxToEmailNotifications",
            tn,
            lambda: self.client.config_fax_to_email_notifications(tn.digits10, enabled=is_on),
        )

    def email_to_fax(self, tn: TN) -> EmailToFax:
        """Return who may send faxes from a number."""
        return mapping.senders(self.client.get_email_to_fax(tn.digits10), tn)

    def add_email_to_fax(self, tn: TN, *, email: str) -> ItemOutcome:
        """Let one more address send faxes."""
        return self._change(
            "AddEmailToFax", tn, lambda: self.client.add_email_to_fax(tn.digits10, email)
        )

    def remove_email_to_fax(self, tn: TN, *, email: str) -> ItemOutcome:
        """Let an address send no more faxes, here and perhaps from every number (2.6)."""
        return self._change(
            "RemoveEmailToFax", tn, lambda: self.client.remove_email_to_fax(tn.digits10, email)
        )
