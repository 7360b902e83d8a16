"""What becomes of a number's features in our database: wanted values, the mirror, the audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils import timezone

from inventory.features import Feature
from inventory.features.calls import RouteFeature
from inventory.models import CarrierNumber, Route, TelephoneNumber
from portal import audit
from portal.models import Job, ProviderAccount

CHANGED = "inventory.tn.feature_changed"
REFUSED = "inventory.tn.feature_refused"
# Not overwritten by a change that went well: another difference may still stand.
KEPT = (
    TelephoneNumber.Sync.DRIFTED,
    TelephoneNumber.Sync.IGNORED,
    TelephoneNumber.Sync.MISSING,
)


def mark_pending(tns: Iterable[str]) -> None:
    """Note that a change of these numbers is under way."""
    TelephoneNumber.objects.filter(tn__among=tns).update(
        sync_state=TelephoneNumber.Sync.PENDING_PUSH, sync_note="", updated_at=timezone.now()
    )


def forget_pending(number: TelephoneNumber) -> None:
    """Note that no change is under way any more; what holds at the provider is not known."""
    if number.sync_state == TelephoneNumber.Sync.PENDING_PUSH:
        number.sync_state = TelephoneNumber.Sync.STALE
        number.save(update_fields=["sync_state", "updated_at"])


def feature_changed(
    number: TelephoneNumber,
    feature: Feature,
    *,
    wanted: str,
    told: str,
    before: str | None,
    sync_state: str,
    job: Job,
    reason: str = "",
) -> None:
    """Write what was carried out: what we want, what the provider has now, and the audit entry.

    `sync_state` is the one from before the job. Call inside a transaction with the row locked.
    """
    lasts = feature.lasts(wanted, number.account)
    if lasts:
        number.wanted = {**number.wanted, feature.name: wanted}
    number.sync_state = sync_state if sync_state in KEPT else TelephoneNumber.Sync.IN_SYNC
    number.sync_note = ""
    number.save(update_fields=["wanted", "sync_state", "sync_note", "updated_at"])
    status = {feature.status_name: "taken" if wanted else ""} if feature.status_name else {}
    if lasts:
        mirror_told(number.account, number.tn, {feature.name: told} | status)
    if feature.is_secret or before != told:
        audit.record(
            job.actor,
            CHANGED,
            number,
            before={feature.name: before},
            after={feature.name: told},
            reason=reason,
            job=job,
        )


def feature_refused(
    number: TelephoneNumber,
    feature: Feature,
    *,
    message: str,
    sync_state: str,
    is_refused: bool,
    job: Job,
    stored: str | None = None,
) -> None:
    """Note that a change was not carried out; what we wanted before stays.

    `is_refused` tells a provider's no from a job that was canceled or skipped. `stored` is what the
    provider keeps all the same: then that is wanted, and others have not taken it.
    """
    number.sync_state = TelephoneNumber.Sync.PUSH_FAILED if is_refused else sync_state
    number.sync_note = f"{feature.label} was not changed: {message}"[:200] if is_refused else ""
    if stored is not None:
        number.wanted = {**number.wanted, feature.name: stored}
        status = {feature.status_name: "refused"} if feature.status_name else {}
        mirror_told(number.account, number.tn, {feature.name: stored} | status)
    number.save(update_fields=["wanted", "sync_state", "sync_note", "updated_at"])
    if is_refused:
        after = {"feature": feature.label}
        audit.record(job.actor, REFUSED, number, after=after, reason=message, job=job)


def mirror_told(account: ProviderAccount, tn: str, values: Mapping[str, str]) -> None:
    """Write values into the mirror row of a number, beside those that it has.

    The row loses its fingerprint, so that the next full list is compared with it anew.
    """
    mirror, _ = CarrierNumber.objects.select_for_update().get_or_create(account=account, tn=tn)
    values = dict(values)
    if RouteFeature.name in values:
        mirror.route_ref = values.pop(RouteFeature.name)
        route = Route.objects.filter(account=account, provider_ref=mirror.route_ref).first()
        mirror.route_name = route.name if route else ""
    mirror.values = {**mirror.values, **values}
    mirror.fingerprint, mirror.synced_at = "", timezone.now()
    mirror.save(update_fields=["route_ref", "route_name", "values", "fingerprint", "synced_at"])


def moved_to_account(
    number: TelephoneNumber, account: ProviderAccount, *, route_ref: str, job: Job, reason: str
) -> None:
    """File a number under another account of ours, at the route that it was moved to."""
    before = {"provider": str(number.account)}
    CarrierNumber.objects.filter(account=number.account, tn=number.tn).delete()
    number.account = account
    number.wanted = {RouteFeature.name: route_ref}
    number.sync_state = TelephoneNumber.Sync.STALE
    number.sync_note = ""
    number.save(update_fields=["account", "wanted", "sync_state", "sync_note", "updated_at"])
    mirror_told(account, number.tn, {RouteFeature.name: route_ref})
    audit.record(
        job.actor,
        "inventory.tn.account_changed",
        number,
        before=before,
        after={"provider": str(account)},
        reason=reason,
        job=job,
    )
