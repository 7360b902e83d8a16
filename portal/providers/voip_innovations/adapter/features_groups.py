"""Groups of numbers, scripts, numbers abroad."""

from __future__ import annotations

from collections.abc import Iterator

from portal.providers.dto import ItemOutcome, OwnedNumber
from portal.providers.dto.features import InternationalNumber, NumberGroup, Script
from portal.providers.errors import off_contract
from portal.providers.voip_innovations.adapter.features_changes import Changes, read_id
from portal.providers.voip_innovations.mapping import features_groups as mapping
from portal.tn import TN


class GroupFeatures(Changes):
    """Mixed into the adapter."""

    def list_groups(self) -> list[NumberGroup]:
        """Return every group of the account."""
        return mapping.groups(self.client.get_did_groups(), "GetDIDGroups")

    def create_group(self, name: str) -> NumberGroup:
        """Make a group; `ProviderProtocolError` where the reply does not tell its id."""
        return mapping.created_group(self.client.create_did_group(name))

    def group_of(self, tn: TN) -> NumberGroup | None:
        """Return the group that a number is in."""
        found = mapping.groups(self.client.get_did_group(tn.digits10), "GetDIDGroup")
        if len(found) > 1:
            raise off_contract("GetDIDGroup", False, "it names two groups")
        return found[0] if found else None

    def group_members(self, group_ref: str) -> Iterator[OwnedNumber]:
        """Yield the numbers of a group, as they arrive."""
        return mapping.members(
            self.client.audit_did_group(group_id=read_id(group_ref, "a group of numbers"))
        )

    def set_group(self, tn: TN, *, group_ref: str) -> ItemOutcome:
        """Put a number into a group."""
        group = read_id(group_ref, "a group of numbers")
        return self._change(
            "SetDIDGroup", tn, lambda: self.client.set_did_group(tn.digits10, group_id=group)
        )

    def remove_from_group(self, tn: TN) -> ItemOutcome:
        """Take a number out of its group."""
        return self._change("RemoveDIDGroup", tn, lambda: self.client.remove_did_group(tn.digits10))

    def list_scripts(self) -> list[Script]:
        """Return the scripts that were written in the back office."""
        return mapping.scripts(self.client.get_scripts())

    def program_tn(self, tn: TN, *, script_ref: str) -> ItemOutcome:
        """Give the number's calls to a script."""
        return self._change(
            "ProgramDID", tn, lambda: self.client.program_did(tn.digits10, script_id=script_ref)
        )

    def unprogram_tn(self, tn: TN, *, route_ref: str = "") -> ItemOutcome:
        """Give the calls back to an endpoint group; one must be chosen or be the default."""

        def send() -> None:
            group = self._group_for(route_ref, "UnprogramDID")
            self.client.unprogram_did(tn.digits10, endpoint_group_id=group)

        return self._change("UnprogramDID", tn, send)

    def list_international(self) -> Iterator[InternationalNumber]:
        """Yield the numbers of other countries, as they arrive."""
        return mapping.international_numbers(self.client.audit_intl_dids(), "AuditIntlDIDs")

    def release_international(self, tn: TN) -> ItemOutcome:
        """Give a number of another country back. Cannot be undone."""
        return self._change(
            "ReleaseIntlDID", tn, lambda: self.client.release_intl_did(tn.removeprefix("+"))
        )
