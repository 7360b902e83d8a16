"""What a provider account tells of itself, cached: facts, call records, support tickets."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from portal.models.provider import ProviderAccount


class StaffOnlyQuerySet(models.QuerySet[Any]):
    """Rows that customers never see."""

    def visible_to(self, user: Any) -> Self:
        """Return everything for staff, nothing for a customer's user."""
        return self if user.is_staff_role else self.none()


class SupportTicketQuerySet(StaffOnlyQuerySet):
    """Reads of tickets."""

    def listed(self) -> Self:
        """Return the tickets that their help desk still has."""
        return self.filter(missing_since=None)

    def with_account(self) -> Self:
        """Return tickets with their account, without its secrets, which cost the most to read."""
        heavy = ("account__credentials", "account__settings")
        return self.select_related("account").defer(*heavy)


class AccountFact(models.Model):
    """The last answer of one kind about an account: profile, charges, credits, payments, access
    list, SIP sign-in, registration, clients … as our own values in JSON.
    """

    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="facts")
    kind = models.CharField(max_length=32)
    content = models.JSONField(default=dict)
    fetched_at = models.DateTimeField()

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind"], name="account_fact_once")
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.kind}"


class CallRecord(models.Model):
    """One call that a provider billed; times in UTC, amounts in US dollars."""

    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="+")
    call_ref = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    seconds = models.PositiveIntegerField()
    caller = models.CharField(max_length=32, blank=True)
    caller_name = models.CharField(max_length=80, blank=True)
    callee = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=64, blank=True)
    rate = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    amount = models.DecimalField(max_digits=12, decimal_places=6, null=True)

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "call_ref"], name="call_record_once")
        ]
        indexes = [models.Index(fields=["account", "-started_at", "-id"], name="call_newest")]

    def __str__(self) -> str:
        return f"{self.caller} → {self.callee}"


class SupportTicket(models.Model):
    """A ticket at a provider's support desk, with its thread in `messages`."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Open"
        PENDING = "pending", "Waiting"
        CLOSED = "closed", "Closed"
        SPAM = "spam", "Spam"

    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="tickets")
    ticket_ref = models.CharField(max_length=32)
    shown_number = models.CharField(max_length=32, blank=True)  # what people call it
    subject = models.CharField(max_length=300)
    preview = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    tn = models.CharField("number", max_length=16, blank=True, db_collation="C")
    opened_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    synced_at = models.DateTimeField()
    messages_at = models.DateTimeField(null=True)  # when the thread was last read
    missing_since = models.DateTimeField(null=True)

    objects = SupportTicketQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "ticket_ref"], name="support_ticket_once")
        ]
        indexes = [
            models.Index(fields=["status", "-changed_at", "-id"], name="support_ticket_newest"),
            models.Index(fields=["tn"], name="support_ticket_tn"),
        ]

    def __str__(self) -> str:
        return self.subject


class SupportMessage(models.Model):
    """One message or note of a ticket; `body` is the provider's HTML and must be sanitised."""

    ticket = models.ForeignKey(SupportTicket, on_delete=models.CASCADE, related_name="messages")
    message_ref = models.CharField(max_length=32)
    kind = models.CharField(max_length=16, blank=True)
    author = models.CharField(max_length=160, blank=True)
    is_ours = models.BooleanField(default=False)
    body = models.TextField(blank=True)
    written_at = models.DateTimeField(null=True)
    # What is told of files beside it: name, url (empty unless https), size in bytes or None.
    files = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["written_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "message_ref"], name="support_message_once")
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.ticket}"
