"""The catalogue against the providers' lists, the clients, the mappings and the sandbox, each way."""

from __future__ import annotations

import inspect
import json
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from portal import provider_document, providers
from portal.providers.catalogue import WireMethod
from tests.providers.calls import Stage
from tests.providers.contract import Sandbox
from tests.providers.runtime import RecordingRuntime

LISTED: dict[str, list[dict[str, str]]] = json.loads(
    (Path(__file__).parent / "operations.json").read_text()
)
SLUGS = tuple(providers.REGISTRY)
COUNTS = {"voip_innovations": 94, "voicetel": 74, "intelepeer": 7, "custom_toll_free": 11}
# Public functions of the clients that are no operation of their own, and why.
NO_OPERATION = {
    "voip_innovations": {
        "close": "gives the sockets back",
        "fetch_wsdl": "reads the description of the service",
    },
    "voicetel": {"close": "gives the sockets back"},
    "intelepeer": {"check": "signs in and reads one row", "close": "gives the sockets back"},
    "custom_toll_free": {"download": "fetches what resporgcheck made ready"},
}


def catalogue(slug: str) -> dict[str, WireMethod]:
    return dict(providers.provider_class(slug).methods)


def client_of(slug: str) -> Any:
    return Stage(slug=slug, sandbox=Sandbox("http://sandbox.invalid")).make_provider(
        RecordingRuntime()
    )


def test_there_are_186_operations() -> None:
    assert {slug: len(rows) for slug, rows in LISTED.items()} == COUNTS
    assert sum(COUNTS.values()) == 186


@pytest.mark.parametrize("slug", SLUGS)
def test_the_catalogue_holds_every_listed_operation_and_no_other(slug: str) -> None:
    found = {name for name, method in catalogue(slug).items() if method.is_listed}
    assert found == {row["operation"] for row in LISTED[slug]}


@pytest.mark.parametrize("slug", SLUGS)
def test_the_catalogue_tells_the_facts_of_the_list(slug: str) -> None:
    methods = catalogue(slug)
    for row in LISTED[slug]:
        method = methods[row["operation"]]
        assert method.domain == row["domain"], row
        assert method.is_write is (row["kind"] == "write"), row
        assert method.section == row.get("ref", method.section), row
        is_out_of_use = any(word in row.get("note", "") for word in ("not in use", "deprecated"))
        assert bool(method.unused) or not is_out_of_use, row


@pytest.mark.parametrize("slug", SLUGS)
def test_every_entry_names_a_known_capability_that_the_provider_offers(slug: str) -> None:
    for method in catalogue(slug).values():
        for capability in (method.capability, *method.also_serves):
            assert capability in providers.CAPABILITIES, method
            assert providers.offers(slug, capability) or method.unused, method


@pytest.mark.parametrize("slug", SLUGS)
def test_the_client_has_a_function_for_every_entry_and_no_other(slug: str) -> None:
    provider = client_of(slug)
    public = {
        name
        for name, _ in inspect.getmembers(provider.client, inspect.ismethod)
        if not name.startswith("_")
    }
    functions = [method.function for method in catalogue(slug).values() if method.function]
    provider.close()
    assert len(set(functions)) == len(functions), "two entries name one function"
    assert set(functions) == public - set(NO_OPERATION[slug])


def mapping_functions(slug: str) -> Iterator[str]:
    """Yield "module.function" for every public function of a provider's mapping package."""
    package = import_module(f"portal.providers.{slug}.mapping")
    paths = getattr(package, "__path__", None)
    names = [f".{found.name}" for found in pkgutil.iter_modules(paths)] if paths else [""]
    for found in names:
        module = import_module(f"{package.__name__}{found}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield f"{module.__name__.rpartition('.')[2]}.{name}"


@pytest.mark.parametrize("slug", SLUGS)
def test_the_mappings_that_the_catalogue_names_are_there(slug: str) -> None:
    named = {name for method in catalogue(slug).values() for name in method.reads}
    assert named <= set(mapping_functions(slug))


@pytest.mark.parametrize("slug", SLUGS)
def test_a_mapping_serves_an_operation_or_another_mapping(slug: str) -> None:
    """What nobody reads with is dead, or an operation that was forgotten."""
    named = {name for method in catalogue(slug).values() for name in method.reads}
    folder = Path(__file__).resolve().parents[2] / "portal" / "providers" / slug
    text = "\n".join(path.read_text() for path in folder.rglob("*.py"))
    unread = {
        name
        for name in set(mapping_functions(slug)) - named
        if text.count(f"{name.partition('.')[2]}(") < 2
    }
    assert not unread


def sandbox_operations(slug: str) -> tuple[set[str], set[str]]:
    """Return what the sandbox answers: operations of the list, and those beyond it."""
    if slug == "voip_innovations":
        from portal.sandbox.soap_voip_innovations import METHODS

        listed = {name for name, method in METHODS.items() if not method.is_extra}
        return listed, set(METHODS) - listed
    module = {
        "voicetel": "rest_voicetel",
        "intelepeer": "rest_intelepeer",
        "custom_toll_free": "xml_customtollfree",
    }[slug]
    routes = import_module(f"portal.sandbox.{module}").ROUTES
    if slug == "custom_toll_free":
        answered = {route.pattern.rpartition("/")[2] for route in routes}
        answered -= {"{request_id}"}  # the download is a part of resporgcheck
    else:
        # Beside the API there are pages of the provider's site, which links of a port lead to.
        answered = {route.documented for route in routes if " /a/" not in route.documented}
    listed = {row["operation"] for row in LISTED[slug]}
    return {_shape(name) for name in answered} & {_shape(name) for name in listed}, {
        _shape(name) for name in answered
    } - {_shape(name) for name in listed}


def _shape(name: str) -> str:
    """Return a route's name without the names of its placeholders."""
    return "/".join("{}" if part.startswith("{") else part for part in name.split("/"))


@pytest.mark.parametrize("slug", SLUGS)
def test_the_sandbox_answers_every_entry_and_no_other(slug: str) -> None:
    listed, extra = sandbox_operations(slug)
    methods = catalogue(slug)
    assert listed == {_shape(name) for name, method in methods.items() if method.is_listed}
    assert extra == {_shape(name) for name, method in methods.items() if not method.is_listed}


def test_the_document_is_current() -> None:
    assert provider_document.PATH.read_text() == provider_document.text(), (
        "run manage.py document_providers"
    )


def test_the_document_shows_94_of_94() -> None:
    assert "## VoIP Innovations: 94 operations" in provider_document.text()
    assert "| all | 186 |" in provider_document.text()
