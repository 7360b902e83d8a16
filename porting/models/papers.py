"""What belongs to an order: documents, the signature, notes, mails, the history."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.models import Job
from porting.models.order import PortLine, PortOrder
from porting.querysets import PortEventQuerySet, PortNoteQuerySet, PortPaperQuerySet


class PortDocument(models.Model):
    """A file of an order, kept outside the web root under a random name."""

    class Kind(models.TextChoices):
        LOA = "loa", "Letter of authority"
        BILL = "bill", "Bill of the losing carrier"
        CSR = "csr", "Customer service record"
        OTHER = "other", "Other"

    order = models.ForeignKey(PortOrder, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.OTHER)
    name = models.CharField("file name", max_length=120)
    content_type = models.CharField(max_length=64)  # by the content, not as the browser said
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=64, unique=True)
    dated_on = models.DateField("signed or dated", null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField("given to the provider", null=True, blank=True)

    objects = PortPaperQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "sha256"], name="port_document_once")
        ]

    def __str__(self) -> str:
        return self.name


class PortSignature(models.Model):
    """A letter of authority signed on screen: who, what text, when, from where."""

    order = models.ForeignKey(PortOrder, on_delete=models.CASCADE, related_name="signatures")
    signer = models.CharField("signed as", max_length=120)
    text = models.TextField()  # word for word, with the numbers, as it was shown
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    address = models.GenericIPAddressField(null=True)
    signed_at = models.DateTimeField(default=timezone.now)

    objects = PortPaperQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        triggers = [
            pgtrigger.Protect(name="append_only_signature", operation=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.signer}, {self.signed_at:%Y-%m-%d}"


class PortNote(models.Model):
    """What staff and customer write each other about an order, and what staff write themselves."""

    order = models.ForeignKey(PortOrder, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    author_name = models.CharField(max_length=120)
    is_from_customer = models.BooleanField(default=False)
    is_internal = models.BooleanField("for staff only", default=False)
    text = models.TextField(max_length=4000)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PortNoteQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="port_note_of_customer_is_open",
                condition=models.Q(is_from_customer=False) | models.Q(is_internal=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.author_name}: {self.text[:40]}"


class PortEvent(models.Model):
    """One line of an order's history, in our words and the provider's. Never changed."""

    class Source(models.TextChoices):
        US = "us", "Us"
        CUSTOMER = "customer", "Customer"
        PROVIDER = "provider", "Provider"
        SYSTEM = "system", "Numberdesk"

    order = models.ForeignKey(PortOrder, on_delete=models.CASCADE, related_name="events")
    # No constraint: a number may be taken off a draft, and its history is never changed.
    line = models.ForeignKey(
        PortLine, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    at = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=10, choices=Source)
    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20, blank=True)
    word = models.CharField("provider's word", max_length=120, blank=True)
    text = models.CharField(max_length=500, blank=True)
    is_for_customer = models.BooleanField(default=True)
    actor_name = models.CharField(max_length=120, blank=True)
    job = models.ForeignKey(
        Job, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )

    objects = PortEventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["order", "-id"], name="port_event_order")]
        triggers = [
            pgtrigger.Protect(name="append_only_event", operation=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return self.text or f"{self.before} → {self.after}"

    @property
    def state_label(self) -> str:
        """The state after it, in our words; empty where nothing moved."""
        return str(PortOrder.State(self.after).label) if self.after else ""


class PortMail(models.Model):
    """One mail about an order, as it was sent."""

    class Status(models.TextChoices):
        QUEUED = "queued", "To be sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not sent"
        NO_ADDRESS = "no_address", "No address"

    order = models.ForeignKey(PortOrder, on_delete=models.CASCADE, related_name="mails")
    event = models.CharField(max_length=40)  # the template: templates/porting/mail/<event>.txt
    to = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    error = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    resent_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    objects = PortPaperQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(status="queued"), name="port_mail_due")
        ]

    def __str__(self) -> str:
        return self.subject
