"""The rules of the layout, kept by walking every file's syntax tree; each failure says its rule."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOMAINS = ("inventory", "e911", "porting", "messaging", "tollfree")
APPS = ("portal", *DOMAINS)
MAX_FILE_LINES = 500
MAX_VIEW_LINES = 40

# The only files that name every app.
COMPOSITION_ROOTS = {"portal.settings", "portal.urls", "portal.celery", "portal.wsgi"}
# Inside an app: a part may import parts of the same height or lower.
HEIGHTS = {
    "querysets": 0,
    "models": 1,
    "mirror": 1,
    "services": 2,
    "features": 2,
    "sync": 3,
    "operations": 3,
    "forms": 4,
    "filters": 4,
    "bulk": 4,
    "columns": 4,
    "rows": 4,
    "views": 5,
    "tasks": 5,
    "urls": 6,
}
WHAT_VIEWS_MAY_KNOW_OF_PROVIDERS = {"portal.providers", "portal.providers.base"}


@dataclass(frozen=True)
class Source:
    """One of our Python files."""

    path: Path
    module: str
    tree: ast.Module
    line_count: int

    @property
    def app(self) -> str:
        """Return the first part of the module's name."""
        return self.module.partition(".")[0]

    @property
    def part(self) -> str:
        """Return the second part of the module's name: models, views …"""
        return [*self.module.split("."), ""][1]

    def is_in(self, *packages: str) -> bool:
        """Return whether the module is one of the packages or inside one."""
        return any(self.module == name or self.module.startswith(f"{name}.") for name in packages)


@dataclass(frozen=True)
class Import:
    """One imported module, and where."""

    name: str
    line: int
    is_inside_function: bool = False
    is_for_types: bool = False


@cache
def sources() -> tuple[Source, ...]:
    """Return every Python file of the apps, migrations left out."""
    found = []
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            relative = path.relative_to(ROOT).with_suffix("")
            names = relative.parts[:-1] if relative.name == "__init__" else relative.parts
            text = path.read_text()
            found.append(Source(path, ".".join(names), ast.parse(text), text.count("\n")))
    return tuple(found)


@cache
def imports(source: Source) -> tuple[Import, ...]:
    """Return what a file imports; `from a import b` gives both a and a.b."""
    return tuple(_imports(source))


def _imports(source: Source) -> Iterator[Import]:
    package = source.module.split(".")
    if source.path.name != "__init__.py":
        package = package[:-1]
    inside = {id(node) for function in _functions(source.tree) for node in ast.walk(function)}
    typed = {
        id(node)
        for block in ast.walk(source.tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    for node in ast.walk(source.tree):
        where = (id(node) in inside, id(node) in typed)
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, *where)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield Import(base, node.lineno, *where)
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node.lineno, *where)


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node  # type: ignore[misc]


def named(imported: Import, *packages: str) -> bool:
    """Return whether an import is of one of the packages or of something inside one."""
    return any(imported.name == name or imported.name.startswith(f"{name}.") for name in packages)


def breaches(members: Iterable[Source], is_wrong: Callable[[Source, Import], bool]) -> list[str]:
    """Return "file:line imports name" for each import that breaks a rule."""
    return sorted(
        {
            f"{source.path.relative_to(ROOT)}:{found.line} imports {found.name}"
            for source in members
            for found in imports(source)
            if is_wrong(source, found)
        }
    )


def says(rule: str, found: list[str]) -> None:
    """Fail with the rule's sentence and the places that break it."""
    assert not found, f"{rule}\n  " + "\n  ".join(found)


def in_package(*packages: str) -> list[Source]:
    """Return the sources of some packages."""
    return [source for source in sources() if source.is_in(*packages)]


def test_there_is_something_to_check():
    assert {source.module for source in sources()} >= {
        "portal.access",
        "inventory.services",
        "portal.providers.http",
        "portal.sandbox.server",
        "portal.views.jobs",
    }


