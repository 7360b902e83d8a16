"""Giving an address to numbers: which numbers, what the form begins with, what each check shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import QueryDict

from e911 import services, side_by_side
from e911.addresses import CALLER_NAME_LENGTH, PART_NAMES, parts_of
from e911.forms.locations import LocationForm
from e911.forms.records import address_of
from e911.models import AddressCheck, EmergencyRecord, Location
from e911.side_by_side import Line
from inventory.models import TelephoneNumber
from portal import providers
from portal.models import Customer, Job, ProviderAccount, User
from portal.tn import TN, TOLL_FREE_NPAS

LIMIT: Final = 100
LACKING: Final = "911 cannot be set on it."
# What a customer confirms, word for word; it is kept with the address.
LEGAL_TEXT: Final = (
    "I confirm that this is the place where the telephone is used, that help will be sent there "
    "when 911 is dialled from the number, and that I will correct the address before the telephone "
    "is used anywhere else."
)
# The field of the form that a provider blames → the line of the address that holds it, its words.
_BLAMED: Final = {"house_number": "address1", "street": "address1", "unit": "address2"}
_FIELD_WORDS: Final = {
    "house_number": "house number",
    "street": "street",
    "unit": "unit",
    "city": "city",
    "region": "state",
    "zip": "ZIP code",
    "caller_name": "caller name",
}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The numbers that an address is for; nothing may be checked while `problem` says why not."""

    numbers: tuple[TelephoneNumber, ...] = ()
    left_out: tuple[tuple[TelephoneNumber, str], ...] = ()  # with the reason
    problem: str = ""

    @property
    def customer(self) -> Customer | None:
        """Whose numbers these are."""
        return self.numbers[0].customer if self.numbers else None

    @property
    def tns(self) -> str:
        """The numbers as the form carries them."""
        return " ".join(number.tn for number in self.numbers)

    @property
    def words(self) -> str:
        """The numbers in words."""
        return str(self.numbers[0]) if len(self.numbers) == 1 else f"{len(self.numbers)} numbers"

    @property
    def by_account(self) -> dict[ProviderAccount, list[TelephoneNumber]]:
        """The numbers of each account: each provider checks the address for itself."""
        found: dict[ProviderAccount, list[TelephoneNumber]] = {}
        for number in self.numbers:
            found.setdefault(number.account, []).append(number)
        return found


def chosen(user: User, values: QueryDict) -> Chosen:
    """Return the numbers that ``tn`` or ``tns`` name, as far as the user may see them."""
    asked = list(dict.fromkeys([*values.getlist("tn"), *values.get("tns", "").split()]))
    if len(asked) > LIMIT:
        return Chosen(problem=f"These are more than {LIMIT} numbers. Do it in parts.")
    rows = TelephoneNumber.objects.visible_to(user).select_related("account", "customer")
    found = list(rows.filter(tn__in=[tn for tn in asked if _is_e164(tn)]).order_by("tn"))
    if not found:
        return Chosen(problem="No number was chosen.")
    if len({number.customer_id for number in found}) > 1:
        return Chosen(
            problem="These numbers belong to several customers. An address is given to the numbers "
            "of one customer at a time."
        )
    going, staying = [], []
    for number in found:
        if why := why_not(number):
            staying.append((number, why))
        else:
            going.append(number)
    problem = "" if going else "None of these numbers can have an E911 address."
    return Chosen(numbers=tuple(going), left_out=tuple(staying), problem=problem)


def why_not(number: TelephoneNumber) -> str:
    """Return why a number cannot be given an address, as a sentence; "" where it can."""
    if why := why_never(number.tn, number.account.slug):
        return why
    if number.state in TelephoneNumber.GONE:
        return f"It is “{number.get_state_display()}”. {LACKING}"
    return ""


def why_never(tn: str, slug: str) -> str:
    """Return why numbers like this at such a provider have no 911; "" where they can."""
    value = TN(tn)
    if not value.is_nanp or value.is_toll_free:
        return f"People do not call out from a number like this. {LACKING}"
    if not providers.offers(slug, "e911_records"):
        return f"{providers.provider_class(slug).name} does no 911."
    return ""


def never() -> Q:
    """Return the condition under which a standing's number can have no 911: see `why_never`."""
    found = ~Q(account__slug__in=providers.offering("e911_records")) | ~Q(tn__startswith="+1")
    for npa in sorted(TOLL_FREE_NPAS):
        found |= Q(tn__startswith=f"+1{npa}")
    return found


def _is_e164(text: str) -> bool:
    return text.startswith("+") and text[1:].isdecimal() and text.isascii()


