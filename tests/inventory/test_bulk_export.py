"""Export = import: an unchanged export changes nothing, whatever the values are."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inventory.models import CarrierNumber, TelephoneNumber
from tests import factories
from tests.inventory.desk import desks, make_number
from tests.inventory.files import errors, states, upload
from tests.portal.pages import text_of

__all__ = ["desks"]
TN = "+13125550101"
ADDRESS = "/numbers/export/edit/"
ODD = st.sampled_from(["CLEAR", "-", "'CLEAR", "''-", "'", "=CLEAR"]) | st.text(
    st.sampled_from("=+-@',;\"\t ab1") | st.characters(min_codepoint=32, max_codepoint=900),
    max_size=12,
)
TAG = st.text(st.sampled_from("=+-@'ab1é "), min_size=1, max_size=6)


@pytest.fixture
def staff(client_for, operator):
    return client_for(operator)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(label="CLEAR", note="CLEAR ", billing_id="\t", tags=[], is_locked=False)
@example(label=" -", note="'\t", billing_id=" CLEAR\t", tags=[], is_locked=False)
@given(label=ODD, note=ODD, billing_id=ODD, tags=st.lists(TAG, max_size=3), is_locked=st.booleans())
def test_an_unchanged_export_changes_nothing(
    staff, operator, desks, label, note, billing_id, tags, is_locked
):
    TelephoneNumber.objects.all().delete()
    CarrierNumber.objects.all().delete()
    make_number(
        desks["desk"],
        TN,
        label=label,
        note=note,
        billing_id=billing_id,
        tags=sorted({tag.strip() for tag in tags if tag.strip()}, reverse=True),
        deletion_lock=is_locked,
        monthly_cost="1.5",
    )
    exported = text_of(staff.get(ADDRESS))
    one = upload(operator, exported)
    assert states(one) == {one.rows.get().line: "no_change"}, (exported, errors(one))


def test_what_providers_told_is_exported_in_the_columns_of_the_file(staff, operator, desks):
    number = make_number(
        desks["desk"],
        TN,
        values={
            "forward_to": "+13125550177",
            "cnam_name": "LAKESIDE",
            "inbound_cnam": True,
            "message_destination": "webhook:https://example.net/a:b",
            "port_out_pin": "set",
        },
    )
    CarrierNumber.objects.filter(tn=TN).update(route_ref="13550")
    exported = text_of(staff.get(ADDRESS))
    (line,) = csv.DictReader(io.StringIO(exported))
    assert line["forward_to"] == "+13125550177"
    assert (line["lidb_name"], line["cnam"], line["route"]) == ("LAKESIDE", "true", "13550")
    assert (line["sms_type"], line["sms_target"]) == ("webhook", "https://example.net/a:b")
    assert "port_out_pin" not in line
    assert set(states(upload(operator, exported)).values()) == {"no_change"}
    assert number.tn == line["number"]


def test_numbers_that_are_gone_change_nothing_either(staff, operator):
    factories.make_tn(TN, state="released", label="Gone")
    exported = text_of(staff.get(ADDRESS))
    assert set(states(upload(operator, exported)).values()) == {"no_change"}
    refused = upload(operator, exported.replace("Gone", "Back"))
    assert list(errors(refused).values()) == [["number:not_allowed"]]


def test_the_export_of_the_list_comes_back_too(staff, operator, lakeside):
    factories.make_tn(TN, customer=lakeside, label="=1+1", tags=["b", "a"], note="x\ny")
    exported = text_of(staff.get("/numbers/export/"))
    assert set(states(upload(operator, exported)).values()) == {"no_change"}


def test_only_what_was_ticked_or_fits_is_exported(staff):
    for tn in (TN, "+13125550102", "+12125550103"):
        factories.make_tn(tn)
    assert len(text_of(staff.get(ADDRESS, {"npa": "312"})).splitlines()) == 3
    ticked = staff.get(ADDRESS, {"picked": "1", "tn": TN})
    assert len(text_of(ticked).splitlines()) == 2
    nothing = staff.get(ADDRESS, {"picked": "1"})
    assert nothing.status_code == 302
