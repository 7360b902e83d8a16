"""The reseller's customers."""

from __future__ import annotations

from django.db import models


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Reads of customers."""

    def visible_to(self, user) -> CustomerQuerySet:
        """Return all customers for staff, one's own for a customer's user."""
        return self if user.is_staff_role else self.filter(pk=user.customer_id)


class Customer(models.Model):
    """Somebody who uses numbers that we hold."""

    class AgingClass(models.TextChoices):
        RESIDENTIAL = "residential", "Residential"
        BUSINESS = "business", "Business"

    code = models.CharField(max_length=32, unique=True, help_text="Short code, used in files.")
    name = models.CharField(max_length=120)
    aging_class = models.CharField(max_length=12, choices=AgingClass, default=AgingClass.BUSINESS)
    email = models.EmailField(blank=True)
    billing_id = models.CharField("billing id", max_length=64, blank=True)
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