def test_imports_are_seen_in_every_spelling():
    text = """
import requests.adapters
from . import access
from ..tn import TN
from portal import providers as declared
def late():
    from portal.tasks import run_job
if TYPE_CHECKING:
    from inventory.models import Order
"""
    path = ROOT / "portal" / "views" / "example.py"
    found = list(imports(Source(path, "portal.views.example", ast.parse(text), 1)))
    assert {one.name for one in found} == {
        "requests.adapters",
        "portal.views",
        "portal.views.access",
        "portal.tn",
        "portal.tn.TN",
        "portal",
        "portal.providers",
        "portal.tasks",
        "portal.tasks.run_job",
        "inventory.models",
        "inventory.models.Order",
    }
    assert {one.name for one in found if one.is_inside_function} == {
        "portal.tasks",
        "portal.tasks.run_job",
    }
    assert {one.name for one in found if one.is_for_types} == {
        "inventory.models",
        "inventory.models.Order",
    }


def test_the_platform_knows_no_domain():
    roots = [s for s in in_package("portal") if s.module not in COMPOSITION_ROOTS]
    members = [s for s in roots if not s.is_in("portal.management")]
    says(
        "portal imports no domain; only settings, urls, celery, wsgi and commands name every app.",
        breaches(members, lambda source, found: named(found, *DOMAINS)),
    )


def test_the_inventory_knows_no_other_domain():
    says(
        "inventory imports no domain: what a domain shows on its pages is registered by it.",
        breaches(in_package("inventory"), lambda source, found: named(found, *DOMAINS[1:])),
    )


@pytest.mark.parametrize("domain", DOMAINS[1:])
def test_the_other_domains_do_not_know_each_other(domain):
    others = [name for name in DOMAINS[1:] if name != domain]
    says(
        "e911, porting, messaging and tollfree do not know each other.",
        breaches(in_package(domain), lambda source, found: named(found, *others)),
    )


@pytest.mark.parametrize("domain", DOMAINS[1:])
def test_domains_share_only_the_nouns_and_services_of_the_inventory(domain):
    allowed = ("inventory", "inventory.models", "inventory.services")
    says(
        "Of the inventory another domain imports models and services only.",
        breaches(
            in_package(domain),
            lambda source, found: (
                named(found, "inventory")
                and found.name != "inventory"
                and not named(found, *allowed[1:])
            ),
        ),
    )


def test_the_adapters_know_no_portal():
    says(
        "portal.providers knows no ORM, no request and no user: of ours it imports portal.tn only.",
        breaches(
            in_package("portal.providers"),
            lambda source, found: (
                named(found, "django", *APPS)
                and found.name != "portal"
                and not named(found, "portal.providers", "portal.tn")
            ),
        ),
    )


def test_only_the_adapters_speak_http():
    members = [
        source
        for source in sources()
        if not source.is_in("portal.providers", "portal.management", "portal.embedded")
    ]
    says(
        "Only portal/providers imports requests or zeep.",
        breaches(members, lambda source, found: named(found, "requests", "zeep", "httpx")),
    )


def test_views_never_reach_a_provider():
    modules = {source.module for source in in_package("portal.providers")}
    views = [source for source in sources() if source.part == "views"]
    says(
        "Views read what providers declare and never their wire: submit a job instead.",
        breaches(
            views,
            lambda source, found: found.name in modules - WHAT_VIEWS_MAY_KNOW_OF_PROVIDERS,
        ),
    )


def test_the_sandbox_stands_alone():
    says(
        "The sandbox imports nothing of ours; it is written from the carriers' documents.",
        breaches(
            in_package("portal.sandbox"),
            lambda source, found: (
                named(found, *APPS)
                and found.name != "portal"
                and not named(found, "portal.sandbox")
            ),
        ),
    )


def test_only_its_command_starts_the_sandbox():
    members = [
        source
        for source in sources()
        if not source.is_in("portal.sandbox", "portal.management.commands.runsandbox")
    ]
    says(
        "Only runsandbox and the tests import the sandbox.",
        breaches(members, lambda source, found: named(found, "portal.sandbox")),
    )


def test_nobody_imports_views_urls_or_tasks():
    def is_wrong(source: Source, found: Import) -> bool:
        names = found.name.split(".")
        if names[0] not in APPS or len(names) < 2 or names[1] not in {"views", "urls", "tasks"}:
            return False
        if source.app == names[0] and source.part == names[1]:
            return False  # inside the package of views
        if names[1] == "views" and source.part == "urls":
            return False
        if names[1] == "urls" and source.module in COMPOSITION_ROOTS:
            return False
        is_delivery = source.module == "portal.jobs.submit" and found.is_inside_function
        return not (is_delivery and names[:2] == ["portal", "tasks"])

    says(
        "Nobody imports views, urls or tasks, but urls its views and jobs.submit run_job.",
        breaches(sources(), is_wrong),
    )


