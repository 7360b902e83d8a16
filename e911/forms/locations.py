"""Forms of saved places: the place itself, and moving every number of it to another address."""

from __future__ import annotations

from typing import Any

from django import forms

from e911.addresses import PART_NAMES
from e911.forms.address import AddressForm
from e911.models import Location
from portal.models import Customer, User

TYPED = (*PART_NAMES, "caller_name", "is_multi_unit")


class LocationForm(AddressForm):
    """A saved place: its name, whose it is, and the address."""

    name = forms.CharField(
        label="Name of the place", max_length=80, help_text="Such as “Main office” or “Dock 4”."
    )
    customer = forms.ModelChoiceField(
        label="Customer",
        queryset=Customer.objects.none(),
        required=False,
        empty_label="Our own",
        help_text="Only numbers of this customer can be given the place.",
    )
    is_multi_unit = forms.BooleanField(
        label="Several businesses or homes share the building",
        required=False,
        help_text="A unit, floor or room is needed then, or nobody is found.",
    )

    field_order = ("name", "customer", "caller_name")

    def __init__(
        self, *args: Any, user: User, instance: Location | None = None, **kwargs: Any
    ) -> None:
        self.user, self.instance = user, instance or Location()
        if instance is not None:
            kept = {name: getattr(instance, name) for name in (*TYPED, "name")}
            kwargs["initial"] = kept | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        if not user.is_staff_role or instance is not None:
            del self.fields["customer"]  # a place keeps its owner: others' numbers may use it
        else:
            choices: Any = self.fields["customer"]
            choices.queryset = Customer.objects.visible_to(user).filter(is_active=True)

    @property
    def owner(self) -> Customer | None:
        """Whose place it is; only for a valid form."""
        if self.instance.pk is not None:
            return self.instance.customer
        return self.cleaned_data["customer"] if self.user.is_staff_role else self.user.customer

    def save(self) -> Location:
        """Save the place; `services.save_location` audits it."""
        place = self.instance
        place.customer = self.owner
        for name in (*TYPED, "name"):
            setattr(place, name, self.cleaned_data[name])
        place.save()
        return place

    def clean(self) -> dict[str, Any]:
        """Refuse a second place of one name, and a shared building without a unit."""
        answers = super().clean()
        check_unit(self, answers)
        if "name" in answers and ("customer" in answers or "customer" not in self.fields):
            owner = self.owner
            same = Location.objects.active().filter(customer=owner, name=answers["name"])
            same = same.exclude(pk=self.instance.pk)
            if same.exists():
                self.add_error("name", "There is a place of this name already.")
        return answers


def check_unit(form: AddressForm, answers: dict[str, Any]) -> None:
    """Ask for a unit where the building has several."""
    if answers.get("is_multi_unit") and not any(
        answers.get(name) for name in ("unit", "building", "floor", "room")
    ):
        form.add_error("unit", "Say where in the building: unit, building, floor or room.")
