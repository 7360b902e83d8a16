"""The telephone number, what we want of it, and its mirror at the provider."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Upper

from inventory.models import moves
from inventory.querysets import TelephoneNumberQuerySet
from portal.models import CachedFromProvider, Customer, ProviderAccount
from portal.tn import TN

MOST_TAGS = 20  # of one number


class TelephoneNumber(models.Model):
    """A number that we hold, are about to hold, or held.

    Holds what we want and decided; what the provider says stands in `CarrierNumber`. The states and
    their legal moves are the table in `inventory.models.moves` (docs/lifecycles.md); `services.move`
    and `services.lifecycle` make them, refuse others and audit them.
    """

    class State(models.TextChoices):
        PURCHASING = "purchasing", "Ordering"
        PORT_IN = "port_in", "Porting in"
        STOCK = "stock", "Stock"
        HELD = "held", "Held for a customer"
        IN_SERVICE = "in_service", "In service"
        SUSPENDED = "suspended", "Suspended"
        PORT_OUT = "port_out", "Porting out"
        AGING = "aging", "Aging"
        RELEASING = "releasing", "Releasing"
        RELEASED = "released", "Released"
        PORTED_OUT = "ported_out", "Ported out"
        LOST = "lost", "Lost"

    class AfterAging(models.TextChoices):
        STOCK = "stock", "Back to stock"
        RELEASE = "release", "Give it back to the provider"

    class Sync(models.TextChoices):
        IN_SYNC = "in_sync", "In sync"
        STALE = "stale", "Not checked lately"
        PENDING_PUSH = "pending_push", "Change pending"
        PUSH_FAILED = "push_failed", "Change refused"
        DRIFTED = "drifted", "Differs at provider"
        IGNORED = "ignored", "Difference accepted"
        MISSING = "missing", "Missing at provider"
        UNCONFIRMED = "unconfirmed", "Outcome unknown"

    MOVES: dict[str, set[str]] = moves.by_state()
    GONE = ("released", "ported_out", "lost")

    tn = models.CharField("number", max_length=16, unique=True, db_collation="C")
    npa = models.CharField("area code", max_length=3, null=True)  # noqa: DJ001 (none outside +1)
    nxx = models.CharField("exchange", max_length=3, null=True)  # noqa: DJ001
    state = models.CharField(max_length=12, choices=State, default=State.STOCK)
    state_since = models.DateTimeField()
    previous_state = models.CharField(max_length=12, blank=True)
    # Their indexes are those with the number, in Meta.
    account = models.ForeignKey(
        ProviderAccount,
        on_delete=models.PROTECT,
        related_name="numbers",
        verbose_name="provider",
        db_index=False,
    )
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="numbers",
        db_index=False,
    )
    label = models.CharField(max_length=80, blank=True)
    billing_id = models.CharField("billing id", max_length=64, blank=True)
    monthly_cost = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    deletion_lock = models.BooleanField(default=False)
    legal_hold = models.BooleanField(default=False, db_default=False)
    note = models.TextField(blank=True)
    tags = ArrayField(
        models.CharField(max_length=32), default=list, db_default=Value([]), blank=True
    )
    rate_center = models.CharField(max_length=40, blank=True)
    region = models.CharField("US state", max_length=2, blank=True)
    lata = models.CharField("LATA", max_length=5, blank=True)
    tier = models.CharField(max_length=12, blank=True)
    wanted = models.JSONField(default=dict, blank=True)  # feature name → value that we want
    sync_state = models.CharField(max_length=14, choices=Sync, default=Sync.STALE)
    sync_note = models.CharField(max_length=200, blank=True)
    synced_at = models.DateTimeField("checked", null=True)
    e911_state = models.CharField("E911", max_length=20, default="none")
    messaging_state = models.CharField("messaging", max_length=20, default="off")
    port_state = models.CharField(max_length=24, blank=True)
    release_on = models.DateField(null=True, blank=True)
    # What happens on that day, and the state that restoring it leads back to.
    after_aging = models.CharField(
        max_length=8,
        choices=AfterAging,
        default=AfterAging.STOCK,
        db_default=Value("stock"),
    )
    aged_from = models.CharField(max_length=12, blank=True, default="", db_default=Value(""))
    held_until = models.DateField(null=True, blank=True)
    # When its last subscriber lost it for good, and who that was: the aging rule goes by these.
    disconnected_on = models.DateField(null=True, blank=True)
    last_customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TelephoneNumberQuerySet.as_manager()

    class Meta:
        ordering = ["tn"]
        verbose_name = "telephone number"
        constraints = [
            models.CheckConstraint(
                name="tn_nanp_parts",
                condition=Q(npa=None, nxx=None) | Q(tn__startswith="+1"),
            ),
            models.CheckConstraint(
                name="tn_in_service_has_customer",
                condition=~Q(state__in=["in_service", "suspended", "held"])
                | Q(customer__isnull=False),
                violation_error_message="A number in service or held belongs to a customer.",
            ),
            models.CheckConstraint(
                name="tn_tags_fit",
                condition=Q(tags__len__lte=MOST_TAGS),
                violation_error_message=f"More than {MOST_TAGS} tags say nothing any more.",
            ),
        ]
        indexes = [
            GinIndex(OpClass(F("tn"), name="gin_trgm_ops"), name="tn_trigram"),
            # As `icontains` and `iexact` compare; a search text may be a label or a billing id.
            GinIndex(OpClass(Upper("label"), name="gin_trgm_ops"), name="tn_label_trigram"),
            models.Index(Upper("billing_id"), name="tn_billing_id"),
            models.Index(fields=["state", "tn"], name="tn_state"),
            models.Index(fields=["account", "tn"], name="tn_account"),
            models.Index(fields=["customer", "tn"], name="tn_customer"),
            # What filters go together with is included, so that finding takes the index alone.
            models.Index(
                fields=["npa", "nxx", "tn"],
                include=["state", "account", "customer", "region"],
                name="tn_npa_nxx",
            ),
            models.Index(fields=["nxx", "tn"], name="tn_nxx"),
            models.Index(fields=["region", "rate_center", "tn"], name="tn_place"),
            models.Index(fields=["region", "tn"], name="tn_region"),
            models.Index(fields=["lata", "tn"], name="tn_lata"),
            models.Index(
                OpClass(Upper("rate_center"), name="text_pattern_ops"),
                F("tn"),
                include=["rate_center"],
                name="tn_rate_center",
            ),
            models.Index(fields=["sync_state", "tn"], name="tn_sync"),
            GinIndex(fields=["tags"], name="tn_tags"),
            # For a tag that many numbers have: passing over a number without it costs a tenth of
            # looking at it in the table. Twenty tags of any letters still fit into a row of it.
            models.Index(fields=["tn"], include=["tags"], name="tn_tags_in_order"),
            models.Index(fields=["e911_state", "tn"], name="tn_e911"),
            models.Index(fields=["messaging_state", "tn"], name="tn_messaging"),
            models.Index(fields=["release_on"], condition=Q(state="aging"), name="tn_aging_end"),
            models.Index(fields=["held_until"], condition=Q(state="held"), name="tn_hold_end"),
            models.Index(fields=["rate_center", "id"], name="tn_sort_rate_center"),
            models.Index(fields=["label", "id"], name="tn_sort_label"),
            models.Index(fields=["state_since", "id"], include=["tn"], name="tn_sort_state_since"),
            models.Index(fields=["synced_at", "id"], name="tn_sort_synced"),
            models.Index(fields=["updated_at", "id"], name="tn_sort_updated"),
        ]

    def __str__(self) -> str:
        return TN(self.tn).pretty

    def get_absolute_url(self) -> str:
        """Return the address of the number's page."""
        from django.urls import reverse

        return reverse("inventory:tn-detail", args=[self.tn])

    def why_not(self, to: str) -> str:
        """Return why the number may not move to a state, as a sentence; empty where it may.

        Knows the table and the two locks; what else guards a move is asked where it is begun.
        """
        if to not in self.MOVES.get(self.state, set()):
            return (
                f"{self} is “{self.get_state_display()}” and cannot become "
                f"“{self.State(to).label}”."
            )
        guards = moves.guards_of(self.state, to)
        if self.legal_hold and "no_legal_hold" in guards:
            return f"{self} is under legal hold and stays “{self.get_state_display()}”."
        if self.deletion_lock and to == self.State.RELEASING:
            return f"{self} has a deletion lock and is not given back."
        return ""

    @property
    def value(self) -> TN:
        """The number as a value."""
        return TN(self.tn)


