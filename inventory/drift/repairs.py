"""The repairs: what each is called, which differences it is for, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Repair:
    """One way to end a difference."""

    name: str
    label: str  # of a button
    deed: str  # in a sentence: "3 differences …"
    effect: str
    kinds: tuple[str, ...]
    heading: str = ""  # of its page, where the label will not do
    needs_reason: bool = False
    needs_day: bool = False
    noun: str = "difference"  # what is counted when it was done

    @property
    def button(self) -> str:
        """The label of the button that does it at last."""
        return self.label.removesuffix("…")


REPAIRS: Final[dict[str, Repair]] = {
    repair.name: repair
    for repair in (
        Repair(
            name="push",
            label="Push ours",
            heading="Push our value",
            deed="are being set to our value",
            effect="Our value is sent to the provider, as a job.",
            kinds=("value",),
        ),
        Repair(
            name="adopt",
            label="Adopt theirs",
            heading="Adopt the provider’s value",
            deed="took over the provider’s value",
            effect="The provider’s value becomes ours. Nothing is sent.",
            kinds=("value",),
        ),
        Repair(
            name="import",
            label="Take into stock",
            deed="are in stock now",
            effect="The number comes into our stock; what was filed as lost becomes what it was. "
            "Nothing is sent.",
            kinds=("unknown_here",),
            noun="number",
        ),
        Repair(
            name="ported_out",
            label="Mark ported out",
            deed="are marked as ported out",
            effect="The number is filed as gone to another carrier, and its customer loses it. "
            "Nothing is sent.",
            kinds=("missing",),
            noun="number",
            needs_reason=True,
        ),
        Repair(
            name="released",
            label="Mark given back…",
            heading="Mark as given back",
            deed="are marked as given back",
            effect="For what was given back at the provider itself. The number is filed as gone, and its "
            "customer loses it; it stands in the disconnect report. Nothing is sent.",
            kinds=("missing",),
            noun="number",
            needs_reason=True,
        ),
        Repair(
            name="lost",
            label="File as lost…",
            heading="File as lost",
            deed="are filed as lost",
            effect="For what is gone and nobody knows why. Who had it and what it was stays on record: "
            "if the provider lists it again, it becomes that again. Nothing is sent.",
            kinds=("missing",),
            noun="number",
            needs_reason=True,
        ),
        Repair(
            name="move",
            label="Move here",
            heading="Move to the account that lists it",
            deed="are filed at the account that lists them",
            effect="The number is filed at the account of this difference, with what that tells, and "
            "keeps customer and state. Its former account must no longer list it. Nothing is sent.",
            kinds=("also_listed",),
            noun="number",
            needs_reason=True,
        ),
        Repair(
            name="ignore",
            label="Ignore…",
            heading="Ignore until a day",
            deed="are ignored until then",
            effect="It is shown again on that day, or as soon as the value changes.",
            kinds=("value", "unknown_here", "missing", "also_listed"),
            needs_reason=True,
            needs_day=True,
        ),
        Repair(
            name="open",
            label="Ignore no longer",
            deed="are open again",
            effect="It is shown with the open ones again.",
            kinds=("value", "unknown_here", "missing", "also_listed"),
        ),
    )
}
