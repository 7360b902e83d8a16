"""The cart with its holds, and the order with its lines."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.utils import timezone

from inventory.querysets import CartLineQuerySet, OrderQuerySet, StaffQuerySet
from portal.models import Customer, Job, ProviderAccount
from portal.tn import TN


class CartLine(models.Model):
    """A number that somebody is about to order. A number stands in one cart at a time."""

    class Hold(models.TextChoices):
        SOFT = "soft", "Not held at the provider"
        REQUESTED = "requested", "Asking the provider to hold it"
        ACTIVE = "active", "Held"
        EXPIRED = "expired", "Hold has run out"
        FAILED = "failed", "Not held"
        UNKNOWN = "unknown", "Outcome unknown"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cart_lines"
    )
    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="+")
    tn = models.CharField(max_length=16, unique=True, db_collation="C")
    facts = models.JSONField(default=dict)  # the offer as it was seen
    hold = models.CharField(max_length=12, choices=Hold, default=Hold.SOFT)
    hold_note = models.CharField(max_length=300, blank=True)
    reservation_ref = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)

    objects = CartLineQuerySet.as_manager()

    class Meta:
        ordering = ["account_id", "tn"]

    def __str__(self) -> str:
        return TN(self.tn).pretty

    @property
    def is_held(self) -> bool:
        """Whether the provider holds it for us at this moment."""
        return self.hold == self.Hold.ACTIVE and (
            self.expires_at is None or self.expires_at > timezone.now()
        )


class Order(models.Model):
    """What somebody bought in one go: a group job with one job per provider account serves it.

    What else was asked for (`inventory.wishes`) is done to each number once it is bought.
    """

    class E911(models.TextChoices):
        NOW = "now", "Set it right after"
        LATER = "later", "The record comes later"
        NOT_REQUIRED = "not_required", "No voice, so none is needed"

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True)
    # Old jobs are pruned; what became of each number stands in the lines.
    job = models.OneToOneField(Job, on_delete=models.SET_NULL, related_name="order", null=True)
    label = models.CharField(max_length=80, blank=True)
    billing_id = models.CharField(max_length=64, blank=True)
    held_until = models.DateField(null=True, blank=True)  # for the customer; then they are stock
    note = models.TextField(blank=True)
    cnam_name = models.CharField(max_length=15, blank=True, default="", db_default=Value(""))
    port_out_pin = models.TextField(blank=True, default="", db_default=Value(""))  # sealed
    e911 = models.CharField(
        "E911", max_length=12, choices=E911, blank=True, default="", db_default=Value("")
    )
    e911_reason = models.CharField(max_length=200, blank=True, default="", db_default=Value(""))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Order {self.pk}"


class OrderPreset(models.Model):
    """How numbers are usually set up: answers of the cart's form, kept under a name for all staff."""

    name = models.CharField(max_length=60, unique=True)
    answers = models.JSONField(default=dict)  # field → value; never a PIN
    created_at = models.DateTimeField(auto_now_add=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OrderLine(models.Model):
    """One number of an order and what became of it."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        OK = "ok", "Bought"
        FAILED = "failed", "Not bought"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, related_name="+")
    tn = models.CharField(max_length=16, db_collation="C")
    route_ref = models.CharField(max_length=64, blank=True)
    reservation_ref = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    code = models.CharField(max_length=64, blank=True)
    message = models.CharField(max_length=500, blank=True)
    advice = models.CharField(max_length=300, blank=True)
    charged = models.DecimalField(max_digits=9, decimal_places=4, null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["order", "tn"], name="order_line_once")]
        indexes = [models.Index(fields=["tn"], name="order_line_tn")]

    def __str__(self) -> str:
        return TN(self.tn).pretty
