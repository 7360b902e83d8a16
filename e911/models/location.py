"""A place that a customer uses again and again."""

from __future__ import annotations

from django.db import models

from e911.models.address import TypedAddress
from e911.querysets import LocationQuerySet
from portal.models import Customer


class Location(TypedAddress):
    """A saved address under a name; without a customer it is our own."""

    name = models.CharField("name of the place", max_length=80)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="e911_locations"
    )
    is_archived = models.BooleanField("archived", default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "name"],
                condition=models.Q(is_archived=False),
                nulls_distinct=False,
                name="e911_location_name_once",
                violation_error_message="There is a place of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name
