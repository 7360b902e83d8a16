"""The port order and its numbers."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from encrypted_fields.fields import EncryptedTextField

from portal import providers
from portal.models import Customer, Job, ProviderAccount
from portal.tn import TN
from porting.models import moves
from porting.querysets import PortLineQuerySet, PortOrderQuerySet

SNAPBACK = timedelta(hours=24)
_SEALED = "gAAAA"  # how each text begins that the field encrypted


class PortOrder(models.Model):
    """Numbers of one losing carrier, one account and one address that are to come to us.

    The states and their legal moves are the table in `porting.models.moves` (docs/lifecycles.md);
    `porting.services.move` makes them, refuses others, and writes history and audit. What the
    provider says of it stands beside: `provider_word` and when it was heard.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        CUSTOMER_INPUT = "customer_input", "Customer must fill in"
        READY = "ready", "Ready to submit"
        SUBMITTED = "submitted", "Submitted"
        PENDING_DOCUMENTS = "pending_documents", "Papers missing"
        WITH_LOSING_CARRIER = "with_losing_carrier", "With the losing carrier"
        EXCEPTION = "exception", "Rejected"
        SUPPLEMENT_SENT = "supplement_sent", "Correction sent"
        FOC_SET = "foc_set", "Date confirmed"
        ACTIVATING = "activating", "Activating"
        PARTIALLY_COMPLETED = "partially_completed", "Partly completed"
        COMPLETED = "completed", "Completed"
        CANCEL_REQUESTED = "cancel_requested", "Cancel asked for"
        CANCELLED = "cancelled", "Canceled"
        EXPIRED = "expired", "Expired"
        FAILED = "failed", "Failed"
        SNAPBACK_REQUESTED = "snapback_requested", "Going back"

    class Kind(models.TextChoices):
        LOCAL = "local", "Local numbers"
        TOLL_FREE = "toll_free", "Toll-free numbers"

    class Extent(models.TextChoices):
        FULL = "full", "All numbers of the account"
        PARTIAL = "partial", "Some numbers; others stay"

    class NameType(models.TextChoices):
        BUSINESS = "business", "Business"
        RESIDENTIAL = "residential", "Residential"

    class Actor(models.TextChoices):
        US = moves.US, "Us"
        CUSTOMER = moves.CUSTOMER, "Customer"
        PROVIDER = moves.PROVIDER, "Provider"
        CARRIER = moves.CARRIER, "Losing carrier"
        NOBODY = moves.NOBODY, "Nobody"

    MOVES: dict[str, set[str]] = moves.by_state()
    PREPARING = ("draft", "customer_input", "ready")
    AT_PROVIDER = (
        *("submitted", "pending_documents", "with_losing_carrier", "exception"),
        *("supplement_sent", "foc_set", "activating", "partially_completed", "cancel_requested"),
    )
    OVER = ("completed", "cancelled", "expired", "failed", "snapback_requested")
    # Bill and letter of the losing carrier, which nobody may change once it was sent off.
    BILL_FIELDS = (
        *("name", "name_type", "billing_tn", "new_billing_tn", "account_number", "pin"),
        *("authorized_person", "street_number", "street_prefix", "street", "street_type"),
        *("street_suffix", "building", "floor", "room", "unit", "city", "region", "zip"),
        *("country", "losing_carrier", "extent"),
    )

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="ports"
    )
    account = models.ForeignKey(
        ProviderAccount,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ports",
        verbose_name="provider",
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.LOCAL)
    extent = models.CharField("which numbers", max_length=8, choices=Extent, default=Extent.FULL)
    label = models.CharField(max_length=80, blank=True)

    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    previous_state = models.CharField(max_length=20, blank=True)
    state_since = models.DateTimeField(default=timezone.now)
    who_must_act = models.CharField(max_length=16, choices=Actor, default=Actor.US)
    sla_due_at = models.DateTimeField(null=True, blank=True)  # whoever must act, until then
    reminder_count = models.PositiveSmallIntegerField(default=0)

    provider_word = models.CharField("provider's word", max_length=120, blank=True)
    is_word_known = models.BooleanField(default=True)
    word_at = models.DateTimeField("word heard", null=True, blank=True)
    word_note = models.CharField(max_length=300, blank=True)
    provider_message = models.CharField(max_length=500, blank=True)
    provider_ref = models.CharField("provider's port id", max_length=64, blank=True)
    ticket_ref = models.CharField("ticket", max_length=32, blank=True)
    letter_url = models.URLField(max_length=300, blank=True)
    tracking_url = models.URLField(max_length=300, blank=True)

    losing_carrier = models.CharField(max_length=120, blank=True)
    name = models.CharField("name on the bill", max_length=120, blank=True)
    name_type = models.CharField(max_length=12, choices=NameType, default=NameType.BUSINESS)
    billing_tn = models.CharField("billing number", max_length=16, blank=True, db_collation="C")
    new_billing_tn = models.CharField(
        "new billing number", max_length=16, blank=True, db_collation="C"
    )
    # Encrypted; the field stores nothing at all for an empty text, so both read None then.
    account_number = EncryptedTextField("account number", blank=True, null=True)
    pin = EncryptedTextField("PIN or passcode", blank=True, null=True)
    authorized_person = models.CharField(max_length=120, blank=True)
    street_number = models.CharField("house number", max_length=16, blank=True)
    street_prefix = models.CharField("direction before", max_length=2, blank=True)
    street = models.CharField(max_length=80, blank=True)
    street_type = models.CharField(max_length=12, blank=True)
    street_suffix = models.CharField("direction after", max_length=2, blank=True)
    building = models.CharField(max_length=40, blank=True)
    floor = models.CharField(max_length=16, blank=True)
    room = models.CharField(max_length=16, blank=True)
    unit = models.CharField(max_length=16, blank=True)
    city = models.CharField(max_length=60, blank=True)
    region = models.CharField("US state", max_length=2, blank=True)
    zip = models.CharField("ZIP code", max_length=10, blank=True)
    country = models.CharField(max_length=2, default="US")

    desired_date = models.DateField(null=True, blank=True)
    foc_date = models.DateField("FOC date", null=True, blank=True)
    loa_received_at = models.DateTimeField("letter received", null=True, blank=True)
    loa_signed_on = models.DateField("letter signed", null=True, blank=True)
    loa_sent_at = models.DateTimeField("letter sent to the provider", null=True, blank=True)

    route_ref = models.CharField("route once it is here", max_length=64, blank=True)
    caller_name = models.CharField("caller name once it is here", max_length=15, blank=True)
    campaign_ref = models.CharField("campaign once it is here", max_length=16, blank=True)

    reject_code = models.CharField(max_length=40, blank=True)
    reject_words = models.CharField(max_length=500, blank=True)

    price_per_number = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    price_total = models.DecimalField(max_digits=11, decimal_places=4, null=True, blank=True)
    price_accepted_at = models.DateTimeField(null=True, blank=True)

    key = models.CharField(max_length=100, null=True, unique=True)  # noqa: DJ001 (unique if any)
    is_requested_by_customer = models.BooleanField(default=False)
    contact_emails = models.CharField("mails go to", max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    submit_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    portability_checked_at = models.DateTimeField(null=True, blank=True)
    portability_valid_until = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    next_poll_at = models.DateTimeField(null=True, blank=True)
    polled_at = models.DateTimeField(null=True, blank=True)
    poll_count = models.PositiveIntegerField(default=0)
    list_mark = models.CharField(max_length=64, blank=True)  # what the last list said of it, hashed
    number_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PortOrderQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "provider_ref"],
                condition=~Q(provider_ref=""),
                name="port_once_per_provider_ref",
            ),
            models.CheckConstraint(
                name="port_at_provider_has_account",
                condition=Q(state__in=["draft", "customer_input", "cancelled", "expired"])
                | Q(account__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "state_since", "id"], name="port_state"),
            models.Index(fields=["customer", "-id"], name="port_customer"),
            models.Index(fields=["account", "-id"], name="port_account"),
            models.Index(fields=["who_must_act", "sla_due_at"], name="port_who"),
            models.Index(fields=["foc_date", "id"], name="port_foc"),
            models.Index(fields=["state_since", "id"], name="port_sort_since"),
            models.Index(fields=["sla_due_at", "id"], name="port_sort_sla"),
            models.Index(fields=["desired_date", "id"], name="port_sort_desired"),
            models.Index(fields=["updated_at", "id"], name="port_sort_updated"),
            models.Index(fields=["losing_carrier", "id"], name="port_carrier"),
            models.Index(fields=["provider_ref"], name="port_provider_ref"),
            models.Index(
                fields=["next_poll_at"],
                condition=Q(next_poll_at__isnull=False),
                name="port_poll_due",
            ),
            models.Index(fields=["id"], condition=Q(is_word_known=False), name="port_unknown_word"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="port_name_trigram"),
            GinIndex(OpClass(Upper("label"), name="gin_trgm_ops"), name="port_label_trigram"),
        ]

    def __str__(self) -> str:
        return f"Port {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the address of the order's page."""
        from django.urls import reverse

        return reverse("porting:port-detail", args=[self.pk])

    @property
    def pon(self) -> str:
        """Our purchase order number, as carriers and customers are told it."""
        return f"ND{self.pk:06d}"

    @property
    def is_manual(self) -> bool:
        """Whether its provider takes orders in its back office only."""
        return self.account is not None and not providers.offers(
            self.account.slug, "port_submission"
        )

    @property
    def is_over(self) -> bool:
        """Whether nothing is expected of anybody any more."""
        return self.state in self.OVER

    @property
    def is_at_provider(self) -> bool:
        """Whether the provider works on it."""
        return self.state in self.AT_PROVIDER

    @property
    def is_loa_outstanding(self) -> bool:
        """Whether the provider waits for the signed letter, or does as far as we know."""
        return self.is_at_provider and self.loa_sent_at is None and self.foc_date is None

    @property
    def snapback_until(self) -> datetime | None:
        """Until when wrongly ported numbers can go back; None where it is not completed."""
        return self.completed_at + SNAPBACK if self.completed_at else None

    @property
    def masked_account_number(self) -> str:
        """The account number with all but its last three characters hidden; empty without one."""
        text = self.account_number or ""
        if text.startswith(_SEALED):
            return "cannot be read"
        return "•" * max(len(text) - 3, 3) + text[-3:] if len(text) > 3 else "•" * len(text)

    @property
    def unreadable_secrets(self) -> list[str]:
        """Names of secrets that the present SALT_KEY does not decrypt: the field gives them sealed."""
        secrets = {"account number": self.account_number, "PIN": self.pin}
        return [name for name, text in secrets.items() if (text or "").startswith(_SEALED)]

    @property
    def has_pin(self) -> bool:
        """Whether a PIN is stored; it is never shown."""
        return bool(self.pin)

    @property
    def address_line(self) -> str:
        """The service address in one line."""
        street = (self.street_number, self.street_prefix, self.street, self.street_type)
        inside = (
            f"Building {self.building}" if self.building else "",
            f"Floor {self.floor}" if self.floor else "",
            f"Room {self.room}" if self.room else "",
            f"Unit {self.unit}" if self.unit else "",
        )
        first = " ".join(filter(None, (*street, self.street_suffix)))
        place = f"{self.region} {self.zip}".strip()
        return ", ".join(filter(None, (first, *inside, self.city, place)))

    def why_not(self, to: str) -> str:
        """Return why the order may not move to a state, as a sentence; empty where the table has it."""
        if to in self.MOVES[self.state]:
            return ""
        return f"{self} is “{self.get_state_display()}” and cannot become “{self.State(to).label}”."

    def price_of(self, count: int) -> Decimal | None:
        """Return what `count` numbers cost in US dollars; None where the price is not known."""
        return None if self.price_per_number is None else self.price_per_number * count


