"""The ledger: everything that is said to a provider is a job on record.

Job states and their moves (design: the ledger)::

    queued ──claim──▶ running ──▶ succeeded | partial | failed
      ▲  │              │  └─▶ waiting (retry or poll due) ──claim──▶ running
      │  └─▶ canceled   └─▶ unknown ──asking──▶ succeeded | failed | queued | needs_review
      │                 └─▶ needs_review (pending for too long, or what came back cannot be filed)
      └───────── lease lapsed before anything was sent

The state of a number in a job lives on its `JobItem`; the job's own status is derived from them by
`portal.jobs.settle`, the only code that changes it.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class JobQuerySet(models.QuerySet["Job"]):
    """Reads of jobs."""

    def visible_to(self, user) -> JobQuerySet:
        """Return all jobs for staff, those of one's own company for a customer's user."""
        return self if user.is_staff_role else self.filter(customer_id=user.customer_id)

    def open(self) -> JobQuerySet:
        """Return the jobs that are not settled."""
        return self.filter(status__in=Job.OPEN)

    def roots(self) -> JobQuerySet:
        """Return the jobs that a person started, without the parts of a group."""
        return self.filter(parent=None)

    def for_list(self) -> JobQuerySet:
        """Return jobs with actor and account, without what no list shows: secrets cost the most."""
        heavy = ("params", "result", "account__credentials", "account__settings")
        return self.select_related("actor", "account").defer(*heavy)

    def waiting_for_person(self) -> JobQuerySet:
        """Return the jobs whose outcome only a person can tell."""
        return self.filter(status=Job.Status.NEEDS_REVIEW)


class Job(models.Model):
    """One intent, carried out by at most one worker at a time."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        WAITING = "waiting", "Waiting"
        UNKNOWN = "unknown", "Outcome unknown"
        NEEDS_REVIEW = "needs_review", "Needs review"
        SUCCEEDED = "succeeded", "Succeeded"
        PARTIAL = "partial", "Partly done"
        FAILED = "failed", "Failed"
        CANCELED = "canceled", "Canceled"

    class Source(models.TextChoices):
        PERSON = "person", "Person"
        SCHEDULE = "schedule", "Schedule"
        SYSTEM = "system", "System"

    OPEN = ("queued", "running", "waiting", "unknown", "needs_review")
    SETTLED = ("succeeded", "partial", "failed", "canceled")
    MOVES = {
        "queued": {"running", "canceled", "failed"},
        "running": {
            *("succeeded", "partial", "failed", "waiting", "unknown", "queued", "canceled"),
            "needs_review",
        },
        "waiting": {"running", "canceled", "failed"},
        "unknown": {"succeeded", "partial", "failed", "queued", "waiting", "needs_review"},
        "needs_review": {"succeeded", "partial", "failed"},
        "succeeded": set(),
        "partial": set(),
        "failed": set(),
        "canceled": set(),
    }

    uid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    kind = models.CharField(max_length=64)
    title = models.CharField(max_length=160)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="jobs"
    )
    customer = models.ForeignKey(
        "portal.Customer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    account = models.ForeignKey(
        "portal.ProviderAccount", on_delete=models.PROTECT, null=True, related_name="jobs"
    )
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    source = models.CharField(max_length=10, choices=Source, default=Source.PERSON)
    params = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    key = models.CharField(max_length=100, null=True, unique=True)  # noqa: DJ001 (unique if any)
    subject = models.CharField(max_length=64, blank=True)  # one open job per kind and subject
    queue = models.CharField(max_length=32)
    priority = models.SmallIntegerField(default=5)
    is_write = models.BooleanField(default=False)
    is_group = models.BooleanField(default=False)

    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    reason = models.CharField(max_length=500, blank=True)  # why waiting, failed, unknown
    error_code = models.CharField(max_length=64, blank=True)
    cancel_requested_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_count = models.PositiveSmallIntegerField(default=0)  # reconcile rounds
    run_after = models.DateTimeField(default=timezone.now)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    delivery_count = models.PositiveSmallIntegerField(default=0)

    total_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    unknown_count = models.PositiveIntegerField(default=0)

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(status__in=["queued", "running", "waiting", "unknown", "needs_review"])
                & ~Q(subject=""),
                name="job_one_open_per_subject",
            )
        ]
        indexes = [
            models.Index(
                fields=["run_after", "priority"],
                condition=Q(status__in=["queued", "waiting", "unknown"]),
                name="job_due",
            ),
            models.Index(fields=["lease_until"], condition=Q(status="running"), name="job_leased"),
            models.Index(fields=["customer", "-id"], name="job_customer"),
            models.Index(fields=["account", "-id"], name="job_account"),
            models.Index(fields=["status", "-id"], name="job_status"),
            models.Index(fields=["finished_at"], name="job_finished"),
        ]

    def __str__(self) -> str:
        return f"Job {self.pk}: {self.title}"

    @property
    def is_open(self) -> bool:
        """Whether the job is not settled yet."""
        return self.status in self.OPEN

    @property
    def is_polled(self) -> bool:
        """Whether its page should look again by itself: open and not waiting for a person."""
        return self.is_open and self.status != self.Status.NEEDS_REVIEW

    @property
    def left_count(self) -> int:
        """How many items have no outcome yet."""
        return max(0, self.total_count - self.done_count - self.failed_count)

    @property
    def seconds(self) -> float | None:
        """How long it took, in seconds; None while it is open."""
        if not self.finished_at:
            return None
        return (self.finished_at - (self.started_at or self.created_at)).total_seconds()


