"""Looking at a live account: harmless reads, and what they say of our assumptions.

A provider's `probes` module lists what can be asked without changing or buying anything. The runner
makes each call, keeps the reply that was seen, and tells what works, what differs from what we
expect, and which assumption the reply confirms or refutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import ModuleType
from typing import Any, ClassVar, Literal, cast

from portal.providers.base import Provider, Runtime, WireCall, WireReply
from portal.providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)

Verdict = Literal["confirmed", "refuted", "not_told"]
Standing = Literal["works", "refused", "failed", "put_off"]
MOST_RECORDS = 200  # of a list that may hold the whole account


@dataclass(frozen=True, kw_only=True, slots=True)
class Assumption:
    """One fact that the reference marks as assumed, and what the reply says of it."""

    section: str
    text: str
    verdict: Verdict
    told: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Probed:
    """What one harmless call showed. `words` tells a person what came back."""

    operation: str
    standing: Standing
    words: str
    differs: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


@dataclass
class Look:
    """The notebook of one probe."""

    witness: Witness
    words: list[str] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)

    @property
    def body(self) -> str:
        """The last reply as text, redacted, at most its first 64 kB."""
        return self.witness.last.body if self.witness.last else ""

    def saw(self, words: str) -> None:
        """Note what came back."""
        self.words.append(words)

    def differ(self, what: str) -> None:
        """Note something that is not as we expect it."""
        self.differs.append(what)

    def assume(self, section: str, text: str, holds: bool | None, told: str = "") -> None:
        """Note an assumption; `holds` is None where the reply does not tell."""
        verdict: Verdict = "not_told" if holds is None else "confirmed" if holds else "refuted"
        self.assumptions.append(
            Assumption(section=section, text=text, verdict=verdict, told=told[:200])
        )

    def compare_fields(self, what: str, found: Iterable[str], expected: Iterable[str]) -> None:
        """Note fields of a record that we do not know, and those that we wait for in vain."""
        known = {name.lower(): name for name in expected}
        seen = {name.lower(): name for name in found}
        if new := sorted(seen[key] for key in set(seen) - set(known)):
            self.differ(f"{what} has fields that we do not read: {', '.join(new)}")
        if gone := sorted(known[key] for key in set(known) - set(seen)):
            self.differ(f"{what} lacks {', '.join(gone)}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """One harmless call: `run(provider, look)` makes it and notes what it shows."""

    operation: str
    run: Callable[[Any, Look], None]


class Witness:
    """A runtime that passes everything on and remembers the last reply."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.last: WireReply | None = None

    def guard(self) -> None:
        """Pass on."""
        self._runtime.guard()

    def spend(self, bucket: str, *, limit: int, seconds: int, per_source: bool = False) -> None:
        """Pass on."""
        self._runtime.spend(bucket, limit=limit, seconds=seconds, per_source=per_source)

    def token(self, name: str, *, lifetime: timedelta, fetch: Callable[[], str]) -> str:
        """Pass on."""
        return self._runtime.token(name, lifetime=lifetime, fetch=fetch)

    def drop_token(self, name: str, token: str) -> None:
        """Pass on."""
        self._runtime.drop_token(name, token)

    def before_send(self, call: WireCall) -> int:
        """Pass on; refuses a write, because a probe changes nothing."""
        if call.is_write:
            raise RuntimeError(f"{call.operation} is no harmless read")
        return self._runtime.before_send(call)

    def after_reply(self, handle: int, reply: WireReply) -> None:
        """Pass on and remember."""
        self.last = reply
        self._runtime.after_reply(handle, reply)


class SelfChecking:
    """What every adapter offers as `self_check`; mixed in before `Provider`.

    `look` is the provider's `probes` module, with `PROBES` and `decisions`.
    """

    look: ClassVar[ModuleType]

    def probe(self) -> Iterator[Probed]:
        """Yield what each harmless read shows, as it is made."""
        return run(cast(Provider, self), self.look.PROBES)

    def decisions(self) -> list[str]:
        """Return what a person must decide before the account is used."""
        wanted: list[str] = self.look.decisions(self)
        return wanted


def run(provider: Provider, probes: Sequence[Probe]) -> Iterator[Probed]:
    """Yield what each probe showed, as it is made; stops after refused credentials.

    Never raises a `ProviderError`: a call that fails is a finding.
    """
    witness = Witness(provider.runtime)
    looking = type(provider)(provider.account, witness)
    try:
        for probe in probes:
            probed = _one(looking, probe, Look(witness))
            yield probed
            if probed.standing == "failed" and probed.words.startswith(_AUTH):
                return
    finally:
        looking.close()


_AUTH = "Credentials: "


def _one(provider: Provider, probe: Probe, look: Look) -> Probed:
    standing: Standing = "works"
    try:
        probe.run(provider, look)
    except ProviderRefused as error:
        standing = "refused"
        look.words.append(_told(error))
    except ProviderUnavailable as error:
        standing = "put_off" if error.retry_at else "failed"
        when = f" Again from {error.retry_at:%H:%M} UTC." if error.retry_at else ""
        look.words.append(f"{_told(error)}{when}")
    except ProviderAuthError as error:
        standing = "failed"
        look.words.insert(0, f"{_AUTH}{_told(error)}")
    except ProviderError as error:
        standing = "failed"
        look.words.append(_told(error))
    return Probed(
        operation=probe.operation,
        standing=standing,
        words="; ".join(look.words),
        differs=tuple(look.differs),
        assumptions=tuple(look.assumptions),
    )


def _told(error: ProviderError) -> str:
    return f"{error.message} ({error.code})" if error.code else error.message


def types_of(value: Any) -> str:
    """Return the JSON type of a value, for a sentence."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    names: Mapping[type, str] = {int: "number", str: "text", list: "list", dict: "object"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "number")


def counted(count: int, what: str) -> str:
    """Return how many there are, in words; from `MOST_RECORDS` on it is "and more"."""
    more = " and more" if count >= MOST_RECORDS else ""
    return f"{count} {what}{'' if count == 1 else 's'}{more}"
