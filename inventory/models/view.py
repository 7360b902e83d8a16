"""Views of a list that people keep: filters, sort and columns under a name."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from inventory.querysets import SavedViewQuerySet
from portal.models import User


class SavedView(models.Model):
    """A named query string of the numbers list; shared ones are seen by all staff."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    is_shared = models.BooleanField("shared", default=False)
    is_default = models.BooleanField("shown first", default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_view_once_per_user"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_default=True), name="saved_view_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name