class JobItem(models.Model):
    """One number, or one line of a file, in a job.

    While an item of a writing job has no outcome, its target is locked against a second one; the
    partial unique constraint holds the lock.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENT = "sent", "Sent"
        PENDING = "pending", "Accepted, not done yet"
        SUCCEEDED = "succeeded", "Done"
        REFUSED = "refused", "Refused"
        UNKNOWN = "unknown", "Outcome unknown"
        SKIPPED = "skipped", "Skipped"
        CANCELED = "canceled", "Canceled"

    OPEN = ("queued", "sent", "pending", "unknown")

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    slice = models.PositiveIntegerField(default=0)
    target = models.CharField(max_length=32)
    is_lock = models.BooleanField(default=False)
    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    params = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    code = models.CharField(max_length=64, blank=True)
    message = models.CharField(max_length=500, blank=True)
    advice = models.CharField(max_length=300, blank=True)
    provider_ref = models.CharField(max_length=64, blank=True)
    is_applied = models.BooleanField(default=False)
    not_done_count = models.PositiveSmallIntegerField(
        default=0
    )  # asked, and it was not carried out
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["job", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["target"],
                condition=Q(is_lock=True, status__in=["queued", "sent", "pending", "unknown"]),
                name="item_one_open_write_per_target",
            ),
            models.UniqueConstraint(fields=["job", "position"], name="item_position"),
        ]
        indexes = [models.Index(fields=["target", "-id"], name="item_target")]

    def __str__(self) -> str:
        return f"{self.target} in job {self.job_id}"

    @property
    def is_open(self) -> bool:
        """Whether this item has no outcome yet."""
        return self.status in self.OPEN


class ExchangeQuerySet(models.QuerySet["Exchange"]):
    """Reads of exchanges."""

    def visible_to(self, user) -> ExchangeQuerySet:
        """Return all exchanges for staff; customers never see raw answers."""
        return self if user.is_staff_role else self.none()


class Exchange(models.Model):
    """One call on the wire, redacted; committed before the bytes leave.

    `outcome` is "open" until the reply was recorded. An open write whose worker is gone means that
    nobody knows whether it was carried out.
    """

    BODY_LIMIT = 64 * 1024

    job = models.ForeignKey(Job, on_delete=models.CASCADE, null=True, related_name="exchanges")
    account = models.ForeignKey("portal.ProviderAccount", on_delete=models.CASCADE)
    slice = models.PositiveIntegerField(null=True)
    operation = models.CharField(max_length=64)
    is_write = models.BooleanField()
    method = models.CharField(max_length=8)
    url = models.TextField()
    request_headers = models.JSONField(default=dict)
    request_body = models.TextField(blank=True)
    outcome = models.CharField(max_length=12, default="open")
    reply_status = models.PositiveSmallIntegerField(null=True)
    reply_body = models.TextField(blank=True)
    reply_size = models.PositiveBigIntegerField(default=0)
    reply_rest_hash = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(default=timezone.now)
    seconds = models.FloatField(null=True)

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["account", "-sent_at"], name="exchange_account"),
            models.Index(fields=["sent_at"], name="exchange_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} in job {self.job_id}"
