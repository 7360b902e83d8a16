"""The text of docs/providers.md: every wire operation, whom it serves and how sure we are of it.

Made from the catalogues and the registry of operations, so it cannot promise what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from portal import operations, providers
from portal.providers.base import Provider
from portal.providers.catalogue import WireMethod

PATH: Final = Path(__file__).resolve().parent.parent / "docs" / "providers.md"
SURENESS: Final = {
    "seen": "seen in replies, a schema or a client of the provider",
    "doc": "told by the provider's document only",
    "assumed": "names or shapes are our inference: compare with the live service first",
    "contract": "our own contract, because the provider publishes nothing",
}
_INTRO: Final = """\
# Provider operations

Made by `manage.py document_providers` from the code; a test keeps it true. Every operation below
has a client function, a mapping where its reply tells more than a verdict, an answer of the sandbox
and an example that the tests take through success, loss and broken answers.

"Used by" names the jobs (`manage.py` and pages submit them by these kinds) that need the capability.
`manage.py check_provider ACCOUNT` makes the harmless reads at a live account and tells which of our
assumptions hold.

How sure we are:
"""


def text() -> str:
    """Return the whole document."""
    lines = [_INTRO]
    lines += [f"- **{word}**: {meaning}" for word, meaning in SURENESS.items()]
    lines += ["", *_summary()]
    for slug in providers.REGISTRY:
        lines += _section(providers.provider_class(slug))
    return "\n".join(lines) + "\n"


def _summary() -> Iterator[str]:
    yield "| provider | operations in its list | beyond it | with a job |"
    yield "| --- | --- | --- | --- |"
    total = 0
    for slug in providers.REGISTRY:
        cls = providers.provider_class(slug)
        listed = [method for method in cls.methods.values() if method.is_listed]
        extra = len(cls.methods) - len(listed)
        served = sum(bool(used_by(method)) for method in listed)
        total += len(listed)
        yield f"| {cls.name} | {len(listed)} | {extra or ''} | {served} |"
    yield f"| all | {total} | | |"


def _section(cls: type[Provider]) -> Iterator[str]:
    listed = [method for method in cls.methods.values() if method.is_listed]
    extra = [method for method in cls.methods.values() if not method.is_listed]
    yield f"\n## {cls.name}: {len(listed)} operations\n"
    yield from _table(listed)
    if extra:
        yield f"\nBeyond the provider's list: {len(extra)}\n"
        yield from _table(extra)


def _table(methods: list[WireMethod]) -> Iterator[str]:
    yield "| operation | section | domain | kind | capability | used by | sure |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for method in methods:
        name = f"`{method.name}`" + (f" ({method.source})" if method.source else "")
        kind = "write" if method.is_write else "read"
        use = method.unused or ", ".join(f"`{kind}`" for kind in used_by(method)) or "no page yet"
        yield (
            f"| {name} | {method.section} | {method.domain} | {kind} | `{method.capability}` |"
            f" {use} | {method.sureness} |"
        )


def used_by(method: WireMethod) -> list[str]:
    """Return the kinds of jobs that need the operation's capability."""
    return sorted(
        kind
        for kind, operation in operations.kinds().items()
        if {method.capability, *method.also_serves} & {operation.capability, *operation.also_uses}
    )
