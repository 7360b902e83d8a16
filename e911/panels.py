"""What E911 shows on the platform's pages: see `register`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from e911 import gap_page, own_page, set_page
from e911.models import Difference, EmergencyRecord, Location, Standing
from inventory.models import TelephoneNumber
from portal import panels
from portal.listing import capped_count, capped_counts
from portal.models import Customer, Job, User
from portal.panels import Bar, Hit, Hits, JobLink, Panel, Plot, Share, ShareCount, Task, Tile
from portal.tn import TN

NAMED: Final = 5  # alarms that Home names one by one
HITS: Final = 5
TASK_CAP: Final = 1000
B = Standing.Bucket
State = EmergencyRecord.State
GAPS: Final = tuple(b for b in B if b not in {B.NOT_REQUIRED, B.VERIFIED})


def number_panel(number: TelephoneNumber, user: User) -> Panel | None:
    """Return what is known of 911 on a number's page; None for a number that can have none."""
    told = Count("alerts", filter=Q(alerts__state="active"))
    records = EmergencyRecord.objects.visible_to(user).primary().annotate(alert_count=told)
    record = records.filter(number=number).first()
    why = set_page.why_not(number)
    if record is None and (why or number.state not in {"in_service", "suspended"}):
        return None
    return Panel(
        template="e911/_number_panel.html",
        context={
            "number": number,
            "record": record,
            "alerts": record.alert_count if record else 0,
            "can_set": user.has_perm("e911.check_address") and not why,
            "can_restore": user.has_perm("e911.change_emergencyrecord"),
        },
    )


def tasks(user: User) -> Iterator[Task]:
    """Yield what waits: alarms before anything else, then what failed, then what to accept."""
    if not (user.is_staff_role and user.has_perm("e911.view_emergencyrecord")):
        return
    yield from _alarms()
    listed = reverse("e911:record-list")
    lines = (
        (
            Q(state=State.PROVISION_FAILED),
            "911 address{es} that could not be set",
            "The provider refused {it}. See why, and set another.",
            f"{listed}?state=provision_failed",
            "bad",
            6,
        ),
        (
            Q(state=State.INVALID),
            "911 address{es} that {was} refused",
            "The provider does not know the place. Correct {it}.",
            f"{listed}?state=invalid",
            "bad",
            7,
        ),
        (
            Q(state=State.SUGGESTED),
            "corrected 911 address{es} to accept",
            "The provider knows the place in another spelling. Nothing is set until you accept it.",
            f"{listed}?state=suggested",
            "warn",
            8,
        ),
        (
            Q(state=State.ORPHAN),
            "911 record{s} without a number in service",
            "A provider still bills {it}. Take {it} off, or keep {it} on purpose.",
            reverse("e911:orphan-list"),
            "warn",
            45,
        ),
    )
    waiting = [EmergencyRecord.objects.filter(condition) for condition, *_ in lines]
    differing = Difference.objects.filter(status=Difference.Status.OPEN)
    *counts, open_count = capped_counts(*waiting, differing, cap=TASK_CAP)
    for count, (_, title, note, url, tone, weight) in zip(counts, lines, strict=True):
        if count:
            yield _task(count, title, note, url, tone=tone, weight=weight)
    if open_count:
        yield _task(
            open_count,
            "911 record{s} that differ{one} at a provider",
            "Set ours again, or take theirs over.",
            reverse("e911:difference-list"),
            tone="bad",
            weight=9,
        )
    yield from _without()


def _alarms() -> Iterator[Task]:
    """Yield every number whose address is gone at the provider."""
    lost = list(EmergencyRecord.objects.lost().order_by("lost_at")[: NAMED + 1])
    for record in lost[:NAMED]:
        yield Task(
            title=f"911 may not work for {record}",
            note="Its address is gone at the provider. Restore the old one at once.",
            url=record.get_absolute_url(),
            action="Restore",
            tone="bad",
            weight=0,
        )
    if len(lost) > NAMED:
        yield Task(
            title="More numbers whose 911 address is gone",
            url=f"{reverse('e911:gap-report')}?bucket={B.LOST.value}",
            action="All",
            tone="bad",
            weight=0,
        )


def _without() -> Iterator[Task]:
    count = _counts().get(B.NONE.value, 0)
    if count:
        yield _task(
            count,
            "number{s} in service without a 911 address",
            "Nobody knows where to send help.",
            f"{reverse('e911:gap-report')}?bucket={B.NONE.value}",
            tone="bad",
            weight=20,
            action="Close the gaps",
        )


def _task(
    count: int, title: str, note: str, url: str, *, tone: str, weight: int, action: str = "Look"
) -> Task:
    is_one = count == 1
    words = {
        "s": "" if is_one else "s",
        "es": "" if is_one else "es",
        "one": "s" if is_one else "",
        "it": "it" if is_one else "them",
        "was": "was" if is_one else "were",
    }
    shown = f"{TASK_CAP:,}+" if count > TASK_CAP else f"{count:,}"
    return Task(
        title=f"{shown} {title.format(**words)}",
        note=note.format(**words),
        url=url,
        action=action,
        tone=tone,
        weight=weight,
    )


