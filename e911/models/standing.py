"""Where every number in service stands with E911: the rows of the gap report."""

from __future__ import annotations

from django.db import models

from e911.querysets import StandingQuerySet
from inventory.models import TelephoneNumber
from portal.models import Customer, ProviderAccount
from portal.tn import TN


class Standing(models.Model):
    """The one bucket that a number in service is in; kept up to date set-wise by `e911.gaps`.

    Exactly the numbers that are in service or suspended have a row. The buckets stand in their order
    of precedence: a number is in the first that applies. Each has a number, so that they sort and
    are counted from the index alone.
    """

    class Bucket(models.IntegerChoices):
        NOT_REQUIRED = 1, "Not needed, with a reason"
        LOST = 2, "Location lost"
        INVALID = 3, "Address refused"
        NONE = 4, "No record"
        UNCONFIRMED = 5, "Set, not confirmed"
        CHANGED = 6, "Address or name changed since"
        NO_UNIT = 7, "No unit in a building with several"
        NO_ALERT = 8, "Nobody is alerted"
        NO_TEST = 9, "No 933 test in a year"
        VERIFIED = 10, "Verified"

    number = models.OneToOneField(
        TelephoneNumber, on_delete=models.CASCADE, primary_key=True, related_name="e911_standing"
    )
    tn = models.CharField("number", max_length=16, unique=True, db_collation="C")
    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    bucket = models.PositiveSmallIntegerField(choices=Bucket)
    since = models.DateTimeField()

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["tn"]
        indexes = [
            models.Index(fields=["bucket", "tn"], name="e911_standing_bucket"),
            models.Index(fields=["customer", "bucket", "tn"], name="e911_standing_customer"),
            models.Index(fields=["account", "bucket", "tn"], name="e911_standing_account"),
        ]

    def __str__(self) -> str:
        return f"{TN(self.tn).pretty}: {self.get_bucket_display()}"


class GapRun(models.Model):
    """How far the standings follow the numbers: one row, id 1."""

    followed_until = models.DateTimeField(null=True)  # so far, by `updated_at`,
    followed_id = models.BigIntegerField(default=0)  # and by id where many have one time
    started_at = models.DateTimeField(null=True)  # when the round that is not at its end began
    counted_at = models.DateTimeField(null=True)  # when all of them were last looked at

    class Meta:
        constraints = [models.CheckConstraint(name="e911_gap_run_one", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return f"Followed until {self.followed_until}"
