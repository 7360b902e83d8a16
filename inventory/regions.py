"""States, territories and provinces of the North American plan, by their two letters."""

from __future__ import annotations

from typing import Final


def _by_letters(text: str) -> dict[str, str]:
    """Return the names of a list such as “AL Alabama, AK Alaska” by their letters."""
    entries = (" ".join(entry.split()) for entry in text.split(","))
    return {entry[:2]: entry[3:] for entry in entries}


US_STATES: Final = _by_letters(
    """
    AL Alabama, AK Alaska, AZ Arizona, AR Arkansas, CA California, CO Colorado,
    CT Connecticut, DE Delaware, DC District of Columbia, FL Florida, GA Georgia, HI Hawaii,
    ID Idaho, IL Illinois, IN Indiana, IA Iowa, KS Kansas, KY Kentucky, LA Louisiana,
    ME Maine, MD Maryland, MA Massachusetts, MI Michigan, MN Minnesota, MS Mississippi,
    MO Missouri, MT Montana, NE Nebraska, NV Nevada, NH New Hampshire, NJ New Jersey,
    NM New Mexico, NY New York, NC North Carolina, ND North Dakota, OH Ohio, OK Oklahoma,
    OR Oregon, PA Pennsylvania, RI Rhode Island, SC South Carolina, SD South Dakota,
    TN Tennessee, TX Texas, UT Utah, VT Vermont, VA Virginia, WA Washington,
    WV West Virginia, WI Wisconsin, WY Wyoming
    """
)
TERRITORIES: Final = _by_letters(
    """
    AS American Samoa, GU Guam, MP Northern Mariana Islands, PR Puerto Rico,
    VI U.S. Virgin Islands
    """
)
PROVINCES: Final = _by_letters(
    """
    AB Alberta, BC British Columbia, MB Manitoba, NB New Brunswick,
    NL Newfoundland and Labrador, NS Nova Scotia, NT Northwest Territories, NU Nunavut,
    ON Ontario, PE Prince Edward Island, QC Quebec, SK Saskatchewan, YT Yukon
    """
)
NAMES: Final[dict[str, str]] = {**US_STATES, **TERRITORIES, **PROVINCES}
CHOICES: Final = [
    ("", "Any"),
    *(
        (group, [(letters, f"{letters} · {name}") for letters, name in members.items()])
        for group, members in (
            ("United States", US_STATES),
            ("Territories", TERRITORIES),
            ("Canada", PROVINCES),
        )
    ),
]


def name(letters: str) -> str:
    """Return the name of a state by its two letters; the letters themselves where unknown."""
    return NAMES.get(letters.upper(), letters)