class CarrierNumber(CachedFromProvider):
    """What a provider says of a number: the mirror that only sync and job results write.

    A row without a number in the inventory is a finding: the provider lists it, we do not.
    """

    tn = models.CharField("number", max_length=16, db_collation="C")
    state_word = models.CharField("provider's word", max_length=64, blank=True)
    route_ref = models.CharField(max_length=64, blank=True)
    route_name = models.CharField(max_length=120, blank=True)
    rate_center = models.CharField(max_length=40, blank=True)
    region = models.CharField(max_length=2, blank=True)
    lata = models.CharField(max_length=5, blank=True)
    tier = models.CharField(max_length=12, blank=True)
    network = models.CharField(max_length=40, blank=True)
    label = models.CharField(max_length=120, blank=True)
    features = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    values = models.JSONField(default=dict)
    details = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=32, blank=True)
    missing_count = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["tn"]
        constraints = [
            models.UniqueConstraint(fields=["account", "tn"], name="carrier_number_once")
        ]
        indexes = [
            models.Index(fields=["tn"], name="carrier_number_tn"),
            models.Index(fields=["account", "route_ref", "tn"], name="carrier_number_route"),
            GinIndex(fields=["features"], name="carrier_number_features"),
            # Few numbers have these; filters of the list ask for them in the order of the numbers.
            *(
                models.Index(
                    fields=["tn"],
                    condition=Q((f"values__{name}__gt", "")),
                    name=f"carrier_has_{name}",
                )
                for name in ("cnam_name", "forward_to", "failover_to", "fax_email")
            ),
            models.Index(
                F("account"),
                KeyTextTransform("group_ref", "values"),
                F("tn"),
                condition=Q(values__has_key="group_ref"),
                name="carrier_number_group",
            ),
        ]

    def __str__(self) -> str:
        return TN(self.tn).pretty