def tiles(user: User) -> Iterator[Tile]:
    """Yield how much of what is in service is in order."""
    if not user.is_staff_role:
        waiting = Standing.objects.visible_to(user).filter(own_page.is_to_do())
        count, is_exact = capped_count(waiting)
        if count:
            url = f"{reverse('e911:own-list')}?only=todo"
            value = f"{count:,}{'' if is_exact else '+'}"
            yield Tile(label="911 addresses to set", value=value, url=url)
        return
    found = _counts()
    if total := sum(found.values()):
        open_count = sum(found[bucket.value] for bucket in GAPS)
        note = f"of {total:,} in service"
        url = reverse("e911:gap-report")
        yield Tile(label="911 gaps", value=f"{open_count:,}", url=url, note=note)


def plots(user: User) -> list[Plot]:
    """Return where the numbers in service stand, for staff."""
    found = _counts() if user.is_staff_role else {}
    total = sum(found.values())
    if not total:
        return []
    address = reverse("e911:gap-report")
    bars = tuple(
        Bar(
            label=str(bucket.label),
            value=found[bucket.value],
            url=f"{address}?bucket={bucket.value}",
        )
        for bucket in B
        if found[bucket.value]
    )
    rows = tuple((bar.label, f"{bar.value:,}", f"{bar.value * 100 / total:.1f} %") for bar in bars)
    head = ("Where it stands", "Numbers", "Share")
    return [Plot(name="e911", title="911 of numbers in service", bars=bars, head=head, rows=rows)]


def customer_share(customer: Customer, user: User) -> Share:
    """Return where the numbers in service of a customer stand."""
    standings = Standing.objects.visible_to(user).filter(customer=customer)
    found = gap_page.counts(lambda: standings, f"customer={customer.pk}")
    address = f"{reverse('e911:gap-report')}?customer={customer.pk}"
    counts = tuple(
        ShareCount(
            label=str(bucket.label),
            tone=gap_page.TONES[bucket],
            value=f"{found[bucket.value]:,}",
            url=f"{address}&bucket={bucket.value}",
        )
        for bucket in B
        if found[bucket.value]
    )
    url = f"{reverse('e911:record-list')}?customer={customer.pk}"
    return Share(title="E911", url=url, counts=counts, empty="It has no number in service.")


def _counts() -> dict[int, int]:
    return gap_page.counts(Standing.objects.all, "")


def search(user: User, text: str) -> Hits:
    """Return records by address or caller name, and saved places by name."""
    text = text.strip()
    if len(text) < 3 or not any(c.isalpha() for c in text):
        return Hits(title="E911")
    records = EmergencyRecord.objects.visible_to(user).matching(text).order_by("tn")
    found = list(records[: HITS + 1])
    places = Location.objects.visible_to(user).active().filter(name__icontains=text)
    hits = [
        Hit(
            title=f"911 of {record}",
            note=f"{record.accepted_caller_name} · {record.accepted}",
            url=record.get_absolute_url(),
        )
        for record in found[:HITS]
    ]
    hits += [
        Hit(
            title=place.name,
            note=f"Saved place · {place.lines}",
            url=reverse("e911:location-detail", args=[place.pk]),
        )
        for place in places.order_by("name")[:HITS]
    ]
    is_cut = len(found) > HITS and user.is_staff_role
    more = f"{reverse('e911:record-list')}?{urlencode({'q': text})}" if is_cut else ""
    return Hits(title="E911", hits=hits, more_url=more)


def job_links(job: Job, user: User) -> Iterator[JobLink]:
    """Yield the way from a job about 911 to the record or the check that it was about."""
    if not job.kind.startswith("e911."):
        return
    if job.kind == "e911.validate":
        if user.has_perm("e911.check_address"):
            ids = [item.partition(":")[2] for item in _targets(job)]
            url = f"{reverse('e911:check-list')}?{'&'.join(f'id={pk}' for pk in ids[:10])}"
            yield JobLink(label="What came back", url=url, icon="map-pin")
        return
    targets = [target for target in _targets(job) if target.startswith("+")]
    if len(targets) == 1 and _may_see(targets[0], user):
        url = reverse("e911:record-detail", args=[targets[0]])
        yield JobLink(label=f"911 of {TN(targets[0]).pretty}", url=url, icon="ambulance")
    elif targets and user.is_staff_role:
        yield JobLink(label="E911 records", url=reverse("e911:record-list"), icon="ambulance")


def _targets(job: Job) -> list[str]:
    return list(job.items.order_by("position").values_list("target", flat=True)[:10])


def _may_see(tn: str, user: User) -> bool:
    numbers: Any = TelephoneNumber.objects.visible_to(user).filter(tn=tn)
    records: Any = EmergencyRecord.objects.visible_to(user).filter(tn=tn)
    return bool(numbers.exists() or records.exists())


def way_to_set(tns: list[str]) -> str:
    """Return the page on which numbers are given an address, as many as it takes at a time."""
    return f"{reverse('e911:record-set')}?{urlencode({'tns': ' '.join(tns[: set_page.LIMIT])})}"


def register() -> None:
    """Make the parts of E911 known to the platform's pages."""
    panels.number_panels.append(number_panel)
    panels.tasks.append(tasks)
    panels.tiles.append(tiles)
    panels.plots.append(plots)
    panels.searches.append(search)
    panels.customer_shares.append(customer_share)
    panels.job_links.append(job_links)
    panels.number_ways["e911.set"] = way_to_set
