"""The addresses that VoIP Innovations keeps for a number: listed, added, made active, forgotten.

These operations are old and stand in no list of the provider any more (voip-innovations.md 2.8);
everything else here does without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils import timezone

from e911 import addresses, answers
from e911.models import AddressCheck, EmergencyRecord, KeptLocation
from e911.models.address import wire
from e911.operations import putting
from e911.operations.provisioning import why_no_check
from e911.operations.putting import Wish
from e911.operations.reading import columns
from e911.services import follow, mirror
from portal import jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.capabilities.e911 import EmergencyLocations
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.e911 import EmergencyRecord as Answered
from portal.providers.errors import ProviderRefused
from portal.tn import TN

CHANGE = "e911.change_emergencyrecord"


def _write(account: ProviderAccount, tn: str, told: Sequence[Answered]) -> None:
    """Write the kept addresses of a number in the place of those that were read before."""
    KeptLocation.objects.filter(account=account, tn=tn).delete()
    KeptLocation.objects.bulk_create(
        (KeptLocation(account=account, **columns(one)) for one in told), ignore_conflicts=True
    )


class _OfNumber(Operation):
    """What all of these have in common: one number, looked at on a page."""

    capability = "e911_locations"
    queue = "interactive"

    def _read(self, provider: Any, run: Any, tn: TN) -> list[Answered]:
        """Ask for the kept addresses, and keep them for `apply`."""
        told: list[Answered] = provider.e911_locations(tn)
        run.scratch["kept"] = told
        return told

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write what is kept now."""
        for item in items:
            if "kept" in run.scratch:
                _write(run.account, item.target, run.scratch["kept"])


@register
class ReadLocations(_OfNumber):
    """Ask which addresses the provider keeps for a number."""

    kind, permission = "e911.read_locations", "e911.refresh_emergencyrecord"
    max_attempts = 3

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return whose addresses are read."""
        return f"Read the kept 911 addresses of {TN(items[0].target).pretty}"

    def call(self, provider: EmergencyLocations, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Ask for them."""
        for tn in part.tns:
            found = self._read(provider, run, tn)
            words = f"{len(found)} addresses are kept."
            yield ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, message=words)


