"""Passwords that providers made up: sealed in the job's row until somebody looks, then gone."""

from __future__ import annotations

from django.db import transaction

from portal import audit
from portal.models import Job, JobItem, User
from portal.sealed import seal, unseal

KINDS = ("portal.open_subaccount", "portal.sign_up")


def sealed(password: str) -> str:
    """Return the text under which a password may be stored."""
    return seal(password)


def peek(item: JobItem) -> str:
    """Return a row's password, for code that needs it; empty where there is none (any more).

    Raises `portal.sealed.Unreadable` where the key was changed since.
    """
    stored = (item.after.get("values") or {}).get("password", "")
    return unseal(stored) if stored else ""


def is_there(job: Job) -> bool:
    """Return whether a job holds a password that nobody has looked at."""
    if job.kind not in KINDS:
        return False
    return job.items.filter(after__values__password__isnull=False).exists()


@transaction.atomic
def take(job: Job, *, actor: User) -> tuple[str, str]:
    """Return (username, password) of what a job opened, and forget the password for good.

    ("", "") where it was taken already. Audited, without the password. Raises
    `portal.sealed.Unreadable`; nothing is forgotten then.
    """
    holding = job.items.filter(after__values__password__isnull=False)
    item = holding.select_for_update().first()
    if item is None:
        return "", ""
    password = peek(item)
    values = {name: value for name, value in item.after["values"].items() if name != "password"}
    item.after = item.after | {"values": values}
    item.save(update_fields=["after", "updated_at"])
    facts = {"username": item.provider_ref}
    audit.record(actor, "portal.password.shown", job, after=facts, job=job)
    return item.provider_ref, password