class PortLine(models.Model):
    """One number of an order, and how far it is."""

    class Status(models.TextChoices):
        PENDING = "pending", "Not checked"
        PORTABLE = "portable", "Can be ported"
        NOT_PORTABLE = "not_portable", "Cannot be ported"
        SUBMITTED = "submitted", "Submitted"
        REJECTED = "rejected", "Rejected"
        FOC_SET = "foc_set", "Date confirmed"
        ACTIVATED = "activated", "Active"
        MESSAGING_PENDING = "messaging_pending", "Texting not yet"
        DONE = "done", "Done"
        REMOVED = "removed", "Taken off"

    ARRIVED = ("activated", "messaging_pending", "done")

    order = models.ForeignKey(PortOrder, on_delete=models.CASCADE, related_name="lines")
    tn = models.CharField("number", max_length=16, db_collation="C")
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    status_since = models.DateTimeField(default=timezone.now)
    # From “ready to submit” until it is over: one open order per number, by the database.
    is_open = models.BooleanField(default=False)
    reject_code = models.CharField(max_length=40, blank=True)
    reject_words = models.CharField(max_length=300, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    carrier_told = models.CharField("losing carrier, as told", max_length=120, blank=True)
    routing_number = models.CharField("LRN", max_length=16, blank=True)
    rate_center = models.CharField(max_length=40, blank=True)
    tier = models.CharField(max_length=12, blank=True)
    is_wireless = models.BooleanField(null=True)
    route_ref = models.CharField("route once it is here", max_length=64, blank=True)
    caller_name = models.CharField("caller name once it is here", max_length=15, blank=True)
    campaign_ref = models.CharField("campaign once it is here", max_length=16, blank=True)
    follow_up = models.JSONField(default=dict, blank=True)  # preset → what became of it
    price = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)

    objects = PortLineQuerySet.as_manager()

    class Meta:
        ordering = ["order", "tn"]
        constraints = [
            models.UniqueConstraint(fields=["order", "tn"], name="port_line_once"),
            models.UniqueConstraint(
                fields=["tn"], condition=Q(is_open=True), name="port_line_one_open_order"
            ),
        ]
        indexes = [
            models.Index(fields=["tn"], name="port_line_tn"),
            GinIndex(OpClass(F("tn"), name="gin_trgm_ops"), name="port_line_trigram"),
        ]

    def __str__(self) -> str:
        return TN(self.tn).pretty

    @property
    def is_check_valid(self) -> bool:
        """Whether the provider's “portable” still holds at this moment."""
        return bool(self.valid_until and self.valid_until > timezone.now())

    @property
    def wanted_route(self) -> str:
        """The route that it gets once it is here: its own, else that of the order."""
        return self.route_ref or self.order.route_ref

    @property
    def wanted_caller_name(self) -> str:
        """The caller name that it gets: its own, else that of the order."""
        return self.caller_name or self.order.caller_name

    @property
    def wanted_campaign(self) -> str:
        """The campaign that it joins: its own, else that of the order."""
        return self.campaign_ref or self.order.campaign_ref
