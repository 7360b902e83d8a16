"""Submitting a port: once, at a price that was accepted; a lost answer is settled by looking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from portal import jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.porting import AfterPort, NameType, PortReceipt, PortRecord, PortRequest
from portal.tn import TN
from porting import services
from porting.models import PortLine, PortOrder
from porting.operations.base import refused
from porting.operations.checking import answer, valid_until
from porting.services import preflights
from porting.services.moving import GUARDS

SPARE: Final = timedelta(minutes=5)  # an answer that lapses sooner is asked for again
CLOCKS_APART: Final = timedelta(minutes=10)
# So long after the request a list without the port means that it was not submitted. A person
# submits it again then: what costs money is not sent twice on a list that may lag.
LISTED_AFTER: Final = timedelta(minutes=10)
NOT_SUBMITTED: Final = "not_submitted"


@register
class SubmitPort(Operation):
    """Hand an order to its provider, all numbers in one request; charged at once.

    Not idempotent. The answers “can be ported” are renewed right before where they are about to
    lapse. After a lost answer the provider's list is searched for a port with the same numbers.
    """

    kind, permission = "porting.submit", "porting.submit_portorder"
    capability, is_write = "port_submission", True
    also_uses = ("portability_check", "port_list", "port_read")
    queue = "interactive"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which order is submitted."""
        count = f"{len(items):,} number{'s' if len(items) != 1 else ''}"
        return f"Port {params['order']}: submit {count}"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the order: it is submitted once."""
        return f"port:{params['order']}"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return everything that stands against it; nobody is asked."""
        order = PortOrder.objects.filter(pk=params["order"]).select_related("account").first()
        if order is None:
            return [Problem(message="The order is gone. Nothing was sent.")]
        if order.state != PortOrder.State.READY or order.provider_ref:
            label = order.get_state_display()
            return [Problem(message=f"{order} is “{label}”. Nothing was sent.")]
        found = [*services.missing(order), *filter(None, (GUARDS["portable"](order),))]
        if job is None and account is not None and (words := _takes_nothing(account)):
            found.append(words)
        tns = set(order.lines.active().values_list("tn", flat=True))
        if tns != set(targets):
            found.append("The numbers of the order have changed.")
        return [Problem(message=f"{words} Nothing was sent.") for words in found]

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Renew what lapses, then submit."""
        order = PortOrder.objects.get(pk=run.job.params["order"])
        stopped = self._renew(provider, run, order)
        if stopped:
            yield from (refused(tn, stopped) for tn in part.tns)
            return
        try:
            receipt = provider.submit_port(request_of(order))
        except ValueError as error:
            words = f"It cannot be sent like this: {error}. Nothing was submitted."
            yield from (refused(tn, words, code="unsendable") for tn in part.tns)
            return
        for tn in part.tns:
            yield _submitted(tn, receipt)

    def _renew(self, provider: Any, run: Any, order: PortOrder) -> str:
        """Ask again about numbers whose “can be ported” is about to lapse; return what stops it."""
        late = timezone.now() + SPARE
        for line in order.lines.active().order_by("tn"):
            if line.valid_until is not None and line.valid_until > late:
                continue
            told = provider.check_portability(TN(line.tn))
            preflights.note_answer(line, answer(told, until=valid_until(run.account.slug)))
            line.save()
            run.has_progress = True
            if not told.is_portable:
                reason = f": {told.reason}" if told.reason else ""
                return f"{line} cannot be ported any more{reason}. Nothing was submitted."
        preflights.refresh_validity(order)
        return ""

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Move the order on, with what the receipt told; or say why it stays."""
        order = PortOrder.objects.select_for_update().get(pk=run.job.params["order"])
        item = items[0]
        if item.status != JobItem.Status.SUCCEEDED:
            services.record_event(
                order,
                source="provider" if item.status == JobItem.Status.REFUSED else "system",
                text=f"Not submitted: {item.message}",
                job=run.job,
                is_for_customer=False,
            )
            return
        told = item.after.get("values", {})
        services.move(
            order,
            PortOrder.State.SUBMITTED,
            actor=run.job.actor,
            job=run.job,
            reason=told.get("message", ""),
            provider_ref=item.provider_ref,
            ticket_ref=told.get("ticket", "")[:32],
            letter_url=told.get("letter_url", "")[:300],
            tracking_url=told.get("tracking_url", "")[:300],
        )

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Look for a port with the same numbers that the provider lists and we do not know."""
        since = (run.job.started_at or run.job.created_at) - CLOCKS_APART
        found = find_port(provider, run.account, {TN(item.target) for item in items}, since)
        for item in items:
            yield _judge(item, found, run.job)


def find_port(
    provider: Any, account: ProviderAccount, tns: set[TN], since: Any
) -> PortRecord | None:
    """Return the port at a provider that has exactly these numbers, is new, and no order of ours."""
    known = set(
        PortOrder.objects.filter(account=account)
        .exclude(provider_ref="")
        .values_list("provider_ref", flat=True)
    )
    for listed in list(provider.list_ports()):
        if listed.ref in known or (listed.submitted_at and listed.submitted_at < since):
            continue
        port = listed if listed.numbers else provider.port(listed.ref)
        if port is not None and {number.tn for number in port.numbers} == tns:
            return port
    return None


def _judge(item: JobItem, found: PortRecord | None, job: Job) -> Answer:
    tn = TN(item.target)
    if found is not None:
        receipt = PortReceipt(
            ref=found.ref, tracking_url=found.support_url, message="Found in the provider’s list."
        )
        return Answer(item=item, verdict="done", outcome=_submitted(tn, receipt))
    sent = job.exchanges.filter(is_write=True).order_by("-sent_at").first()
    if sent is not None and timezone.now() - sent.sent_at < LISTED_AFTER:
        words = "The provider does not list it yet; it is looked for again."
        return Answer(item=item, verdict="unclear", words=words)
    words = "Asked the provider: it lists no port with these numbers, so it was not submitted."
    outcome = refused(
        tn, words, code=NOT_SUBMITTED, advice="Look at the provider’s page, then submit it again."
    )
    return Answer(item=item, verdict="refused", outcome=outcome)


def _submitted(tn: TN, receipt: PortReceipt) -> ItemOutcome:
    values = {
        "ticket": receipt.ticket_ref,
        "letter_url": receipt.letter_url,
        "tracking_url": receipt.tracking_url,
        "message": receipt.message,
    }
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.SUCCEEDED,
        provider_ref=receipt.ref,
        message=receipt.message[:300] or "Submitted.",
        values={name: text for name, text in values.items() if text},
    )


def request_of(order: PortOrder) -> PortRequest:
    """Return an order as an adapter takes it; toll-free and geographic numbers are never together."""
    lines = list(order.lines.active().order_by("tn").select_related("order"))
    return PortRequest(
        tns=tuple(TN(line.tn) for line in lines),
        name=order.name,
        name_type=NameType(order.name_type),
        authorized_person=order.authorized_person,
        billing_tn=TN(order.billing_tn),
        account_number=order.account_number or "",
        pin=order.pin or "",
        street_number=order.street_number,
        street_prefix=order.street_prefix,
        street=order.street,
        street_type=order.street_type,
        street_suffix=order.street_suffix,
        building=order.building,
        floor=order.floor,
        room=order.room,
        unit=order.unit,
        city=order.city,
        state=order.region,
        zip=order.zip,
        country=order.country,
        desired_date=order.desired_date,
        after={TN(line.tn): after for line in lines if (after := _after(line)) is not None},
    )


def _after(line: PortLine) -> AfterPort | None:
    after = AfterPort(
        route_ref=line.wanted_route,
        caller_name=line.wanted_caller_name,
        campaign_ref=line.wanted_campaign,
    )
    return after if after != AfterPort() else None


def _takes_nothing(account: ProviderAccount) -> str:
    if not account.is_enabled:
        return f"{account} is switched off."
    if account.paused_at:
        return f"Calls to {account} are paused: {account.pause_reason or 'by an administrator'}."
    return ""


@transaction.atomic
def submit(order: PortOrder, *, actor: User, key: str, price_total: Decimal | None) -> Job:
    """Accept the price and submit an order that is ready; return the job.

    The same key returns the same job, and an order has one open submission. Raises
    `portal.jobs.NotAccepted` with everything that stands against it, also a price that is another
    one by now; nothing is recorded then.
    """
    if known := Job.objects.filter(key=key, actor=actor).first():
        return known
    row = (
        PortOrder.objects.select_for_update(of=("self",)).select_related("account").get(pk=order.pk)
    )
    if row.submit_job is not None and row.submit_job.is_open:
        return row.submit_job
    row.price_total = row.price_of(row.lines.active().count())
    if row.price_total != price_total:
        message = f"The price is ${row.price_total or 0:,.2f} now. Nothing was sent; look again."
        raise jobs.NotAccepted([Problem(message=message)])
    row.price_accepted_at = timezone.now()
    lines = row.lines.active().order_by("tn")
    lines.update(price=row.price_per_number)
    row.submit_job = jobs.submit(
        SubmitPort.kind,
        actor=actor,
        account=row.account,
        params={"order": row.pk, "price": str(row.price_total)},
        items=[Item(target=line.tn) for line in lines],
        key=key,
    )
    row.save(update_fields=["price_total", "price_accepted_at", "submit_job", "updated_at"])
    order.refresh_from_db()
    return row.submit_job
