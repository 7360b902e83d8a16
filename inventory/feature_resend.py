"""Values that are sent once more: with what no row but that of the job which sent them holds."""

from __future__ import annotations

from collections.abc import Mapping

from inventory.features import Feature
from inventory.operations.features import ChangeFeature
from portal.models import JobItem, ProviderAccount

NOT_KEPT = "Its token, if it had one, is not known any more: set the destination anew."


def as_sent(
    feature: Feature,
    values: Mapping[str, str],
    *,
    account: ProviderAccount,
    until: int | None = None,
) -> dict[str, str]:
    """Return the values of numbers as they were sent to the account, each with its sealed token.

    Left out is a number of which no job is kept that sent its value: nobody knows whether a token
    went along. With `until`, the id of a row, what was sent before that row counts.
    """
    lacking = {tn for tn, value in values.items() if feature.is_partly_kept(account.slug, value)}
    found = {tn: value for tn, value in values.items() if tn not in lacking}
    if not lacking:
        return found
    rows = JobItem.objects.filter(
        target__among=lacking,
        status=JobItem.Status.SUCCEEDED,
        job__kind=ChangeFeature.kind,
        job__account=account,
        job__params__feature=feature.name,
    )
    if until is not None:
        rows = rows.filter(pk__lt=until)
    for tn, params in rows.order_by("pk").values_list("target", "params"):
        if feature.stored(params.get("value", "")) == values[tn]:
            found[tn] = params["value"]
    return found
