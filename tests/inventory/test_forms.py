"""What people write into the search form, and the sentences they get."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from inventory.forms.order import OrderForm
from inventory.forms.search import SearchForm, spell
from inventory.models import Route
from tests import factories


@pytest.fixture
def account(db):
    """Return the one provider account that can be asked."""
    return factories.make_account()


def fill(user, account, **values) -> SearchForm:
    """Return a bound form with what must be there."""
    given = {"key": "k", "kind": "local", "quantity": "50", "accounts": [account.pk]} | values
    data = QueryDict(mutable=True)
    for name, value in given.items():
        data.setlist(name, [str(v) for v in value] if isinstance(value, list) else [str(value)])
    return SearchForm(data, user=user)


def criteria(user, account, **values):
    """Return the criteria of a form that must be valid."""
    form = fill(user, account, **values)
    assert form.is_valid(), form.errors
    return form.criteria()


@pytest.mark.parametrize(
    ("written", "npa", "nxx"),
    [
        ("312", "312", ""),
        (" (312) ", "312", ""),
        ("312-555", "312", "555"),
        ("312555", "312", "555"),
        ("312.555", "312", "555"),
    ],
)
def test_an_area_code_with_or_without_its_exchange(operator, account, written, npa, nxx):
    found = criteria(operator, account, npa=written)
    assert (found.npa, found.nxx) == (npa, nxx)


@pytest.mark.parametrize(
    ("name", "written", "words"),
    [
        ("npa", "555-0142", "seven digits"),
        ("npa", "HARBOR", "not an area code"),
        ("npa", "3125550142", "a whole number"),
        ("npa", "31", "has 2 digits"),
        ("npa", "112", "start with 2 to 9"),
        ("npa", "911", "a service code"),
        ("npa", "3.12E+02", "not an area code"),
        ("npa", "３１２", "not an area code"),
        ("npa", "800", "is a toll-free code"),
        ("nxx", "55", "not an exchange"),
        ("nxx", "555", "exists in many area codes"),
        ("lata", "35", "not a LATA"),
        ("state", "ZZ", "not a state or province"),
        ("contains", "HAR*BOR", "stand on no telephone keypad"),
        ("contains", "Ü555", "stand on no telephone keypad"),
        ("ends", "22345678901", "longer than the ten digits"),
        ("quantity", "0", "from 1 to 1,000"),
        ("quantity", "1001", "from 1 to 1,000"),
        ("quantity", "1e3", "from 1 to 1,000"),
        ("consecutive", "1", "from 2 to 100"),
        ("consecutive", "60", "does not fit into 50"),
        ("accounts", [], "at least one provider"),
        ("accounts", ["999999"], "not there any more"),
        ("accounts", ["x"], "not there any more"),
    ],
)
def test_wrong_input_gets_a_sentence_at_its_field(operator, account, name, written, words):
    form = fill(operator, account, **{"starts": "201", name: written})
    assert not form.is_valid()
    assert words in " ".join(form.errors[name])


def test_nothing_at_all_asks_nobody(operator, account):
    form = fill(operator, account)
    assert not form.is_valid()
    assert "Nothing to look for" in form.non_field_errors()[0]


def test_toll_free_alone_says_enough(operator, account):
    assert criteria(operator, account, kind="toll_free").is_toll_free


def test_a_toll_free_number_has_no_place(operator, account):
    form = fill(operator, account, kind="toll_free", state="IL", city="Chicago", npa="312")
    assert set(form.errors) == {"state", "city", "npa"}
    assert "Those in use are 800" in form.errors["npa"][0]


def test_letters_are_keypad_digits_and_are_kept_as_typed(operator, account):
    form = fill(operator, account, contains="harbor", ends="Q-z")
    assert form.is_valid(), form.errors
    assert (form.criteria().contains, form.criteria().ends) == ("427267", "79")
    assert form.typed()["contains"] == "harbor"
    assert form["contains"].help_text == "HARBOR → 427267"


def test_a_number_with_its_country_code_is_ten_digits(operator, account):
    assert criteria(operator, account, contains="+1 (312) 555-0142").contains == "3125550142"


def test_the_first_digits_may_not_contradict_the_area_code(operator, account):
    form = fill(operator, account, npa="312", starts="555")
    assert "exclude each other" in form.errors["starts"][0]
    assert criteria(operator, account, npa="312", starts="31255").starts == "31255"


def test_two_different_exchanges_exclude_each_other(operator, account):
    form = fill(operator, account, npa="312-555", nxx="556")
    assert "names exchange 555 already" in form.errors["nxx"][0]


def test_what_was_typed_fills_the_form_again(operator, account):
    form = fill(operator, account, npa="312-555", features=["sms", "t38"], contains="harbor")
    assert form.is_valid(), form.errors
    query = QueryDict(mutable=True)
    for name, value in form.typed().items():
        query.setlist(name, value if isinstance(value, list) else [value])
    again = fill(operator, account, **SearchForm.initial_from(query))
    assert again.is_valid(), again.errors
    assert again.criteria() == form.criteria()


def test_an_address_with_nonsense_fills_nothing_wrong():
    query = QueryDict("npa=312&key=stolen&accounts=x&accounts=7&unknown=1&features=sms")
    assert SearchForm.initial_from(query) == {"npa": "312", "accounts": ["7"], "features": ["sms"]}


def test_an_account_that_is_switched_off_is_not_offered(operator, account):
    factories.make_account(name="Off", is_enabled=False)
    form = SearchForm(user=operator)
    assert list(form.fields["accounts"].queryset) == [account]
    assert form.initial["accounts"] == [account.pk]


@pytest.mark.parametrize(
    ("text", "words"),
    [("HARBOR", "HARBOR → 427267"), ("1-800-go", "1800GO → 180046"), ("427", ""), ("*", "")],
)
def test_spelling(text, words):
    assert spell(text) == words


# --- The order form


def make_route(account, ref, **fields) -> Route:
    """Return a saved route."""
    return Route.objects.create(
        account=account, provider_ref=ref, name=f"Route {ref}", kind="endpoint_group", **fields
    )


def test_a_route_is_chosen_from_those_of_the_account(operator, account, lakeside):
    make_route(account, "13550")
    make_route(account, "13551")
    make_route(account, "13552", is_active=False)
    form = OrderForm(user=operator, accounts=[account])
    choices = form.fields[f"route_{account.pk}"].choices
    assert choices == [
        ("", "Default: Route 13550 (13550)"),
        ("13550", "Route 13550 (13550)"),
        ("13551", "Route 13551 (13551)"),
    ]
    chosen = OrderForm({f"route_{account.pk}": "13552"}, user=operator, accounts=[account])
    assert "no longer offered" in chosen.errors[f"route_{account.pk}"][0]


def test_the_billing_id_of_the_customer_is_taken_where_none_is_written(operator, account):
    customer = factories.make_customer(billing_id="LD-0042")
    form = OrderForm({"customer": customer.pk}, user=operator, accounts=[account])
    assert form.is_valid(), form.errors
    assert form.billing() == "LD-0042"
    own = OrderForm(
        {"customer": customer.pk, "billing_id": "X-1"}, user=operator, accounts=[account]
    )
    assert own.is_valid()
    assert own.billing() == "X-1"


def test_a_customer_that_was_switched_off_is_not_offered(operator, account):
    customer = factories.make_customer(is_active=False)
    form = OrderForm({"customer": customer.pk}, user=operator, accounts=[account])
    assert "not there any more" in form.errors["customer"][0]
