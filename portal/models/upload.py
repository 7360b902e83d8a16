"""Uploads: a file of many changes, its lines, and what became of each (docs/csv.md).

States of an upload and their moves::

    uploaded ─▶ mapping ─▶ checking ─▶ ready ─▶ running ─▶ done | done_with_errors ─▶ undone
        │                   ▲ │  │      │ └─▶ scheduled ─▶ running
        └───────────────────┘ │  │      └─▶ checking (again)
                              │  └─▶ done (nothing would change)
                              └─▶ invalid          running ─▶ cancelling ─▶ cancelled

`portal.bulk` is the only code that changes them.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class UploadQuerySet(models.QuerySet["Upload"]):
    """Reads of uploads."""

    def visible_to(self, user: Any) -> UploadQuerySet:
        """Return all uploads for staff who upload, those of one's own company for a customer's user.

        A file may hold what only those may see who may change it: nobody else sees any.
        """
        if not user.has_perm("portal.view_upload"):
            return self.none()
        return self if user.is_staff_role else self.filter(customer_id=user.customer_id)

    def unfinished(self) -> UploadQuerySet:
        """Return the uploads that wait for a person, for a worker or for their time."""
        return self.filter(state__in=Upload.UNFINISHED)


class Upload(models.Model):
    """One file of changes, from its arrival to its results.

    `customer` is set where one of his people uploaded it: then it reaches his numbers only.
    `mapping` has a column's name for each column of the file, "" for one that is left out.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Uploaded"
        MAPPING = "mapping", "Columns to be named"
        CHECKING = "checking", "Being checked"
        INVALID = "invalid", "Nothing can be used"
        READY = "ready", "Ready to run"
        SCHEDULED = "scheduled", "Scheduled"
        RUNNING = "running", "Running"
        CANCELLING = "cancelling", "Canceling"
        DONE = "done", "Done"
        DONE_WITH_ERRORS = "done_with_errors", "Done with errors"
        CANCELLED = "cancelled", "Canceled"
        UNDONE = "undone", "Undone"

    UNFINISHED = (
        *("uploaded", "mapping", "checking", "ready", "scheduled"),
        *("running", "cancelling"),
    )
    MOVING = ("checking", "running", "cancelling")  # a worker has it
    ENDED = ("done", "done_with_errors", "cancelled")
    MOVES: dict[str, set[str]] = {
        "uploaded": {"mapping", "checking", "invalid", "cancelled"},
        "mapping": {"checking", "cancelled"},
        "checking": {"invalid", "ready", "done", "mapping"},
        "invalid": {"mapping", "checking"},
        "ready": {"checking", "mapping", "scheduled", "running", "cancelled"},
        "scheduled": {"running", "ready", "cancelled"},
        "running": {"done", "done_with_errors", "cancelling"},
        "cancelling": {"cancelled", "done", "done_with_errors"},
        "done": {"undone"},
        "done_with_errors": {"undone", "running"},
        "cancelled": {"undone"},
        "undone": set(),
    }

    uid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=120)  # the file's own, for people
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads"
    )
    customer = models.ForeignKey(
        "portal.Customer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undoes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="undos"
    )
    state = models.CharField(max_length=20, choices=State, default=State.UPLOADED)
    problems = models.JSONField(default=list)  # of the file as a whole, as sentences

    byte_count = models.PositiveBigIntegerField(default=0)
    line_count = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    delimiter = models.CharField(max_length=1, default=",")
    has_header = models.BooleanField(default=True)
    head = models.JSONField(default=list)  # the cells of the first line
    mapping = models.JSONField(default=list)

    row_count = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)  # state of a row → how many
    plan = models.JSONField(default=dict)  # requests, minutes, cost: see portal.bulk.kinds.Plan
    options = models.JSONField(default=dict)
    check_job = models.ForeignKey(
        "portal.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    run_job = models.ForeignKey(
        "portal.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="uploads"
    )
    run_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True)  # file and lines were deleted

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["customer", "-id"], name="upload_customer"),
            models.Index(fields=["state", "-id"], name="upload_state"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(forgotten_at=None),
                name="upload_kept",
            ),
        ]

    def __str__(self) -> str:
        return f"Upload {self.pk}: {self.name}"

    def get_absolute_url(self) -> str:
        """Return the address of the upload's page."""
        from django.urls import reverse

        return reverse("portal:upload-detail", args=[self.pk])

    @property
    def is_polled(self) -> bool:
        """Whether its page should look again by itself."""
        return self.state in self.MOVING

    @property
    def is_kept(self) -> bool:
        """Whether its lines are still there."""
        return self.forgotten_at is None

    @property
    def faulty_count(self) -> int:
        """How many lines could not be used, or did not go through."""
        return sum(self.counts.get(state, 0) for state in UploadRow.FAULTY)

    def may(self, to: str) -> bool:
        """Return whether the upload may move to a state."""
        return to in self.MOVES[self.state]


class UploadPiece(models.Model):
    """A piece of an uploaded file, sealed: it may hold secrets."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="upload_piece_once")
        ]

    def __str__(self) -> str:
        return f"piece {self.number} of upload {self.upload_id}"


class UploadRow(models.Model):
    """One line of an upload: what stands in it, what it changes, what became of it.

    `cells` hold the text of the file by column (secrets sealed), `values` what it means, `changes`
    [now, after] by column, `errors` [column, code, sentence], `orders` the columns that a provider
    is still to be told of, `outcomes` [state, code, words, reference] of those that he was told.
    """

    class State(models.TextChoices):
        NEW = "new", "Not checked yet"
        INVALID = "invalid", "Cannot be used"
        NO_CHANGE = "no_change", "No change"
        READY = "ready", "Will change"
        STALE = "stale", "Changed since"
        RUNNING = "running", "Running"
        OK = "ok", "Done"
        SUGGESTED = "suggested", "Correction offered"
        FAILED = "failed", "Failed"
        UNCONFIRMED = "unconfirmed", "Outcome unknown"
        SKIPPED = "skipped", "Skipped"
        UNDONE = "undone", "Undone"

    FAULTY = ("invalid", "stale", "failed", "suggested", "unconfirmed")
    AGAIN = ("invalid", "stale", "failed", "suggested")  # what may be corrected and sent again

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    target = models.CharField(max_length=32, blank=True, db_collation="C")
    operation = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.NEW)
    cells = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    errors = models.JSONField(default=list)
    orders = ArrayField(models.CharField(max_length=32), default=list)
    outcomes = models.JSONField(default=dict)

    class Meta:
        ordering = ["upload", "line"]
        constraints = [models.UniqueConstraint(fields=["upload", "line"], name="upload_line_once")]
        indexes = [
            models.Index(fields=["upload", "state", "line"], name="upload_row_state"),
            models.Index(fields=["upload", "target"], name="upload_row_target"),
        ]

    def __str__(self) -> str:
        return f"line {self.line} of upload {self.upload_id}"


class ColumnMapping(models.Model):
    """How the columns of a header were named, for the next file that begins with the same one."""

    kind = models.CharField(max_length=32)
    customer = models.ForeignKey("portal.Customer", on_delete=models.CASCADE, null=True, blank=True)
    head_hash = models.CharField(max_length=64)
    mapping = models.JSONField(default=list)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "customer", "head_hash"],
                name="column_mapping_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {', '.join(self.mapping)}"
