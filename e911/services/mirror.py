"""What answers about one number write into the mirror; full lists do so in `e911.sync`."""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from e911 import addresses
from e911.answers import Told
from e911.models import CarrierRecord
from portal.models import ProviderAccount


def write(account: ProviderAccount, tn: str, told: Told | None) -> None:
    """Write what a provider has on a number; None marks what was there as gone.

    It has no fingerprint: the next list writes it again, and that is no change of the provider's.
    """
    now = timezone.now()
    if told is None:
        CarrierRecord.objects.filter(account=account, tn=tn).update(
            missing_since=Coalesce("missing_since", now),
            missing_count=F("missing_count") + 1,
            synced_at=now,
        )
        return
    CarrierRecord.objects.update_or_create(
        account=account,
        tn=tn,
        defaults={name: getattr(told.lines, name) for name in addresses.LINE_NAMES}
        | {
            "caller_name": told.caller_name,
            "state": told.state,
            "word": told.word,
            "message": told.message,
            "provider_ref": told.location_ref,
            "order_ref": told.order_ref,
            "key": told.key[:400],
            "fingerprint": "",
            "synced_at": now,
            "missing_since": None,
            "missing_count": 0,
        },
    )


def forget(account: ProviderAccount, tn: str) -> None:
    """Take out what stood there: it was removed by us."""
    CarrierRecord.objects.filter(account=account, tn=tn).delete()
