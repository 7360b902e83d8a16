"""What closes gaps, for one number or many: each deed with the buckets that it is offered for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms
from django.db import transaction

from e911 import operations, services
from e911.forms.records import AlertForm, CallTestForm, ReasonForm
from e911.models import EmergencyRecord, Standing
from inventory.models import TelephoneNumber
from portal import jobs, providers
from portal.models import Job, ProviderAccount, User

B = Standing.Bucket
State = EmergencyRecord.State
LIMIT: Final = 2000


@dataclass(frozen=True, kw_only=True)
class Target:
    """One number with the record that it goes by, None where it has none."""

    number: TelephoneNumber
    record: EmergencyRecord | None


@dataclass(kw_only=True)
class Done:
    """What a deed did: for how many numbers, the jobs that do the rest, and why some stayed."""

    count: int = 0
    jobs: list[Job] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)  # sentence → how many

    def refuse(self, sentence: str, count: int = 1) -> None:
        """Count numbers that stay as they are, by the reason."""
        self.refused[sentence] = self.refused.get(sentence, 0) + count


class KeyForm(forms.Form):
    """Nothing to say but yes."""

    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One way to close gaps."""

    name: str
    label: str
    heading: str
    note: str
    button: str
    buckets: tuple[int, ...]
    form: type[forms.Form]
    carry_out: Callable[..., Done]


def _read(targets: Sequence[Target], given: dict[str, Any], actor: User) -> Done:
    return _per_account(
        [target for target in targets if target.record],
        targets,
        lambda records, key: operations.read(records, actor=actor, key=key),
        given,
        "It has no record that could be read.",
    )


def _restore(targets: Sequence[Target], given: dict[str, Any], actor: User) -> Done:
    lost = [t for t in targets if t.record and t.record.is_location_lost]
    return _per_account(
        lost,
        targets,
        lambda records, key: operations.restore(records, actor=actor, key=key),
        given,
        "Its location is not lost.",
    )


def _per_account(
    going: Sequence[Target],
    targets: Sequence[Target],
    submit: Callable[[list[EmergencyRecord], str | None], Job],
    given: dict[str, Any],
    why_not: str,
) -> Done:
    """Submit one job for each account; an account that refuses stays as it is."""
    done = Done()
    if len(going) < len(targets):
        done.refuse(why_not, len(targets) - len(going))
    by_account: dict[ProviderAccount, list[EmergencyRecord]] = {}
    for target in going:
        if target.record is not None:
            by_account.setdefault(target.record.account, []).append(target.record)
    for place, records in enumerate(by_account.values()):
        try:
            key = f"{given['key']}:{place}" if given.get("key") else None
            done.jobs.append(submit(records, key))
        except jobs.NotAccepted as refusal:
            for problem in refusal.problems:
                done.refuse(problem.message)
        else:
            done.count += len(records)
    return done


def _waive(targets: Sequence[Target], given: dict[str, Any], actor: User) -> Done:
    done = Done()
    count, refused = services.mark_not_required(
        [target.number for target in targets], reason=given["reason"], actor=actor
    )
    done.count = count
    for sentence in refused:
        done.refuse(sentence)
    return done


def _require(targets: Sequence[Target], given: dict[str, Any], actor: User) -> Done:
    done = Done()
    with transaction.atomic():
        for target in targets:
            if target.record is None or target.record.state != State.NOT_REQUIRED:
                done.refuse("It needs a record already.")
                continue
            services.mark_required(target.record, actor=actor)
            done.count += 1
    return done


def _log_tests(targets: Sequence[Target], given: dict[str, Any], actor: User) -> Done:
    done = Done()
    with transaction.atomic():
        for target in targets:
            if target.record is None or not target.record.is_live:
                done.refuse("It has no live address that a test could confirm.")
                continue
            services.log_test(target.record, **given, actor=actor)
            done.count += 1
    return done


def _alert(targets: Sequence[Target], given: dict[str, Any], actor: User) -> Done:
    going = [target for target in targets if not _why_no_alert(target)]
    done = _per_account(
        going,
        going,
        lambda records, key: operations.add_alerts(
            records, email=given["email"], actor=actor, key=key
        ),
        given,
        "",
    )
    for target in targets:
        if why := _why_no_alert(target):
            done.refuse(why)
    return done


def _why_no_alert(target: Target) -> str:
    """Return why nobody can be told of 911 calls from a number, as a sentence; "" where he can."""
    slug = target.number.account.slug
    if not providers.offers(slug, "e911_alerts"):
        return providers.provider_class(slug).not_offered.get("e911_alerts", "")
    if target.record is None or not target.record.is_live:
        return "Contacts can be added once an address is live."
    return ""


CHANGE: Final = "e911.change_emergencyrecord"
DEEDS: Final[dict[str, Deed]] = {
    deed.name: deed
    for deed in (
        Deed(
            name="read",
            label="Check again",
            heading="Check what the providers have",
            note="Each number is asked about once. What is active there and is what was accepted "
            "is verified; what differs is shown as a difference.",
            button="Check again",
            buckets=(B.UNCONFIRMED, B.CHANGED, B.VERIFIED, B.LOST, B.INVALID),
            form=KeyForm,
            carry_out=_read,
        ),
        Deed(
            name="restore",
            label="Restore the old addresses",
            heading="Restore the old addresses",
            note="The last valid address of each number is checked and set again.",
            button="Restore",
            buckets=(B.LOST,),
            form=KeyForm,
            carry_out=_restore,
        ),
        Deed(
            name="waive",
            label="No record is needed",
            heading="No 911 record is needed",
            note="Only for numbers from which nobody can call: then nobody can call 911 either.",
            button="No record is needed",
            buckets=(B.NONE, B.INVALID),
            form=ReasonForm,
            carry_out=_waive,
        ),
        Deed(
            name="require",
            label="Needed after all",
            heading="A record is needed after all",
            note="The numbers are shown as gaps again until an address is set.",
            button="A record is needed",
            buckets=(B.NOT_REQUIRED,),
            form=KeyForm,
            carry_out=_require,
        ),
        Deed(
            name="test",
            label="Log tests",
            heading="Log 933 tests",
            note="The same is kept for each number: only if somebody called from every one of them.",
            button="Log the calls",
            buckets=(B.NO_TEST, B.UNCONFIRMED),
            form=CallTestForm,
            carry_out=_log_tests,
        ),
        Deed(
            name="alert",
            label="Add a contact",
            heading="Add somebody who is told of 911 calls",
            note="The provider mails at once when somebody dials 911 from one of the numbers.",
            button="Add the contact",
            buckets=(B.NO_ALERT,),
            form=AlertForm,
            carry_out=_alert,
        ),
    )
}


def offered(bucket: int, user: User) -> list[Deed]:
    """Return the deeds that a user may do to numbers of a bucket."""
    return [deed for deed in DEEDS.values() if bucket in deed.buckets and user.has_perm(CHANGE)]
