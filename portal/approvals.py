"""A second person: intents that are carried out only once somebody else has approved them.

A domain registers a `Kind` in its AppConfig and asks with `ask`, in place of doing. What was asked
is kept with its preview; `approve` carries it out in the transaction of the decision, or not at all
where what it is about is no longer what was previewed. See docs/adr/0010-second-person.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal import audit
from portal.access import ROLE_PERMISSIONS, role_allows
from portal.jobs import NotAccepted
from portal.models import Approval, User
from portal.operations import Problem

DECIDE: Final = "portal.decide_approval"


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What carrying an intent out would do now: a template of the domain, and what stands against it.

    With a problem nobody can approve: what was asked is not what would happen.
    """

    template: str
    context: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Done:
    """What carrying an intent out did, in words; `url` is where it can be followed."""

    words: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of intent; `name` is that of the verb, "inventory.release".

    `permission` is what asker and decider must have. `preview` looks and changes nothing.
    `carry_out` runs inside a transaction, as the asker's intent, and raises
    `portal.jobs.NotAccepted` where something stands against it. `is_final` says that nobody can
    undo it: the decider types how many. `asked` tells what was asked for, as label and words, once
    it is decided and no preview would be true any more.
    """

    name: str
    label: str  # "Give back numbers"
    permission: str
    preview: Callable[[Approval], Preview]
    carry_out: Callable[[Approval], Done]
    is_final: bool = False
    asked: Callable[[Approval], list[tuple[str, str]]] = lambda approval: []


class NotDecided(Exception):
    """The decision was not taken; `str(error)` is a sentence, and nothing was changed."""


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Make kinds of intents known."""
    for kind in kinds:
        if _kinds.setdefault(kind.name, kind) != kind:
            raise ValueError(f"two kinds of approvals are called {kind.name}")


def get(name: str) -> Kind:
    """Return a kind by its name; raises KeyError for one that is not known."""
    return _kinds[name]


def labels() -> list[tuple[str, str]]:
    """Return the name and the label of every kind."""
    return sorted(((kind.name, kind.label) for kind in _kinds.values()), key=lambda pair: pair[1])


def is_needed(count: int, *, always: bool = False) -> bool:
    """Return whether an intent about so many needs a second person.

    The setting APPROVAL_ABOVE says from how many on, 0 that nothing does. `always`: any number of
    more than one, however few the setting allows.
    """
    limit: int = settings.APPROVAL_ABOVE
    return limit > 0 and count > (1 if always else limit)


def others(kind: Kind, user: User) -> QuerySet[User]:
    """Return who else may approve an intent of a kind."""
    roles = [
        role
        for role in ROLE_PERMISSIONS
        if role_allows(role, DECIDE) and role_allows(role, kind.permission)
    ]
    return User.objects.filter(is_active=True, role__in=roles).exclude(pk=user.pk)


def may_decide(approval: Approval, user: User) -> bool:
    """Return whether a person may approve or refuse: another one, with the same permission."""
    kind = _kinds.get(approval.kind)
    return (
        kind is not None
        and approval.asked_by_id != user.pk
        and user.has_perm(DECIDE)
        and user.has_perm(kind.permission)
    )


@transaction.atomic
def ask(
    name: str,
    *,
    actor: User,
    title: str,
    count: int,
    intent: Mapping[str, Any],
    key: str,
    reason: str = "",
) -> Approval:
    """Record an intent that waits for another person; nothing else is changed.

    The same `key` by the same actor returns what it recorded first. Raises `NotAccepted` where
    nobody else could approve, and `PermissionDenied` where the actor may not ask.
    """
    kind = get(name)
    if not actor.has_perm(kind.permission):
        raise PermissionDenied("Your role does not allow this.")
    if known := _by_key(key, actor):
        return known
    if not others(kind, actor).exists():
        problem = Problem(
            message="Another person must approve this, and nobody else here may. Nothing was done.",
            advice="An administrator can give somebody the role, or set APPROVAL_ABOVE.",
        )
        raise NotAccepted([problem])
    approval = Approval(
        kind=name,
        title=title[:200],
        count=count,
        intent=dict(intent),
        reason=reason[:300],
        key=key,
        asked_by=actor,
        expires_at=timezone.now() + timedelta(days=settings.APPROVAL_DAYS),
    )
    try:
        with transaction.atomic():
            approval.save(force_insert=True)
    except IntegrityError:  # a second click was quicker
        if known := _by_key(key, actor):
            return known
        raise
    audit.record(
        actor, "portal.approval.asked", approval, after=_facts(approval), reason=approval.reason
    )
    return approval


