"""The emergency record: where help is to be sent when somebody dials 911 from a number."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from e911 import addresses
from e911.addresses import Lines
from e911.models import moves
from e911.models.address import TypedAddress
from e911.models.location import Location
from e911.querysets import EmergencyRecordQuerySet
from inventory.models import TelephoneNumber
from portal.models import Customer, Job, ProviderAccount, User
from portal.tn import TN

NEEDS_ACCEPTED = ("provisioning", "provisioned", "verified", "changing")


class EmergencyRecord(TypedAddress):
    """What we want of one number at one account, and how far it got.

    Three texts are kept apart: what was typed (the parts), what was accepted (`accepted_…`, exactly
    as the provider confirmed it and a person accepted it), and what the provider has now
    (`CarrierRecord`). The states and their legal moves are the table in `e911.models.moves`
    (docs/lifecycles.md); `e911.services.records` makes them, refuses others and audits them.

    A record without `number` belongs to a number that the inventory does not have.
    """

    class State(models.TextChoices):
        NONE = "none", "None"
        NOT_REQUIRED = "not_required", "Not needed"
        DRAFT = "draft", "Draft"
        VALIDATING = "validating", "Checking the address"
        SUGGESTED = "suggested", "Correction offered"
        INVALID = "invalid", "Address refused"
        VALID = "valid", "Checked, not on the number"
        PROVISIONING = "provisioning", "Being set"
        PROVISIONED = "provisioned", "Set"
        PROVISION_FAILED = "provision_failed", "Not set"
        VERIFIED = "verified", "Verified"
        CHANGING = "changing", "Change in check"
        REMOVING = "removing", "Being removed"
        REMOVED = "removed", "Removed"
        ORPHAN = "orphan", "Record without number"

    class VerifiedBy(models.TextChoices):
        QUERY = "query", "Read back from the provider"
        CALL = "call", "A 933 test call"

    MOVES: dict[str, set[str]] = moves.by_state()
    LIVE = ("provisioned", "verified", "changing", "removing")  # 911 works by it, as far as we know
    OPEN = ("validating", "provisioning", "changing", "removing")  # a job has it

    account = models.ForeignKey(
        ProviderAccount, on_delete=models.PROTECT, related_name="+", verbose_name="provider"
    )
    tn = models.CharField("number", max_length=16, db_collation="C")
    number = models.ForeignKey(
        TelephoneNumber,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="e911_records",
    )
    # Who had the number when the address was accepted; another one must give his own.
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    location = models.ForeignKey(
        Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="records"
    )
    state = models.CharField(max_length=16, choices=State, default=State.NONE)
    state_since = models.DateTimeField()
    previous_state = models.CharField(max_length=16, blank=True)
    word = models.CharField("provider's word", max_length=64, blank=True)
    reason = models.CharField(max_length=500, blank=True)  # why it was refused, or what differs

    accepted_address1 = models.CharField(max_length=120, blank=True)
    accepted_address2 = models.CharField(max_length=120, blank=True)
    accepted_city = models.CharField(max_length=60, blank=True)
    accepted_region = models.CharField(max_length=2, blank=True)
    accepted_zip = models.CharField(max_length=10, blank=True)
    accepted_plus4 = models.CharField(max_length=4, blank=True)
    accepted_caller_name = models.CharField(max_length=64, blank=True)
    accepted_key = models.CharField(max_length=400, blank=True)  # `addresses.key` of it
    accepted_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    legal_text = models.TextField(blank=True)  # the sentence that a customer confirmed with it

    validated_at = models.DateTimeField(null=True, blank=True)
    provisioned_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.CharField(max_length=5, choices=VerifiedBy, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)  # when what we want last changed
    tested_at = models.DateTimeField("last 933 test", null=True, blank=True)

    # While another address is on its way: everything that is needed to set the old one again.
    last_valid = models.JSONField(default=dict, blank=True)
    is_location_lost = models.BooleanField("location lost", default=False)
    lost_at = models.DateTimeField(null=True, blank=True)
    # A person set or keeps it on purpose although the number is not in service.
    is_kept = models.BooleanField("kept on purpose", default=False)
    differs = models.BooleanField("differs at the provider", default=False)

    not_required_reason = models.CharField(max_length=200, blank=True)
    not_required_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    not_required_at = models.DateTimeField(null=True, blank=True)

    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EmergencyRecordQuerySet.as_manager()

    class Meta:
        ordering = ["tn"]
        verbose_name = "emergency record"
        constraints = [
            models.UniqueConstraint(fields=["account", "tn"], name="e911_record_once"),
            models.UniqueConstraint(
                fields=["number"], condition=~Q(state="orphan"), name="e911_record_one_per_number"
            ),
            models.CheckConstraint(
                name="e911_record_accepted",
                condition=~Q(state__in=NEEDS_ACCEPTED) | ~Q(accepted_address1=""),
                violation_error_message="What stands at a provider was accepted by somebody.",
            ),
            models.CheckConstraint(
                name="e911_record_not_required_reason",
                condition=~Q(state="not_required") | ~Q(not_required_reason=""),
                violation_error_message="Say why no record is needed.",
            ),
            models.CheckConstraint(
                name="e911_record_lost_at",
                condition=Q(is_location_lost=False) | Q(lost_at__isnull=False),
            ),
            models.CheckConstraint(
                name="e911_record_verified",
                condition=~Q(state="verified") | Q(verified_at__isnull=False),
            ),
        ]
        indexes = [
            GinIndex(OpClass(F("tn"), name="gin_trgm_ops"), name="e911_record_trigram"),
            GinIndex(
                OpClass(Upper("accepted_address1"), name="gin_trgm_ops"), name="e911_record_address"
            ),
            GinIndex(
                OpClass(Upper("accepted_caller_name"), name="gin_trgm_ops"),
                name="e911_record_caller",
            ),
            models.Index(fields=["tn", "id"], name="e911_record_tn"),
            models.Index(fields=["state", "tn", "id"], name="e911_record_state"),
            models.Index(fields=["account", "state", "tn"], name="e911_record_account"),
            models.Index(fields=["customer", "tn"], name="e911_record_customer"),
            models.Index(
                fields=["accepted_region", "accepted_city", "tn"], name="e911_record_place"
            ),
            models.Index(fields=["accepted_zip", "tn"], name="e911_record_zip"),
            models.Index(fields=["tested_at", "id"], name="e911_record_tested"),
            models.Index(fields=["updated_at", "id"], name="e911_record_updated"),
            models.Index(fields=["state_since", "id"], name="e911_record_since"),
            models.Index(
                fields=["lost_at"], condition=Q(is_location_lost=True), name="e911_record_lost"
            ),
            models.Index(fields=["tn"], condition=Q(differs=True), name="e911_record_differs"),
        ]

    def __str__(self) -> str:
        return TN(self.tn).pretty

    def get_absolute_url(self) -> str:
        """Return the address of the record's page."""
        from django.urls import reverse

        return reverse("e911:record-detail", args=[self.tn])

    @property
    def accepted(self) -> Lines:
        """The address that was accepted; false while there is none."""
        return Lines(**{name: getattr(self, f"accepted_{name}") for name in addresses.LINE_NAMES})

    @property
    def last_valid_lines(self) -> Lines:
        """The address that was valid before the present change; false where none is kept."""
        told = self.last_valid.get("accepted", {})
        return Lines(**{name: told.get(name, "") for name in addresses.LINE_NAMES})

    @property
    def is_live(self) -> bool:
        """Whether help is sent by this record now, as far as we know."""
        return self.state in self.LIVE and not self.is_location_lost

    @property
    def is_off_net(self) -> bool:
        """Whether the inventory does not have the number."""
        return self.number_id is None

    def take_accepted(self, lines: Lines, caller_name: str) -> None:
        """Write what was accepted into the columns."""
        for name in addresses.LINE_NAMES:
            setattr(self, f"accepted_{name}", getattr(lines, name))
        self.accepted_caller_name = caller_name.strip()[:64]
        self.accepted_key = addresses.key(lines, caller_name)[:400]

    def why_not(self, to: str) -> str:
        """Return why it may not move to a state, as a sentence; empty where the table allows it."""
        if to in self.MOVES.get(self.state, set()):
            return ""
        return (
            f"The E911 record of {self} is “{self.get_state_display()}” and cannot become "
            f"“{self.State(to).label}”."
        )

    def snapshot(self) -> dict[str, Any]:
        """Return what is needed to set the accepted address again, as JSON."""
        return {
            "typed": {name: getattr(self, name) for name in addresses.PART_NAMES},
            "typed_caller_name": self.caller_name,
            "is_multi_unit": self.is_multi_unit,
            "location": self.location_id,
            "customer": self.customer_id,
            "accepted": {name: getattr(self.accepted, name) for name in addresses.LINE_NAMES},
            "caller_name": self.accepted_caller_name,
            "accepted_by": self.accepted_by_id,
            "accepted_at": self.accepted_at.isoformat() if self.accepted_at else "",
            "legal_text": self.legal_text,
            "state": self.state,
        }