@pytest.mark.parametrize("app", DOMAINS)
def test_arrows_never_turn_back_inside_a_domain(app):
    def is_wrong(source: Source, found: Import) -> bool:
        names = found.name.split(".")
        if found.is_for_types or len(names) < 2 or names[0] != app:
            return False
        here, there = HEIGHTS.get(source.part), HEIGHTS.get(names[1])
        return here is not None and there is not None and there > here

    says(
        "In an app: urls → views, tasks → forms, filters, bulk → operations, sync → services → "
        "models → querysets.",
        breaches(in_package(app), is_wrong),
    )


def test_nothing_listens_to_signals():
    says(
        "Audit and counters are explicit calls; there are no signals.",
        breaches(
            sources(),
            lambda source, found: named(found, "django.db.models.signals", "django.dispatch"),
        ),
    )


def _calls(source: Source) -> Iterator[ast.Call]:
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def test_views_fetch_rows_only_through_the_gate():
    found = []
    for source in sources():
        if source.part != "views":
            continue
        place = source.path.relative_to(ROOT)
        for call in _calls(source):
            words = ast.unparse(call.func)
            is_get = words.endswith(".get") and ".objects" in words
            if is_get or words.endswith(("get_object_or_404", "get_list_or_404")):
                found.append(f"{place}:{call.lineno} {words}")
    says("Views fetch rows only through get_visible_or_404.", found)


def test_only_the_ledger_changes_the_status_of_a_job():
    """Job is assigned or updated with a status in portal.jobs alone."""
    found = []
    for source in sources():
        if source.is_in("portal.jobs", "portal.sandbox", "portal.providers"):
            continue
        for call in _calls(source):
            words = ast.unparse(call.func)
            sets_status = any(keyword.arg == "status" for keyword in call.keywords)
            if sets_status and words.startswith("Job.") and words.endswith(".update"):
                found.append(f"{source.path.relative_to(ROOT)}:{call.lineno} {words}")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Assign):
                targets = [ast.unparse(target) for target in node.targets]
                if {"job.status", "self.job.status", "run.job.status"} & set(targets):
                    found.append(f"{source.path.relative_to(ROOT)}:{node.lineno} {targets}")
    says("portal.jobs is the only code that changes a job's status.", found)


def test_only_the_settings_read_the_environment():
    allowed = ("portal.settings", "portal.embedded")
    found = []
    for source in sources():
        if source.is_in(*allowed):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}:
                line = source.path.read_text().splitlines()[node.lineno - 1]
                if "DJANGO_SETTINGS_MODULE" not in line:
                    found.append(f"{source.path.relative_to(ROOT)}:{node.lineno}")
    says("settings.py is the only reader of the environment.", found)


def test_files_stay_readable():
    tests = sorted((ROOT / "tests").rglob("*.py"))
    lines = {source.path: source.line_count for source in sources()}
    lines |= {path: path.read_text().count("\n") for path in tests}
    found = [
        f"{path.relative_to(ROOT)} has {count}"
        for path, count in lines.items()
        if count > MAX_FILE_LINES
    ]
    says(f"A file has at most {MAX_FILE_LINES} lines; past 400 it becomes a package.", found)


def test_views_stay_short():
    found = []
    for source in sources():
        if source.part != "views":
            continue
        for function in _functions(source.tree):
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > MAX_VIEW_LINES:
                place = source.path.relative_to(ROOT)
                found.append(f"{place}:{function.lineno} {function.name} has {length}")
    says(f"A function of views has at most {MAX_VIEW_LINES} lines.", found)


def test_models_carry_no_business_of_others():
    says(
        "Models hold facts about one row: they import no services, forms, views or jobs.",
        breaches(
            [source for source in sources() if source.part == "models"],
            lambda source, found: (
                any(
                    part in {"services", "forms", "views", "jobs", "operations", "filters"}
                    for part in found.name.split(".")[1:2]
                )
                and named(found, *APPS)
            ),
        ),
    )
