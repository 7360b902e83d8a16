"""Write `exchanges.csv` afresh: `python -m portal.sandbox.data.build_exchanges`.

Not used by the sandbox itself. README.md in this folder names the sources of every fact.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from phonenumbers.geodata import GEOCODE_DATA

TARGET = Path(__file__).with_name("exchanges.csv")
EXCHANGES_PER_NPA = 14
# Every exchange of these area codes lies in one place, so the source names none of them singly.
ONE_PLACE: Mapping[str, tuple[str, str]] = {
    "212": ("New York", "NY"),
    "646": ("New York", "NY"),
    "312": ("Chicago", "IL"),
    "202": ("Washington", "DC"),
    "213": ("Los Angeles", "CA"),
}
ONE_PLACE_NXX = tuple(str(nxx) for nxx in range(221, 990, 67))

# LATA of an area code, or of its places where the area code lies in several LATAs.
LATAS: Mapping[str, int | Mapping[str, int]] = {
    "201": 224,
    "202": 236,
    "203": 920,
    "205": 476,
    "206": 674,
    "207": 120,
    "208": {"Boise": 652, "Nampa": 652, "Meridian": 652},
    "210": 566,
    "212": 132,
    "213": 730,
    "214": 552,
    "215": 228,
    "216": 320,
    "217": {"Springfield": 374, "Champaign": 370, "Urbana": 370},
    "225": 492,
    "251": 480,
    "253": 674,
    "256": {"Huntsville": 477, "Madison": 477, "Decatur": 477},
    "260": {"Fort Wayne": 334, "Auburn": 334, "Huntington": 334},
    "262": {"Waukesha": 356, "Kenosha": 356, "Racine": 356},
    "281": 560,
    "301": {"Bethesda": 236, "Rockville": 236, "Silver Spring": 236, "Hagerstown": 240},
    "302": 228,
    "303": 656,
    "304": {"Charleston": 254, "Huntington": 254, "Clarksburg": 256, "Morgantown": 256},
    "305": 460,
    "307": {"Cheyenne": 654, "Casper": 654, "Laramie": 654},
    "309": {"Peoria": 368, "Pekin": 368, "Bloomington": 366, "Normal": 366},
    "310": 730,
    "312": 358,
    "313": 340,
    "314": 520,
    "315": {"Syracuse": 136, "Utica": 136},
    "316": 532,
    "317": 336,
    "318": {"Shreveport": 486, "Bossier City": 486},
    "319": {"Cedar Rapids": 635, "Iowa City": 635},
    "321": {"Melbourne": 458, "Cocoa": 458, "Orlando": 458},
    "330": {"Akron": 325, "Canton": 325},
    "334": {"Montgomery": 478, "Auburn": 478},
    "336": {"Greensboro": 424, "Winston-Salem": 424, "High Point": 424},
    "337": {"Lafayette": 488, "Lake Charles": 488},
    "352": {"Gainesville": 454, "Ocala": 454},
    "361": {"Corpus Christi": 564},
    "386": {"Daytona Beach": 456, "DeLand": 456},
    "401": 130,
    "402": {"Omaha": 644, "Lincoln": 958},
    "404": 438,
    "405": {"Oklahoma City": 536, "Norman": 536, "Edmond": 536},
    "406": {"Billings": 650, "Great Falls": 648},
    "407": 458,
    "408": 722,
    "409": {"Beaumont": 562, "Port Arthur": 562, "Galveston": 560},
    "410": {"Baltimore": 238, "Towson": 238, "Annapolis": 238},
    "412": 234,
    "413": 126,
    "414": 356,
    "415": 722,
    "417": {"Springfield": 522, "Joplin": 522},
    "419": {"Toledo": 326},
    "423": {"Chattanooga": 472},
    "425": 674,
    "434": {"Lynchburg": 250, "Charlottesville": 928},
    "435": {
        "St. George": 660,
        "Logan": 660,
        "Park City": 660,
        "Cedar City": 660,
        "Moab": 660,
        "Price": 660,
        "Vernal": 660,
        "Brigham City": 660,
    },
    "440": 320,
    "469": 552,
    "478": {"Macon": 446, "Warner Robins": 446},
    "480": 666,
    "501": {"Little Rock": 528, "North Little Rock": 528, "Hot Springs": 528},
    "502": {"Louisville": 462},
    "503": 672,
    "504": 490,
    "505": {"Albuquerque": 664, "Santa Fe": 664},
    "508": 128,
    "509": {"Spokane": 676},
    "510": 722,
    "512": {"Austin": 558, "Round Rock": 558},
    "513": 922,
    "515": {"Des Moines": 632, "Ames": 632},
    "516": 132,
    "517": {"Lansing": 346, "East Lansing": 346},
    "518": {"Albany": 134, "Schenectady": 134, "Troy": 134},
    "520": {"Tucson": 668},
    "530": {"Chico": 724, "Redding": 724},
    "540": {"Roanoke": 244},
    "541": {"Eugene": 670, "Medford": 670},
    "559": {"Fresno": 728, "Visalia": 728, "Clovis": 728},
    "561": 460,
    "563": {"Davenport": 634, "Bettendorf": 634},
    "570": {"Scranton": 232, "Wilkes-Barre": 232},
    "574": {"South Bend": 332, "Elkhart": 332, "Mishawaka": 332},
    "585": 974,
    "586": 340,
    "601": {"Jackson": 482},
    "602": 666,
    "603": 122,
    "605": {"Sioux Falls": 640, "Rapid City": 640},
    "607": {"Binghamton": 138, "Endicott": 138},
    "608": {"Madison": 354, "La Crosse": 354},
    "609": {"Trenton": 222, "Atlantic City": 220},
    "610": {"Reading": 228, "Allentown": 228, "West Chester": 228},
    "612": 628,
    "614": 324,
    "615": {"Nashville": 470, "Franklin": 470, "Murfreesboro": 470},
    "616": {"Grand Rapids": 348, "Holland": 348},
    "617": 128,
    "619": 732,
    "623": 666,
    "631": 132,
    "646": 132,
    "650": 722,
    "651": 628,
    "661": {"Bakersfield": 734},
    "701": {"Fargo": 636, "Bismarck": 638},
    "702": 721,
    "703": 236,
    "704": {"Charlotte": 422, "Gastonia": 422},
    "706": {"Augusta": 442},
    "708": 358,
    "712": {"Sioux City": 630},
    "713": 560,
    "714": 730,
    "716": {"Buffalo": 140, "Niagara Falls": 140},
    "717": {"Harrisburg": 226, "York": 226, "Lancaster": 226},
    "718": {"Brooklyn": 132, "Queens": 132, "Bronx": 132, "Staten Island": 132},
    "719": {"Colorado Springs": 658, "Pueblo": 658},
    "732": 224,
    "757": {"Norfolk": 252, "Virginia Beach": 252, "Newport News": 252},
    "763": 628,
    "770": 438,
    "775": {"Reno": 720, "Carson City": 720, "Sparks": 720},
    "781": 128,
    "785": {"Topeka": 534, "Lawrence": 534},
    "801": {"Salt Lake City": 660, "Provo": 660, "Ogden": 660},
    "802": 124,
    "803": {"Columbia": 434, "Rock Hill": 434},
    "804": {"Richmond": 248},
    "805": {"San Luis Obispo": 740, "Santa Maria": 740},
    "806": {"Lubbock": 544, "Amarillo": 546},
    "808": 834,
    "813": 952,
    "814": {"Erie": 924, "Altoona": 230},
    "815": {"Rockford": 360, "Joliet": 358},
    "816": {"Kansas City": 524, "Independence": 524},
    "817": {"Fort Worth": 552, "Arlington": 552},
    "831": {"Monterey": 736, "Salinas": 736, "Santa Cruz": 722},
    "843": {"Charleston": 436, "Florence": 432},
    "845": {"Poughkeepsie": 133, "Newburgh": 133, "Kingston": 133},
    "847": 358,
    "850": {"Pensacola": 448, "Tallahassee": 953, "Panama City": 450},
    "856": 222,
    "858": 732,
    "860": {"Hartford": 920, "New Britain": 920, "Bristol": 920},
    "864": {"Greenville": 430, "Spartanburg": 430},
    "865": {"Knoxville": 474, "Oak Ridge": 474},
    "901": {"Memphis": 468},
    "904": {"Jacksonville": 452, "St. Augustine": 452},
    "907": 832,
    "908": {"Elizabeth": 224, "Plainfield": 224},
    "910": {"Wilmington": 428, "Fayetteville": 949},
    "912": {"Savannah": 440, "Brunswick": 440},
    "915": {"El Paso": 540},
    "916": {"Sacramento": 726, "Roseville": 726, "Folsom": 726},
    "918": {"Tulsa": 538, "Broken Arrow": 538},
    "919": {"Raleigh": 426, "Durham": 426, "Cary": 426},
    "920": {"Green Bay": 350, "Appleton": 350, "Oshkosh": 350},
    "925": 722,
    "937": {"Dayton": 328, "Springfield": 328},
    "952": 628,
    "954": 460,
    "956": {"Brownsville": 568, "Harlingen": 568, "McAllen": 568},
    "972": 552,
    "973": 224,
    "978": 128,
    "989": {"Saginaw": 344, "Midland": 344, "Bay City": 344},
}


def places(npa: str) -> Iterator[tuple[str, str, str]]:
    """Yield (nxx, city, state) for the exchanges of an area code that the source places."""
    if npa in ONE_PLACE:
        city, state = ONE_PLACE[npa]
        yield from ((nxx, city, state) for nxx in ONE_PLACE_NXX)
        return
    for nxx in range(200, 1000):
        if nxx % 100 == 11 or nxx == 555:
            continue
        exchange = f"1{npa}{nxx}"
        found = GEOCODE_DATA.get(exchange) or GEOCODE_DATA.get(exchange[:-1]) or {}
        city, comma, state = found.get("en", "").rpartition(", ")
        if comma and re.fullmatch(r"[A-Z]{2}", state):
            yield str(nxx), city, state


def pick(npa: str) -> list[tuple[str, str, str, int]]:
    """Return up to `EXCHANGES_PER_NPA` exchanges with their LATA, from every place in turn."""
    lata = LATAS[npa]
    by_city: dict[str, list[tuple[str, str, str, int]]] = {}
    for nxx, city, state in places(npa):
        number = lata if isinstance(lata, int) else lata.get(city)
        if number:
            by_city.setdefault(city, []).append((nxx, city, state, number))
    largest_first = sorted(by_city.values(), key=len, reverse=True)[:8]
    rounds = max((len(exchanges) for exchanges in largest_first), default=0)
    taken = [
        exchanges[index]
        for index in range(rounds)
        for exchanges in largest_first
        if index < len(exchanges)
    ]
    return sorted(taken[:EXCHANGES_PER_NPA])


def rate_center(city: str) -> str:
    """Return a place as rate centers are written: upper case, no punctuation."""
    return re.sub(r"[^A-Z ]", "", city.upper().replace("-", " "))


def main() -> None:
    """Write the file."""
    with TARGET.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("npa", "nxx", "state", "rate_center", "city", "lata"))
        for npa in sorted(LATAS):
            for nxx, city, state, lata in pick(npa):
                writer.writerow((npa, nxx, state, rate_center(city), city, lata))


if __name__ == "__main__":
    main()
