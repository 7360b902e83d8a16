"""Test calls to 933, which reads the number and its address back."""

from __future__ import annotations

from django.db import models

from e911.models.record import EmergencyRecord
from e911.querysets import OfRecordQuerySet
from portal.models import Customer, User


class CallTest(models.Model):
    """One call to 933 from a number, and what was heard."""

    class Result(models.TextChoices):
        CORRECT = "correct", "Number and address were right"
        WRONG_NUMBER = "wrong_number", "Another number was read back"
        WRONG_ADDRESS = "wrong_address", "Another address was read back"
        NO_ADDRESS = "no_address", "No address was read back"
        FAILED = "failed", "The call did not get through"

    record = models.ForeignKey(EmergencyRecord, on_delete=models.CASCADE, related_name="tests")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    tested_on = models.DateField("date of the call")
    person = models.CharField("who called", max_length=80)
    result = models.CharField(max_length=14, choices=Result)
    heard_number = models.CharField(max_length=20, blank=True)
    heard_address = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)
    logged_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    logged_at = models.DateTimeField(auto_now_add=True)

    objects = OfRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-tested_on", "-id"]
        indexes = [models.Index(fields=["record", "-tested_on"], name="e911_test_record")]

    def __str__(self) -> str:
        return f"933 test of {self.record} on {self.tested_on}"
