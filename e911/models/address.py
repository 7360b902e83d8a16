"""The columns of an address, as typed and as a provider keeps it."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from django.db import models

from e911 import addresses
from e911.addresses import Lines, Parts
from portal.providers.dto.e911 import EmergencyAddress

_zip = RegexValidator(r"^[0-9]{5}\Z", "A ZIP code has five digits.")
_plus4 = RegexValidator(r"^[0-9]{4}\Z", "The second part of a ZIP code has four digits.")
_region = RegexValidator(r"^[A-Z]{2}\Z", "A state has two letters.")


class TypedAddress(models.Model):
    """An address as a person typed it, part by part, with the name that the emergency desk sees."""

    class Direction(models.TextChoices):
        N = "N", "North"
        S = "S", "South"
        E = "E", "East"
        W = "W", "West"
        NE = "NE", "Northeast"
        NW = "NW", "Northwest"
        SE = "SE", "Southeast"
        SW = "SW", "Southwest"

    class UnitType(models.TextChoices):
        APT = "APT", "Apartment"
        STE = "STE", "Suite"
        UNIT = "UNIT", "Unit"
        DEPT = "DEPT", "Department"
        LOT = "LOT", "Lot"
        PH = "PH", "Penthouse"
        SPC = "SPC", "Space"
        STOP = "STOP", "Stop"

    house_number = models.CharField(max_length=12, blank=True)
    pre_direction = models.CharField("direction before", max_length=10, blank=True)
    street = models.CharField("street name", max_length=80, blank=True)
    street_suffix = models.CharField("street suffix", max_length=12, blank=True)
    post_direction = models.CharField("direction after", max_length=10, blank=True)
    unit_type = models.CharField(max_length=12, blank=True)
    unit = models.CharField(max_length=60, blank=True)
    building = models.CharField(max_length=40, blank=True)
    floor = models.CharField(max_length=10, blank=True)
    room = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=60, blank=True)
    region = models.CharField("US state", max_length=2, blank=True, validators=[_region])
    zip = models.CharField("ZIP code", max_length=10, blank=True, validators=[_zip])
    plus4 = models.CharField("ZIP+4", max_length=4, blank=True, validators=[_plus4])
    caller_name = models.CharField(max_length=addresses.CALLER_NAME_LENGTH, blank=True)
    # Several parties live or work there: without a unit nobody is found.
    is_multi_unit = models.BooleanField("several units in the building", default=False)

    class Meta:
        abstract = True

    @property
    def parts(self) -> Parts:
        """The typed address."""
        return Parts(**{name: getattr(self, name) for name in addresses.PART_NAMES})

    @property
    def lines(self) -> Lines:
        """The typed address as providers take it."""
        return self.parts.lines

    @property
    def has_unit(self) -> bool:
        """Whether it says where inside the building help is to go."""
        return self.parts.has_unit

    @property
    def typed_key(self) -> str:
        """What the typed address and caller name have in common with other spellings of them."""
        return addresses.key(self.lines, self.caller_name)

    def take_parts(self, parts: Parts) -> None:
        """Write an address into the columns."""
        for name in addresses.PART_NAMES:
            column: Any = self._meta.get_field(name)
            setattr(self, name, getattr(parts, name)[: column.max_length])


class KeptAddress(models.Model):
    """An address in the lines of a provider. `region` is the US state."""

    address1 = models.CharField(max_length=120, blank=True)
    address2 = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=60, blank=True)
    region = models.CharField("US state", max_length=2, blank=True)
    zip = models.CharField("ZIP code", max_length=10, blank=True)
    plus4 = models.CharField("ZIP+4", max_length=4, blank=True)
    caller_name = models.CharField(max_length=64, blank=True)

    class Meta:
        abstract = True

    @property
    def lines(self) -> Lines:
        """The address."""
        return Lines(**{name: getattr(self, name) for name in addresses.LINE_NAMES})


def wire(lines: Lines) -> EmergencyAddress:
    """Return an address as adapters take it."""
    return EmergencyAddress(
        address1=lines.address1,
        address2=lines.address2,
        city=lines.city,
        state=lines.region,
        zip=lines.zip,
        plus4=lines.plus4,
    )


def lines_of(address: EmergencyAddress) -> Lines:
    """Return an adapter's address as ours; what is longer than the columns is cut."""
    return Lines(
        address1=address.address1.strip()[:120],
        address2=address.address2.strip()[:120],
        city=address.city.strip()[:60],
        region=address.state.strip()[:2],
        zip=address.zip.strip()[:10],
        plus4=address.plus4.strip()[:4],
    )
