"""Saved places: kept, changed, archived. None of these reaches a provider."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from e911.models import Location
from portal import audit
from portal.models import User


@transaction.atomic
def save_location(form: Any, *, actor: User) -> Location:
    """Save a bound, valid form of a place and audit what changed; return the place.

    Numbers that use it keep their address until it is checked and set on them.
    """
    is_new = form.instance.pk is None
    before = {} if is_new else {name: form.initial.get(name) for name in form.changed_data}
    location: Location = form.save()
    if form.changed_data or is_new:
        verb = "e911.location.added" if is_new else "e911.location.changed"
        after = {name: getattr(location, name) for name in form.changed_data}
        after = {name: str(value) if value is not None else None for name, value in after.items()}
        before = {name: str(value or "") for name, value in before.items()}
        audit.record(actor, verb, location, before=before, after=after)
    return location


@transaction.atomic
def archive_location(location: Location, *, actor: User, is_archived: bool = True) -> None:
    """Take a place out of the choices, or back into them; the numbers that use it keep it."""
    row = Location.objects.select_for_update(of=("self",)).get(pk=location.pk)
    if row.is_archived == is_archived:
        return
    row.is_archived = is_archived
    row.save(update_fields=["is_archived", "updated_at"])
    verb = "e911.location.archived" if is_archived else "e911.location.restored"
    audit.record(actor, verb, row)