def look(approval: Approval) -> Preview:
    """Return what approving would do now."""
    return get(approval.kind).preview(approval)


@transaction.atomic
def approve(approval: Approval, *, actor: User, reason: str = "") -> Done:
    """Carry out what was asked for and note who approved it, both or neither.

    Raises `NotDecided` where it is not (or not any more) for this person to approve, and
    `NotAccepted` where what it is about is not what was previewed, or something stands against it.
    """
    row = _open(approval, actor)
    kind = get(row.kind)
    if not row.asked_by.has_perm(kind.permission):
        raise NotDecided(f"{row.asked_by} may not ask for this any more. Refuse it instead.")
    if problems := kind.preview(row).problems:
        raise NotAccepted(problems)
    row.decided_by, row.decision_reason = actor, reason[:300]
    done = kind.carry_out(row)
    _close(row, Approval.Status.APPROVED, outcome=done.words)
    audit.record(
        actor, "portal.approval.approved", row, after=_facts(row), reason=row.decision_reason
    )
    return done


@transaction.atomic
def refuse(approval: Approval, *, actor: User, reason: str) -> None:
    """Refuse what was asked for, with a reason; nothing is done. Raises `NotDecided` as `approve`."""
    row = _open(approval, actor)
    row.decided_by, row.decision_reason = actor, reason[:300]
    _close(row, Approval.Status.REFUSED)
    audit.record(
        actor, "portal.approval.refused", row, after=_facts(row), reason=row.decision_reason
    )


@transaction.atomic
def withdraw(approval: Approval, *, actor: User) -> None:
    """Take one's own question back. Raises `NotDecided` for another's, or one that was decided."""
    row = _locked(approval)
    if row.asked_by_id != actor.pk:
        raise NotDecided("Only who asked can withdraw it. Nothing was changed.")
    row.decided_by = actor
    _close(row, Approval.Status.WITHDRAWN)
    audit.record(actor, "portal.approval.withdrawn", row, after=_facts(row))


@transaction.atomic
def expire() -> int:
    """Close what nobody decided in time; return how many these were."""
    rows = list(Approval.objects.lapsed().select_for_update(skip_locked=True))
    for row in rows:
        _close(row, Approval.Status.EXPIRED)
    audit.record_many(
        audit.entry(None, "portal.approval.expired", row, after=_facts(row)) for row in rows
    )
    return len(rows)


def _by_key(key: str, actor: User) -> Approval | None:
    known = Approval.objects.filter(key=key).first()
    if known and known.asked_by_id != actor.pk:
        raise PermissionDenied("This form belongs to somebody else.")
    return known


def _locked(approval: Approval) -> Approval:
    rows = Approval.objects.select_for_update(of=("self",)).select_related("asked_by")
    row = rows.get(pk=approval.pk)
    if not row.is_waiting:
        label = Approval.Status(row.state).label.lower()
        raise NotDecided(f"It waits for nobody any more: {label}. Nothing was changed.")
    return row


def _open(approval: Approval, actor: User) -> Approval:
    row = _locked(approval)
    if not may_decide(row, actor):
        raise NotDecided("Somebody else than who asked must decide. Nothing was changed.")
    return row


def _close(row: Approval, status: str, *, outcome: str = "") -> None:
    row.status, row.outcome, row.decided_at = status, outcome[:300], timezone.now()
    fields: Iterable[str] = (
        *("status", "outcome", "decided_at"),
        *("decided_by", "decision_reason"),
    )
    row.save(update_fields=fields)


def _facts(row: Approval) -> dict[str, Any]:
    facts = {"kind": row.kind, "count": row.count, "asked_by": str(row.asked_by)}
    return facts | ({"outcome": row.outcome} if row.outcome else {})
