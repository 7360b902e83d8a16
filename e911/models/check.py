"""Checks of addresses: what was typed, what the provider makes of it, who accepted it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from e911 import addresses
from e911.addresses import Lines
from e911.models.address import TypedAddress
from e911.models.location import Location
from e911.querysets import AddressCheckQuerySet
from portal.models import Customer, Job, ProviderAccount, User


class AddressCheck(TypedAddress):
    """One question to a provider: can 911 be set with this address?

    The typed parts are the question. `suggested_…` is the answer where the provider tells how it
    would keep the address; empty where it does not. A suggestion that is another text than what was
    typed is used only after a person has accepted exactly it.
    """

    class Verdict(models.TextChoices):
        PENDING = "pending", "Being checked"
        VALID = "valid", "Valid"
        SUGGESTED = "suggested", "Valid, spelled otherwise"
        INVALID = "invalid", "Not valid"
        FAILED = "failed", "Could not be checked"

    account = models.ForeignKey(
        ProviderAccount, on_delete=models.PROTECT, related_name="+", verbose_name="provider"
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    location = models.ForeignKey(
        Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="checks"
    )
    tns = models.JSONField(default=list)  # the numbers that it is meant for, E.164; may be empty
    typed_address1 = models.CharField(max_length=120)
    typed_address2 = models.CharField(max_length=120, blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.PENDING)
    suggested_address1 = models.CharField(max_length=120, blank=True)
    suggested_address2 = models.CharField(max_length=120, blank=True)
    suggested_city = models.CharField(max_length=60, blank=True)
    suggested_region = models.CharField(max_length=2, blank=True)
    suggested_zip = models.CharField(max_length=10, blank=True)
    suggested_plus4 = models.CharField(max_length=4, blank=True)
    wrong_part = models.CharField(max_length=20, blank=True)  # the field that the refusal blames
    code = models.CharField(max_length=64, blank=True)
    message = models.CharField(max_length=500, blank=True)  # the provider's words
    advice = models.CharField(max_length=300, blank=True)  # ours
    provider_ref = models.CharField(max_length=64, blank=True)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    legal_text = models.TextField(blank=True)  # the sentence that was confirmed with it

    objects = AddressCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="e911_check_answered",
                condition=Q(verdict__in=["pending", "failed"]) | Q(checked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="e911_check_accepted",
                condition=Q(accepted_at=None) | Q(verdict__in=["valid", "suggested"]),
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="e911_check_customer"),
            models.Index(fields=["job"], name="e911_check_job"),
            # The page of a number asks for the checks that were meant for it.
            GinIndex(fields=["tns"], opclasses=["jsonb_path_ops"], name="e911_check_tns"),
        ]

    def __str__(self) -> str:
        return str(self.lines)

    @property
    def suggested(self) -> Lines:
        """How the provider would keep the address; false where it does not tell."""
        return Lines(**{name: getattr(self, f"suggested_{name}") for name in addresses.LINE_NAMES})

    @property
    def result(self) -> Lines:
        """The text that is put on numbers: the provider's where it has one, else what was typed."""
        return self.suggested or self.lines

    @property
    def is_usable(self) -> bool:
        """Whether it may be put on a number: valid, accepted where need be, and young enough."""
        return not self.why_not_usable

    @property
    def why_not_usable(self) -> str:
        """Why it may not be put on a number, as a sentence; empty where it may."""
        if self.verdict == self.Verdict.PENDING:
            return "The address is still being checked."
        if self.verdict not in {self.Verdict.VALID, self.Verdict.SUGGESTED}:
            return f"The address was not found valid. {self.message}".strip()
        if self.verdict == self.Verdict.SUGGESTED and self.accepted_at is None:
            return "Accept the provider’s spelling of the address first, or edit it."
        if not self.is_fresh:
            return (
                f"The address was checked more than {settings.E911_CHECK_HOURS} hours ago. "
                "Check it again."
            )
        return ""

    @property
    def is_fresh(self) -> bool:
        """Whether the verdict is young enough to act by."""
        oldest = timezone.now() - timedelta(hours=settings.E911_CHECK_HOURS)
        return self.checked_at is not None and self.checked_at > oldest