@register
class AddLocation(_OfNumber):
    """Have the provider keep an address that was checked; it is not active by that."""

    kind, permission, is_write = "e911.add_location", CHANGE, True

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which address is kept for which number."""
        return f"Keep {params.get('shown', '')} for {TN(items[0].target).pretty}"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return what stands against the address."""
        check = AddressCheck.objects.filter(pk=params["check"]).first()
        why = why_no_check(check, account, actor)
        return [Problem(message=f"{why} Nothing was sent.")] if why else []

    def call(self, provider: EmergencyLocations, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Add it, and list what is kept."""
        check = AddressCheck.objects.get(pk=run.job.params["check"])
        for tn in part.tns:
            try:
                kept = provider.add_e911_location(
                    tn, address=wire(check.result), caller_name=check.caller_name
                )
            except ValueError as error:
                yield putting.unsendable(tn, error)
                continue
            yield ItemOutcome(
                tn=tn,
                outcome=Outcome.SUCCEEDED,
                message=f"{kept.word} {kept.message}".strip(),
                provider_ref=kept.location_ref,
                values=answers.pack(answers.told_of(kept)),
            )

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write the address beside those that are known."""
        for item in items:
            told = answers.unpack(item.after.get("values", {}))
            if item.status != JobItem.Status.SUCCEEDED or told is None:
                continue
            KeptLocation.objects.update_or_create(
                account=run.account,
                tn=item.target,
                provider_ref=told.location_ref,
                defaults={name: getattr(told.lines, name) for name in addresses.LINE_NAMES}
                | {
                    "caller_name": told.caller_name,
                    "state": told.state,
                    "word": told.word,
                    "message": told.message,
                    "synced_at": timezone.now(),
                },
            )

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Ask whether the address is kept."""
        check = AddressCheck.objects.get(pk=run.job.params["check"])
        wanted = addresses.key(check.result, check.caller_name)
        for item in items:
            tn = TN(item.target)
            told = [answers.told_of(one) for one in provider.e911_locations(tn)]
            found = next((one for one in told if one and one.key == wanted), None)
            if found is None:
                words = "Asked the provider: it is not kept."
                yield Answer(item=item, verdict="not_done", words=words)
                continue
            done = ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, values=answers.pack(found))
            yield Answer(item=item, verdict="done", outcome=done)


@register
class ProvisionLocation(_OfNumber):
    """Make a kept address the active one; who chooses it accepts its text."""

    kind, permission, is_write = "e911.provision_location", CHANGE, True
    also_uses = ("e911_records",)

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which address becomes active on which number."""
        return f"Use {params.get('shown', '')} for {TN(items[0].target).pretty}"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return what stands against it: an address that cannot be active, or is no longer kept."""
        rows = KeptLocation.objects.filter(account=account, tn__in=list(targets))
        kept = rows.filter(provider_ref=params["ref"]).first()
        if kept is None:
            return [Problem(message="The address is no longer kept. Nothing was sent.")]
        if kept.state == KeptLocation.State.INVALID:
            words = "The address was not found on the map. It cannot be active. Nothing was sent."
            return [Problem(message=words)]
        record = EmergencyRecord.objects.filter(account=account, tn__in=list(targets)).first()
        if record is None or record.state in record.OPEN:
            return [Problem(message="Its E911 record is on its way. Nothing was sent.")]
        return []

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Make it active and read back."""
        for item in part.items:
            wish = _wish(run, item.target)
            before = answers.told_of(provider.e911_record(wish.tn))
            putting.remember(item, before)
            outcome = provider.provision_e911_location(
                wish.tn, location_ref=str(run.job.params["ref"])
            )
            yield putting.read_back(provider, wish, outcome, before=before)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Let the record follow what is active; what was chosen is accepted."""
        for item in items:
            values = item.after.get("values", {})
            rows = EmergencyRecord.objects.select_for_update(of=("self",))
            record = (
                rows.select_related("number").filter(account=run.account, tn=item.target).first()
            )
            if record is None or not answers.was_read(values):
                continue
            told = answers.unpack(values)
            mirror.write(run.account, item.target, told)
            is_chosen = told is not None and told.key == _wish(run, item.target).key
            if item.status == JobItem.Status.SUCCEEDED and told and is_chosen:
                record.take_parts(addresses.parts_of(told.lines))
                record.caller_name = told.caller_name[: addresses.CALLER_NAME_LENGTH]
                record.take_accepted(told.lines, told.caller_name)
                record.accepted_by, record.accepted_at = run.job.actor, timezone.now()
                record.provisioned_at = timezone.now()
                record.customer = record.number.customer if record.number else None
            follow.follow(record, told, actor=run.job.actor, job=run.job)
            KeptLocation.objects.filter(account=run.account, tn=item.target).delete()

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Ask what is active."""
        wishes = {item.target: _wish(run, item.target) for item in items}
        return putting.ask_each(provider, items, wishes)


@register
class RemoveLocation(_OfNumber):
    """Have the provider forget a kept address that is not the active one."""

    kind, permission, is_write = "e911.remove_location", CHANGE, True

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which address is forgotten."""
        return f"Forget {params.get('shown', '')} for {TN(items[0].target).pretty}"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return a refusal for the active address: with it 911 would go off."""
        rows = KeptLocation.objects.filter(account=account, tn__in=list(targets))
        kept = rows.filter(provider_ref=params["ref"]).first()
        if kept is not None and kept.is_active:
            words = "It is the active address: 911 would go off. Nothing was sent."
            advice = "Make another address active first, or remove the E911 record."
            return [Problem(message=words, advice=advice)]
        return []

    def call(self, provider: EmergencyLocations, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Look once more that it is not the active one, then have it forgotten."""
        ref = str(run.job.params["ref"])
        for tn in part.tns:
            found = self._read(provider, run, tn)
            if any(one.location_ref == ref and one.is_active for one in found):
                words = "It is the active address now: 911 would go off. Nothing was sent."
                yield ItemOutcome(tn=tn, outcome=Outcome.REFUSED, message=words)
                continue
            outcome = provider.remove_e911_location(tn, location_ref=ref)
            if outcome.outcome is Outcome.SUCCEEDED:
                run.scratch["kept"] = [one for one in found if one.location_ref != ref]
            yield outcome

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Forget it here too."""
        super().apply(run, items)
        for item in items:
            if item.status == JobItem.Status.SUCCEEDED:
                rows = KeptLocation.objects.filter(account=run.account, tn=item.target)
                rows.filter(provider_ref=run.job.params["ref"]).delete()

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Ask whether it is still kept."""
        ref = str(run.job.params["ref"])
        for item in items:
            tn = TN(item.target)
            try:
                found = self._read(provider, run, tn)
            except ProviderRefused as error:
                yield Answer(item=item, verdict="unclear", words=error.message)
                continue
            if any(one.location_ref == ref for one in found):
                words = "Asked the provider: it is still kept."
                yield Answer(item=item, verdict="not_done", words=words)
                continue
            done = ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, message="It is kept no more.")
            yield Answer(item=item, verdict="done", outcome=done)


def _wish(run: Any, tn: str) -> Wish:
    """Return the kept address as the job names it: the row may be gone when it is asked for."""
    told = answers.unpack(run.job.params["kept"])
    if told is None:
        raise ValueError("the job names no address")
    return Wish(tn=TN(tn), lines=told.lines, caller_name=told.caller_name)


def read_locations(record: EmergencyRecord, *, actor: User | None) -> Job:
    """Submit the question which addresses are kept for a number."""
    return _submit(ReadLocations.kind, record.account, record.tn, {}, actor)


def add_location(
    record: EmergencyRecord, check: AddressCheck, *, actor: User | None, key: str | None = None
) -> Job:
    """Submit one more address to be kept for a number."""
    params = {"check": check.pk, "shown": str(check.result)}
    return _submit(AddLocation.kind, record.account, record.tn, params, actor, key)


def provision_location(kept: KeptLocation, *, actor: User | None, key: str | None = None) -> Job:
    """Submit that a kept address becomes the active one."""
    told = answers.Told(lines=kept.lines, caller_name=kept.caller_name, state=kept.state)
    params = {"ref": kept.provider_ref, "shown": str(kept.lines), "kept": answers.pack(told)}
    return _submit(ProvisionLocation.kind, kept.account, kept.tn, params, actor, key)


def remove_location(kept: KeptLocation, *, actor: User | None, key: str | None = None) -> Job:
    """Submit that a kept address is forgotten."""
    params = {"ref": kept.provider_ref, "shown": str(kept.lines)}
    return _submit(RemoveLocation.kind, kept.account, kept.tn, params, actor, key)


def _submit(
    kind: str,
    account: ProviderAccount,
    tn: str,
    params: Mapping[str, Any],
    actor: User | None,
    key: str | None = None,
) -> Job:
    return jobs.submit(
        kind, actor=actor, account=account, params=params, items=[Item(target=tn)], key=key
    )