def places_of(found: Chosen) -> QuerySet[Location]:
    """Return the saved places that these numbers may be given: their customer's, and our own."""
    own = Q(customer=found.customer) if found.customer else Q(customer=None)
    return Location.objects.active().filter(own).order_by("name")


def begin_with(found: Chosen, user: User, values: QueryDict) -> dict[str, Any]:
    """Return what the form begins with: a check to correct, a place, else what is typed already."""
    if check := _by_id(AddressCheck.objects.visible_to(user), values.get("check", "")):
        return address_of(check)
    if place := _by_id(places_of(found), values.get("place", "")):
        return {**address_of(place), "place": place.pk}
    if len(found.numbers) != 1:
        return {}
    number = found.numbers[0]
    records = EmergencyRecord.objects.visible_to(user).primary()
    record = records.filter(tn=number.tn).select_related("location").first()
    if record is None:
        return {"caller_name": str(number.customer or "")[:CALLER_NAME_LENGTH]}
    if record.street or not record.accepted:
        return {**address_of(record), "place": record.location_id}
    return _taken_apart(record)


def _taken_apart(record: EmergencyRecord) -> dict[str, Any]:
    """Return an address that came from the provider as the form's values."""
    parts = parts_of(record.accepted)
    typed = {name: getattr(parts, name) for name in PART_NAMES}
    return {**typed, "caller_name": record.accepted_caller_name[:CALLER_NAME_LENGTH]}


def _by_id(rows: Any, text: str) -> Any:
    is_id = text.isascii() and text.isdigit() and len(text) < 19
    return rows.filter(pk=int(text)).first() if is_id else None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One check as its page shows it."""

    check: AddressCheck
    lines: list[Line] = field(default_factory=list)
    numbers: tuple[TelephoneNumber, ...] = ()
    changing: tuple[EmergencyRecord, ...] = ()  # numbers with an address that is live now

    @property
    def job(self) -> Job | None:
        """The job that asks."""
        return self.check.job

    @property
    def is_polled(self) -> bool:
        """Whether the answer is still to come."""
        is_pending = self.check.verdict == AddressCheck.Verdict.PENDING
        return is_pending and self.job is not None and self.job.is_polled

    @property
    def is_stuck(self) -> bool:
        """Whether the job ended, or needs a person, without an answer."""
        is_pending = self.check.verdict == AddressCheck.Verdict.PENDING
        return is_pending and (self.job is None or not self.job.is_polled)

    @property
    def why(self) -> str:
        """Why there is no answer, as far as it is known."""
        return self.check.message or (self.job.reason if self.job else "")

    @property
    def wrong(self) -> tuple[str, ...]:
        """The parts that a refusal blames, as `lines` names them."""
        if self.check.verdict != AddressCheck.Verdict.INVALID or not self.check.wrong_part:
            return ()
        return (_BLAMED.get(self.check.wrong_part, self.check.wrong_part),)

    @property
    def wrong_label(self) -> str:
        """The field that a refusal blames, as the form calls it."""
        return _FIELD_WORDS.get(self.check.wrong_part, "") if self.wrong else ""

    @property
    def is_waiting(self) -> bool:
        """Whether it is a correction that nobody has accepted yet."""
        return self.check.verdict == AddressCheck.Verdict.SUGGESTED and not self.is_accepted

    @property
    def is_accepted(self) -> bool:
        """Whether a person accepted exactly this text."""
        return self.check.accepted_at is not None


def shown(checks: Sequence[AddressCheck], user: User) -> list[Shown]:
    """Return checks as their page shows them."""
    return [_shown(check, user) for check in checks]


def _shown(check: AddressCheck, user: User) -> Shown:
    numbers = TelephoneNumber.objects.visible_to(user).filter(tn__in=check.tns).order_by("tn")
    live = EmergencyRecord.objects.visible_to(user).filter(
        account=check.account, tn__in=check.tns, state__in=EmergencyRecord.LIVE
    )
    return Shown(
        check=check,
        lines=side_by_side.compare(side_by_side.told(check.lines), side_by_side.told(check.result)),
        numbers=tuple(numbers.select_related("account", "customer")),
        changing=tuple(live.order_by("tn")),
    )


def keep_place(form: Any, found: Chosen, *, actor: User) -> Location | None:
    """Keep the form's address as a place where it asks for that; return the place."""
    name = form.cleaned_data.get("keep_as")
    if not name:
        return form.location
    values = {**form.cleaned_data, "name": name, "customer": getattr(found.customer, "pk", "")}
    made = LocationForm(values, user=actor)
    if not made.is_valid():
        return form.location
    return services.save_location(made, actor=actor)
