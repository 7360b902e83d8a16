"""What of the inventory a second person must approve: many numbers that leave, or that move."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse

from inventory import (
    feature_changes,
    features,
    operations,
    release_page,
    selection,
    services,
    taking_over,
    walks,
)
from inventory.feature_changes import AccountPlan
from inventory.features import Feature
from inventory.lifecycle import VERBS, Choice, Verb, done_by
from inventory.models import Assignment, TelephoneNumber
from inventory.selection import Selection
from inventory.services.lifecycle import going, preview
from portal import approvals, jobs
from portal.approvals import Done, Kind, Preview
from portal.models import Approval, User
from portal.operations import Problem
from portal.tn import TN

RELEASE: Final = "inventory.release"
LIFECYCLE: Final = "inventory.lifecycle"
LEAVING: Final = "inventory.leaving"
SHOWN: Final = 10
_TEMPLATE: Final = "inventory/_approval_numbers.html"


def ask_release(chosen: Selection, *, actor: User, reason: str, key: str) -> Approval:
    """Ask a second person to give the chosen numbers back.

    Raises as `portal.approvals.ask`, and with a sentence for each number that may not go.
    """
    if problems := _against_release(release_page.read(chosen.numbers)):
        raise jobs.NotAccepted(problems)
    return approvals.ask(
        RELEASE,
        actor=actor,
        title=f"Give back {chosen.words}",
        count=chosen.count,
        intent={"numbers": chosen.kept(), "reason": reason},
        key=key,
        reason=reason,
    )


def ask_verb(
    verb: Verb, chosen: Selection, choice: Choice, *, count: int, actor: User, key: str
) -> Approval:
    """Ask a second person to do a verb to the chosen numbers, of which `count` can go."""
    whom = f" to {choice.customer}" if choice.customer else ""
    return approvals.ask(
        LIFECYCLE,
        actor=actor,
        title=f"{verb.button} {_of(count, chosen)}{whom}",
        count=count,
        intent={"numbers": chosen.kept(), "verb": verb.name, "choice": choice.kept()},
        key=key,
        reason=choice.reason,
    )


def ask_leaving(
    feature: Feature, chosen: Selection, *, count: int, actor: User, reason: str, key: str
) -> Approval:
    """Ask a second person to let the chosen numbers, of which `count` can go, leave for good."""
    return approvals.ask(
        LEAVING,
        actor=actor,
        title=f"{feature.label}: {_of(count, chosen)}",
        count=count,
        intent={"numbers": chosen.kept(), "feature": feature.name, "reason": reason},
        key=key,
        reason=reason,
    )


def _of(count: int, chosen: Selection) -> str:
    """Return the words of a choice of which some stay."""
    return chosen.words if count == chosen.count else f"{count:,} of {chosen.words}"


def _preview_leaving(approval: Approval) -> Preview:
    chosen, feature, plans = _leaving(approval)
    count = sum(entry.change_count for entry in plans)
    problems = _moved_on(chosen)
    if not problems and count != approval.count:
        problems = [_other_count(approval, count)]
    leaving = [change.number for entry in plans for change in entry.changes]
    stays = Counter(blocked.reason for entry in plans for blocked in entry.blocked)
    refusals = [{"count": n, "words": f"staying: {why}"} for why, n in stays.items()]
    facts = [("Do", f"{feature.label}. {feature.no_undo}")]
    shown = {"numbers": leaving[:SHOWN], "shown_of": count, "refusals": refusals}
    return _preview(chosen, facts, shown, problems)


def _let_leave(approval: Approval) -> Done:
    _, feature, plans = _leaving(approval)
    job = feature_changes.submit(
        feature,
        plans,
        actor=approval.asked_by,
        key=f"{approval.key}:leave",
        reason=_reason(approval),
        marks={"approval": approval.pk},
    )
    return Done(words=f"{approval.count:,} numbers are leaving, by job {job.pk}.")


def _leaving(approval: Approval) -> tuple[Selection, Feature, list[AccountPlan]]:
    chosen = _chosen(approval, feature_changes.LEAVING_LIMIT)
    feature = features.get(approval.intent["feature"])
    return chosen, feature, feature_changes.plan(feature, dict.fromkeys(chosen.tns(), "true"))


def _preview_release(approval: Approval) -> Preview:
    chosen = _chosen(approval, release_page.LIMIT)
    numbers = release_page.read(chosen.numbers)
    places = Counter(number.account.name for number in numbers)
    facts = [("At", ", ".join(f"{name}: {n:,}" for name, n in places.items()))]
    shown = {"numbers": numbers[:SHOWN], "shown_of": len(numbers)}
    return _preview(chosen, facts, shown, [*_moved_on(chosen), *_against_release(numbers)])


def _against_release(numbers: list[TelephoneNumber]) -> list[Problem]:
    return operations.ReleaseTNs().check(
        actor=None, account=None, params={}, targets=[number.tn for number in numbers]
    )


def _release(approval: Approval) -> Done:
    numbers = release_page.read(_chosen(approval, release_page.LIMIT).numbers)
    submitted = operations.release(
        numbers,
        actor=approval.asked_by,
        reason=_reason(approval),
        key=approval.key,
        approval=approval,
    )
    words = "one job" if len(submitted) == 1 else f"{len(submitted)} jobs, one for each account"
    return Done(words=f"{len(numbers):,} numbers are being given back, by {words}.")


def _preview_verb(approval: Approval) -> Preview:
    chosen = _chosen(approval, selection.LIMIT)
    verb, choice = _verb(approval)
    seen = preview(verb, chosen.numbers, choice)
    problems = _moved_on(chosen)
    if not problems and seen.going != approval.count:
        problems = [_other_count(approval, seen.going)]
    rows = going(verb, chosen.numbers, choice).select_related("account", "customer")
    shown = {"numbers": rows[:SHOWN], "shown_of": seen.going, "refusals": seen.refusals}
    return _preview(chosen, _facts(verb, choice), shown, problems)


def _do_verb(approval: Approval) -> Done:
    verb, choice = _verb(approval, reason=_reason(approval))
    chosen = _chosen(approval, selection.LIMIT)
    if walks.is_large(chosen):
        return _do_by_job(approval, chosen)
    numbers: QuerySet[TelephoneNumber] = chosen.numbers
    try:
        count, job = taking_over.carry_out(
            verb, numbers, choice, actor=approval.asked_by, approval=approval
        )
    except services.IllegalMove as error:
        raise jobs.NotAccepted([Problem(message=f"{error} Nothing was changed.")]) from error
    if count != approval.count:  # the caller's transaction takes it back
        raise jobs.NotAccepted([_other_count(approval, count)])
    done = done_by(verb, choice)
    gone = taking_over.labels(choice.take_off)
    taken = f" Taken off by job {job.pk}: {gone}." if job else ""
    return Done(words=f"{count:,} numbers are {done}.{taken}")


def _do_by_job(approval: Approval, chosen: Selection) -> Done:
    """Have very many numbers done by a job, which looks at the choice once more when it begins."""
    kept = {"verb": approval.intent["verb"], "approval": approval.pk}
    _, choice = _verb(approval, reason=_reason(approval))
    job = jobs.submit(
        operations.MoveMany.kind,
        actor=approval.asked_by,
        params=kept | {"choice": choice.kept()} | walks.facts(chosen),
        key=f"{approval.key}:walk",
    )
    return Done(words=f"{approval.count:,} numbers are gone through by job {job.pk}.")


def _chosen(approval: Approval, limit: int) -> Selection:
    return selection.again(approval.intent["numbers"], approval.asked_by, limit=limit)


def _verb(approval: Approval, **changes: Any) -> tuple[Verb, Choice]:
    kept = approval.intent["choice"] | changes
    return VERBS[approval.intent["verb"]], Choice.again(kept)


def _reason(approval: Approval) -> str:
    """Return why it was asked for and who approved it: the timeline of each number tells both."""
    approved = f"Approved by {approval.decided_by}."
    return f"{approval.reason.rstrip('.')}. {approved}" if approval.reason else approved


def _moved_on(chosen: Selection) -> list[Problem]:
    if not chosen.has_changed:
        return []
    advice = "Refuse it, so that it is looked at and asked for anew."
    message = f"Other numbers fit now than were looked at: {chosen.count:,} of them."
    return [Problem(message=message, advice=advice)]


def _other_count(approval: Approval, count: int) -> Problem:
    return Problem(
        message=f"It was asked for {approval.count:,} numbers, and {count:,} could go now.",
        advice="Wait for what stands against the others, or refuse it.",
    )


def _facts(verb: Verb, choice: Choice) -> list[tuple[str, str]]:
    """Return what was chosen, in words."""
    facts = [("Do", verb.title)]
    if choice.customer:
        facts.append(("To", str(choice.customer)))
    if choice.e911:
        words = Assignment.E911(choice.e911).label
        facts.append(("E911", f"{words}: {choice.e911_reason}" if choice.e911_reason else words))
    if choice.take_off:
        facts.append(("Taken off", taking_over.labels(choice.take_off)))
    if choice.until:
        facts.append(("Last day", f"{choice.until:%b %-d, %Y}"))
        facts.append(("Afterwards", TelephoneNumber.AfterAging(choice.after).label))
    return facts


def _asked(approval: Approval) -> list[tuple[str, str]]:
    """Return what was asked for, as it was then; numbers by name where they were ticked."""
    facts = _facts(*_verb(approval)) if "verb" in approval.intent else []
    tns = approval.intent["numbers"].get("tns", [])
    if tns:
        more = f" and {len(tns) - SHOWN:,} more" if len(tns) > SHOWN else ""
        facts.insert(0, ("Which", ", ".join(TN(tn).pretty for tn in tns[:SHOWN]) + more))
    return facts


def _preview(
    chosen: Selection, facts: list[tuple[str, str]], shown: dict[str, Any], problems: list[Problem]
) -> Preview:
    listed = chosen.is_all and not chosen.has_changed
    context = {
        "facts": [("Which", chosen.words[:1].upper() + chosen.words[1:]), *facts],
        "list_url": f"{reverse('inventory:tn-list')}?{chosen.query}" if listed else "",
        **shown,
    }
    return Preview(template=_TEMPLATE, context=context, problems=problems)


def register() -> None:
    """Make what needs a second person known to the platform."""
    approvals.register(
        Kind(
            name=RELEASE,
            label="Give back numbers",
            permission="inventory.release_telephonenumber",
            preview=_preview_release,
            carry_out=_release,
            asked=_asked,
            is_final=True,
        ),
        Kind(
            name=LIFECYCLE,
            label="Move or set aside numbers",
            permission="inventory.assign_telephonenumber",
            preview=_preview_verb,
            carry_out=_do_verb,
            asked=_asked,
        ),
        Kind(
            name=LEAVING,
            label="Let numbers leave the account",
            permission="inventory.configure_telephonenumber",
            preview=_preview_leaving,
            carry_out=_let_leave,
            asked=_asked,
            is_final=True,
        ),
    )
