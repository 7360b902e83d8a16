"""The audit log: who changed what, before and after. Append-only by a trigger in the database."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Reads of the audit log."""

    def visible_to(self, user) -> AuditQuerySet:
        """Return all entries for staff, those of one's own company for a customer's user."""
        return self if user.is_staff_role else self.filter(customer_id=user.customer_id)

    def about(self, obj: models.Model) -> AuditQuerySet:
        """Return what happened to one object, newest first."""
        return self.filter(object_type=obj._meta.label_lower, object_id=obj.pk).order_by("-id")


class AuditEntry(models.Model):
    """One fact in the past tense. Names are kept as text, so that they outlive user and object."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    actor_name = models.CharField(max_length=120)
    verb = models.CharField(max_length=64)  # inventory.tn.ordered
    object_type = models.CharField(max_length=64, blank=True)
    object_id = models.BigIntegerField(null=True)
    object_text = models.CharField(max_length=120, blank=True)
    customer = models.ForeignKey(
        "portal.Customer", on_delete=models.PROTECT, null=True, related_name="+"
    )
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)
    job = models.ForeignKey(
        "portal.Job", on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    request_id = models.CharField(max_length=64, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_object"),
            # Lists look for the beginning of a verb and of a name: LIKE 'x%' needs this class.
            models.Index(
                OpClass(F("verb"), name="varchar_pattern_ops"), F("id").desc(), name="audit_verb"
            ),
            models.Index(
                OpClass(F("object_text"), name="varchar_pattern_ops"),
                F("id").desc(),
                name="audit_object_text",
            ),
            models.Index(fields=["at"], name="audit_at"),
            models.Index(fields=["actor", "-id"], name="audit_actor"),
            models.Index(fields=["customer", "-id"], name="audit_customer"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_text}"
