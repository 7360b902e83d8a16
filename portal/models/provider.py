"""Provider accounts with their secrets, budgets, breaker and cached tokens, shared by all workers."""

from __future__ import annotations

from datetime import timedelta

from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone
from encrypted_fields.fields import EncryptedJSONField, EncryptedTextField

from portal import providers
from portal.providers.errors import ProviderAuthError


class ProviderAccountQuerySet(models.QuerySet["ProviderAccount"]):
    """Reads of provider accounts."""

    def visible_to(self, user) -> ProviderAccountQuerySet:
        """Return all accounts for staff; a customer never sees a provider."""
        return self if user.is_staff_role else self.none()

    def usable(self) -> ProviderAccountQuerySet:
        """Return the accounts that may be called: enabled and not paused."""
        return self.filter(is_enabled=True, paused_at=None)

    def offering(self, capability: str) -> ProviderAccountQuerySet:
        """Return the accounts whose provider has a capability, by its name."""
        return self.filter(slug__in=providers.offering(capability))


class ProviderAccount(models.Model):
    """One account at one provider; several per provider are normal."""

    class Breaker(models.TextChoices):
        CLOSED = "closed", "Healthy"
        OPEN = "open", "Calls paused after failures"
        HALF_OPEN = "half_open", "Trying one call"

    BREAKER_THRESHOLD = 5  # failures in a row
    REFUSED_CREDENTIALS = "the provider refused our credentials"  # why calls are paused then
    BREAKER_SECONDS = (15, 30, 60, 120, 300)  # pause after each further opening

    slug = models.CharField("provider", max_length=32)
    name = models.CharField(max_length=80, unique=True)
    base_url = models.CharField(
        "base address", max_length=200, validators=[URLValidator(schemes=["http", "https"])]
    )
    credentials = EncryptedJSONField(default=dict)
    settings = models.JSONField(default=dict, blank=True)
    is_enabled = models.BooleanField("enabled", default=True)
    is_sandbox = models.BooleanField("sandbox", default=False)
    calls_per_minute = models.PositiveIntegerField(default=120)
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=200, blank=True)

    breaker = models.CharField(max_length=12, choices=Breaker, default=Breaker.CLOSED)
    failure_count = models.PositiveIntegerField(default=0)
    opened_count = models.PositiveIntegerField(default=0)
    breaker_until = models.DateTimeField(null=True, blank=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_failure = models.CharField(max_length=300, blank=True)

    balance = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    balance_at = models.DateTimeField(null=True, blank=True)
    sync_interval_minutes = models.PositiveIntegerField(default=60)
    last_sync_at = models.DateTimeField(null=True, blank=True)
    last_sync_count = models.PositiveIntegerField(null=True, blank=True)
    next_sync_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProviderAccountQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def provider_name(self) -> str:
        """The provider's name as people know it."""
        return providers.provider_class(self.slug).name

    @property
    def queue(self) -> str:
        """The Celery queue of this provider's background work."""
        return self.slug

    @property
    def health(self) -> str:
        """One word: disabled, paused, open, half_open, failing, new or healthy."""
        if not self.is_enabled:
            return "disabled"
        if self.paused_at:
            return "paused"
        if self.breaker != self.Breaker.CLOSED:
            return str(self.breaker)
        if self.failure_count:
            return "failing"
        return "healthy" if self.last_ok_at else "new"

    @property
    def why_closed(self) -> str:
        """Why people have stopped all calls, as a sentence; empty where they are allowed."""
        if not self.is_enabled:
            return f"{self} is switched off."
        if self.paused_at:
            return f"{self} is paused: {self.pause_reason.rstrip('.') or 'by an administrator'}."
        return ""

    @property
    def has_readable_credentials(self) -> bool:
        """Whether the present SALT_KEY decrypts what is stored; text is what it could not."""
        return isinstance(self.credentials, dict)

    def as_account(self) -> providers.Account:
        """Return what an adapter needs, with the decrypted credentials.

        Raises `ProviderAuthError` when the present key does not decrypt them.
        """
        if not self.has_readable_credentials:
            raise ProviderAuthError(
                "The stored credentials cannot be read with the present SALT_KEY. Nothing was sent. "
                "Enter them again, or bring the old key back."
            )
        return providers.Account(
            slug=self.slug,
            name=self.name,
            base_url=self.base_url,
            credentials=dict(self.credentials or {}),
            settings=dict(self.settings or {}),
        )

    def breaker_pause(self) -> timedelta:
        """Return how long the breaker stays open at its next opening."""
        steps = self.BREAKER_SECONDS
        return timedelta(seconds=steps[min(self.opened_count, len(steps) - 1)])


class BudgetSpend(models.Model):
    """One call taken from a budget; rows older than the window are pruned.

    `scope` is "account:<pk>" or, for limits that a provider counts per source address,
    "source:<slug>".
    """

    scope = models.CharField(max_length=64)
    bucket = models.CharField(max_length=64)
    allowed = models.PositiveIntegerField(default=0)  # calls in the window, for the page
    spent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["scope", "bucket", "spent_at"], name="budget_window")]

    def __str__(self) -> str:
        return f"{self.scope} {self.bucket}"


class ProviderToken(models.Model):
    """A cached API key or session token, encrypted; one login serves all workers."""

    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=32)
    token = EncryptedTextField(blank=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], name="token_one_per_name")
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.name}"
