"""Looking up caller names, routing and portability of any numbers.

Most lookups are charged. A row is marked as sent before its question leaves, and one whose answer
was lost ends with the code `LOST`: nobody asks it again but a person who knows what it may cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from inventory import lookups
from inventory.lookups import KINDS, LookupKind
from inventory.models import Lookup
from inventory.services import lookups as services_lookups
from inventory.services.lookups import LOST
from portal import audit, jobs, operations, providers
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.capabilities.lookups import NameLookups, RoutingLookups
from portal.providers.capabilities.porting import PortabilityCheck
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import (
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
)
from portal.tn import TN

PART = 20  # numbers between two times at which answers are filed
SERVICE_OFF = "402"  # the service is off, or the balance too low: no number will fare better
LOST_WORDS = "It was asked, and no answer came. The provider may have charged it."
LOST_ADVICE = "Look it up again if you need it; it may be charged a second time."
KNOWN_WORDS = "Known already, so it was not looked up and not paid again."


class LookUp(Operation):
    """Base of the three; `again` among the parameters asks for what is known, too."""

    permission = "inventory.lookup_telephonenumber"
    of: ClassVar[LookupKind]

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return what is looked up."""
        what = TN(items[0].target).pretty if len(items) == 1 else f"{len(items):,} numbers"
        return f"{self.of.label} of {what}"

    def queue_for(self, items: Sequence[Item]) -> str:
        """Return the fast lane for what somebody waits for."""
        return "interactive" if len(items) <= PART else "provider"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return what is no North American number, and why they are too many."""
        problems = [
            Problem(message=f"{target} is no North American number.", target=target)
            for target in targets
            if not TN(target).is_nanp
        ]
        again = bool(params.get("again"))
        open_count = len(targets)
        if not again:
            open_count -= len(services_lookups.known(self.of.name, targets))
        if why := services_lookups.over_budget(self.of, open_count, job=job):
            problems.append(Problem(message=f"{why} Nothing was sent."))
        return problems

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Look the numbers of one part up, one after the other."""
        tns = [item.target for item in part.items]
        again = run.job.params.get("again")
        known = {} if again else services_lookups.known(self.of.name, tns)
        for item in part.items:
            if item.target in known:
                yield ItemOutcome(
                    tn=TN(item.target), outcome=Outcome.SUCCEEDED, message=KNOWN_WORDS
                )
            else:
                yield from self._one(provider, run, item)

    def _one(self, provider: Any, run: Any, item: JobItem) -> Iterator[ItemOutcome]:
        tn = TN(item.target)
        if self.of.is_billed:
            JobItem.objects.filter(pk=item.pk).update(status=JobItem.Status.SENT)
        try:
            answer = self.look_up(provider, tn, run.job.params)
        except ProviderRefused as error:
            yield _refused(tn, error)
            if error.code == SERVICE_OFF:
                raise operations.Stopped(f"{error.message} The rest was not asked.") from error
        except (ProviderTimeout, ProviderProtocolError) as error:
            if self.of.is_billed and self._was_asked(run.account.slug, error.operation):
                yield _lost(tn)
            elif isinstance(error, ProviderTimeout) or self.of.is_billed:
                raise
            else:
                yield _refused(tn, error)
        else:
            yield ItemOutcome(
                tn=tn,
                outcome=Outcome.SUCCEEDED,
                message=self.of.summary(answer)[:500],
                values=answer,
            )

    def _was_asked(self, slug: str, operation: str) -> bool:
        """Return whether a failed call was the lookup, and not the sign-in before it."""
        known = {m.name: m for m in providers.provider_class(slug).methods.values()}
        method = known.get(operation)
        return method is None or self.of.capability in {method.capability, *method.also_serves}

    def look_up(self, provider: Any, tn: TN, params: Mapping[str, Any]) -> dict[str, str]:
        """Return the answer for one number, as it is kept."""
        raise TypeError(f"{type(self).__name__} looks nothing up")

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Keep the answers; they stand in the rows, so that no crash loses what was paid."""
        answers = {
            item.target: item.after["values"]
            for item in items
            if item.status == JobItem.Status.SUCCEEDED and "values" in item.after
        }
        told = run.job.params.get("price")
        cost = Decimal(told) if told is not None else None
        services_lookups.keep(self.of, answers, job=run.job, account=run.account, cost=cost)
        audit.record(
            run.job.actor,
            "inventory.lookup.answered",
            run.job,
            after={"kind": self.of.name, "count": len(answers), "numbers": list(answers)[:20]},
            job=run.job,
        )

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Say of rows without an answer that it is lost; asking would be charged."""
        for item in items:
            yield Answer(item=item, verdict="refused", outcome=_lost(TN(item.target)))


def _lost(tn: TN) -> ItemOutcome:
    return ItemOutcome(
        tn=tn, outcome=Outcome.REFUSED, code=LOST, message=LOST_WORDS, advice=LOST_ADVICE
    )


def _refused(tn: TN, error: ProviderRefused | ProviderProtocolError) -> ItemOutcome:
    return ItemOutcome(tn=tn, outcome=Outcome.REFUSED, code=error.code, message=error.message)


@register
class LookUpNames(LookUp):
    """Look up the caller names that are stored for numbers; charged."""

    kind, capability, of = "inventory.look_up_names", "name_lookups", KINDS[Lookup.Kind.CNAM]

    def look_up(self, provider: NameLookups, tn: TN, params: Mapping[str, Any]) -> dict[str, str]:
        """Return the name."""
        return lookups.name_answer(provider.look_up_name(tn))


@register
class LookUpRouting(LookUp):
    """Look up who serves numbers and where a call goes; charged."""

    kind, capability, of = "inventory.look_up_routing", "routing_lookups", KINDS[Lookup.Kind.LRN]

    def look_up(
        self, provider: RoutingLookups, tn: TN, params: Mapping[str, Any]
    ) -> dict[str, str]:
        """Return carrier, LRN and place, as seen from the caller."""
        caller = TN(params["caller"])
        return lookups.routing_answer(provider.look_up_routing(tn, caller=caller))


@register
class CheckPortability(LookUp):
    """Ask whether numbers can be ported in; free, so it is simply repeated."""

    kind, capability = "inventory.check_portability", "portability_check"
    of = KINDS[Lookup.Kind.PORTABLE]

    def look_up(
        self, provider: PortabilityCheck, tn: TN, params: Mapping[str, Any]
    ) -> dict[str, str]:
        """Return yes or no, and what is told beside it."""
        return lookups.portability_answer(provider.check_portability(tn))


def look_up(
    kind: LookupKind,
    tns: Sequence[str],
    *,
    account: ProviderAccount,
    actor: User,
    key: str | None = None,
    caller: str = "",
    again: bool = False,
) -> Job:
    """Submit a lookup of these numbers at one account; return the job. Raises `NotAccepted`."""
    price = services_lookups.price(kind, account)
    known = set() if again else set(services_lookups.known(kind.name, tns))
    return jobs.submit(
        kind.operation,
        actor=actor,
        account=account,
        params={
            "again": again,
            "caller": caller,
            "price": str(price) if price is not None else None,
        },
        items=[
            Item(target=tn, slice=place // PART, params={"known": tn in known})
            for place, tn in enumerate(tns)
        ],
        key=key,
    )
