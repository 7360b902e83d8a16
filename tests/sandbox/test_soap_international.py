"""VoIP Innovations 2.13: numbers of other countries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.zeep_client import ZeepClient

PLAIN, INTERNATIONAL, OFF, THEIRS = 13550, 13551, 13553, 14550
LONDON, GOTHENBURG = 2501, 2401


def buy(vi: ZeepClient, city: int = LONDON, epg: int = INTERNATIONAL) -> Any:
    reply = vi.call("AssignIntlDID", cityID=city, epgID=epg)
    assert reply.responseCode == 100
    return reply


def owned(vi: ZeepClient) -> list[str]:
    reply = vi.call("AuditIntlDIDs")
    return [did.tn for did in reply.DIDs.IntlDID] if reply.responseCode == 100 else []


def test_countries_come_with_their_cities(vi: ZeepClient) -> None:
    countries = {each.abbrev: each for each in vi.call("GetCountries").Countries.Country}
    britain = countries["GB"]
    assert britain.name == "UNITED KINGDOM"
    assert ("LONDON", LONDON) in [(city.name, city.id) for city in britain.cities.City]
    ids = [city.id for each in countries.values() for city in each.cities.City]
    assert len(ids) == len(set(ids))


def test_a_number_is_bought_listed_and_released(vi: ZeepClient) -> None:
    assert vi.code("AuditIntlDIDs") == 101
    before = vi.call("GetPrepaidBalance").Amount
    reply = buy(vi)
    tn = reply.DID.tn
    assert tn.startswith("4420")
    assert (reply.DID.country, reply.DID.city) == ("UNITED KINGDOM", "LONDON")
    (country,) = reply.Countries.Country
    assert [city.id for city in country.cities.City] == [LONDON]
    assert vi.call("GetPrepaidBalance").Amount == before - Decimal(3)
    second = buy(vi).DID.tn
    assert owned(vi) == sorted([tn, second])
    assert vi.code("ReleaseIntlDID", tn=tn) == 100
    assert owned(vi) == [second]
    assert vi.code("ReleaseIntlDID", tn=tn) == 909
    assert buy(vi).DID.tn == tn


def test_bought_numbers_are_of_the_inventory(vi: ZeepClient) -> None:
    local = set(vi.call("GetInventoryTNs", didType="ALL").TNs.string)
    tn = buy(vi).DID.tn
    assert vi.call("GetInventoryTNs", didType="INTL").TNs.string == [tn]
    assert set(vi.call("GetInventoryTNs", didType="ALL").TNs.string) == local | {tn}
    assert set(vi.call("GetInventoryTNs", didType="LOCAL").TNs.string) == local
    assert tn not in vi.call("GetUnconfiguredTNs", didType="ALL").TNs.string


@pytest.mark.parametrize(
    ("city", "epg", "code", "words"),
    [
        (GOTHENBURG, INTERNATIONAL, 900, "no number"),
        (999, INTERNATIONAL, 900, "no number"),
        (0, INTERNATIONAL, 900, "no number"),
        (LONDON, PLAIN, 900, "country code"),
        (LONDON, THEIRS, 948, "endpoint group"),
        (LONDON, 0, 948, "endpoint group"),
        (LONDON, OFF, 948, "not active"),
    ],
)
def test_what_cannot_be_bought_is_refused(
    vi: ZeepClient, city: int, epg: int, code: int, words: str
) -> None:
    before = vi.call("GetPrepaidBalance").Amount
    reply = vi.call("AssignIntlDID", cityID=city, epgID=epg)
    assert (reply.responseCode, words in reply.responseMessage) == (code, True)
    assert owned(vi) == []
    assert vi.call("GetPrepaidBalance").Amount == before


def test_a_city_can_be_sold_out(vi: ZeepClient) -> None:
    bought = [buy(vi).DID.tn for _ in range(12)]
    assert len(set(bought)) == 12
    assert vi.code("AssignIntlDID", cityID=LONDON, epgID=INTERNATIONAL) == 900
    assert vi.code("GlobalDIDSearch", city="London") == 101


def test_numbers_of_others_stay_theirs(vi: ZeepClient, vi_other: ZeepClient) -> None:
    theirs = owned(vi_other)
    assert len(theirs) == 2
    assert vi.code("ReleaseIntlDID", tn=theirs[0]) == 909
    assert owned(vi_other) == theirs


@pytest.mark.parametrize("wrong", ["", "+442079460000", "abc", "442079 46"])
def test_a_number_is_digits(vi: ZeepClient, wrong: str) -> None:
    assert vi.code("ReleaseIntlDID", tn=wrong) == 944


def test_the_search_is_narrowed_by_each_criterion(vi: ZeepClient) -> None:
    def found(**criteria: Any) -> set[str]:
        reply = vi.call("GlobalDIDSearch", **criteria)
        return {did.tn for did in reply.DIDs.IntlDID}

    everything = found()
    british = found(country="GB")
    assert british == found(country="United Kingdom")
    assert british < everything
    assert all(tn.startswith("44") for tn in british)
    manchester = found(country="GB", areaCode="161")
    assert manchester == found(city="manchester")
    free = found(tollFree=True)
    assert free
    assert all(tn.startswith("44808") for tn in free)
    texting = found(sms=True)
    assert texting
    assert texting < everything
    assert vi.code("GlobalDIDSearch", country="GB", city="Paris") == 101
    tn = buy(vi).DID.tn
    assert tn in everything
    assert tn not in found()


@pytest.mark.parametrize("operation", ["GetCountries", "AuditIntlDIDs", "GlobalDIDSearch"])
def test_an_empty_list_is_101(sandbox: RunningSandbox, vi: ZeepClient, operation: str) -> None:
    buy(vi)
    sandbox.control("fault", provider="voip_innovations", operation=operation, fault="empty")
    assert vi.code(operation) == 101
    assert vi.code(operation) == 100


@pytest.mark.parametrize(("fault", "code"), [("refuse", 900), ("partial", 909), ("auth", 902)])
def test_a_fault_keeps_a_write_from_happening(
    sandbox: RunningSandbox, vi: ZeepClient, fault: str, code: int
) -> None:
    sandbox.control("fault", provider="voip_innovations", operation="AssignIntlDID", fault=fault)
    assert vi.code("AssignIntlDID", cityID=LONDON, epgID=INTERNATIONAL) == code
    assert owned(vi) == []
    (row,) = sandbox.log(operation="AssignIntlDID")
    assert row["carried_out"] is False
