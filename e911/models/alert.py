"""Who hears of it when somebody dials 911 from a number."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from e911.models.record import EmergencyRecord
from e911.querysets import OfRecordQuerySet
from portal.models import Customer, User

# The carriers' gateways from e-mail to text messages; the number's ten digits stand before the @.
GATEWAYS: dict[str, tuple[str, str]] = {
    "att": ("AT&T", "txt.att.net"),
    "boost": ("Boost Mobile", "sms.myboostmobile.com"),
    "cricket": ("Cricket Wireless", "sms.cricketwireless.net"),
    "google_fi": ("Google Fi", "msg.fi.google.com"),
    "metro": ("Metro by T-Mobile", "mymetropcs.com"),
    "tmobile": ("T-Mobile", "tmomail.net"),
    "us_cellular": ("US Cellular", "email.uscc.net"),
    "verizon": ("Verizon", "vtext.com"),
    "xfinity": ("Xfinity Mobile", "vtext.com"),
}


class AlertContact(models.Model):
    """One mail address that a provider mails to; a telephone is reached through its carrier.

    Rows follow what the provider tells; `state` says where one that was added or taken away here
    stands. The gateways of carriers are data (`GATEWAYS`): carriers close them, so a person says
    which one, and tests it.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        PHONE = "phone", "Text message"

    class State(models.TextChoices):
        ADDING = "adding", "Being added"
        ACTIVE = "active", "Active"
        REMOVING = "removing", "Being removed"
        REFUSED = "refused", "Not added"

    record = models.ForeignKey(EmergencyRecord, on_delete=models.CASCADE, related_name="alerts")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.EMAIL)
    email = models.CharField("mail address", max_length=150)
    phone = models.CharField(max_length=16, blank=True)
    gateway = models.CharField(
        "carrier",
        max_length=12,
        blank=True,
        choices=[(name, title) for name, (title, _) in GATEWAYS.items()],
    )
    state = models.CharField(max_length=8, choices=State, default=State.ADDING)
    reason = models.CharField(max_length=300, blank=True)
    added_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField("last seen at the provider", null=True, blank=True)

    objects = OfRecordQuerySet.as_manager()

    class Meta:
        ordering = ["record", "email"]
        constraints = [
            models.UniqueConstraint("record", Upper("email"), name="e911_alert_once"),
            models.CheckConstraint(
                name="e911_alert_phone",
                condition=Q(kind="email") | (~Q(phone="") & ~Q(gateway="")),
            ),
        ]

    def __str__(self) -> str:
        return self.email


def gateway_address(phone: str, gateway: str) -> str:
    """Return the mail address that reaches a telephone (E.164) at a carrier."""
    return f"{phone[-10:]}@{GATEWAYS[gateway][1]}"


def read_gateway(email: str) -> tuple[str, str]:
    """Return telephone (E.164) and carrier of a gateway's address; ("", "") for any other."""
    name, _, domain = email.partition("@")
    if len(name) == 10 and name.isascii() and name.isdigit():
        for gateway, (_, known) in GATEWAYS.items():
            if domain.lower() == known:
                return f"+1{name}", gateway
    return "", ""
