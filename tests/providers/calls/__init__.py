"""An example call for every operation of every provider: what `test_every_operation` runs.

One module per provider and domain, called ``{provider}_{domain}``, each with `EXAMPLES` and
`REFUSALS`. The engine takes every example through success, lost and broken answers; a refusal
shows one documented no.
"""

from __future__ import annotations

import itertools
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

from portal import providers
from portal.providers.base import Account, Provider
from portal.providers.errors import ProviderError, ProviderRefused
from tests.providers.contract import Sandbox
from tests.providers.runtime import RecordingRuntime

CREDENTIALS: Final[Mapping[str, Mapping[str, str]]] = {
    "voip_innovations": {"login": "sandbox", "secret": "sandbox-secret"},
    "voicetel": {"username": "2125550100", "password": "Sandbox1"},
    "intelepeer": {"username": "sandbox@example.net", "password": "sandbox-secret"},
    "custom_toll_free": {"key": "SANDBOXKEY0001"},
}
SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "voip_innovations": {"endpoint_group": "13550"},
    "voicetel": {"route": "4"},
    "intelepeer": {"package_id": "30001"},
    "custom_toll_free": {"resporg": "SBX01", "template": "*SBDEFAULT"},
}
OURS: Final[Mapping[str, str]] = {
    "voip_innovations": "sandbox",
    "voicetel": "2125550100",
    "intelepeer": "sandbox@example.net",
    "custom_toll_free": "SANDBOXKEY0001",
}
THEIRS: Final[Mapping[str, str]] = {
    "voip_innovations": "sandbox2",
    "voicetel": "2125550199",
    "intelepeer": "other@example.net",
    "custom_toll_free": "SANDBOXKEY0002",
}
_numbers = itertools.count(1000)


@dataclass
class Stage:
    """What an example may use to set its scene: the sandbox's controls and an adapter of ours.

    `provider` is the one whose call is judged; whatever an example does through `helper` before it
    is not part of the judged call.
    """

    slug: str
    sandbox: Sandbox
    provider: Any = None
    runtime: RecordingRuntime = field(default_factory=RecordingRuntime)
    _helper: Provider | None = None

    @property
    def client(self) -> Any:
        """The client whose call is judged."""
        return self.provider.client

    @property
    def helper(self) -> Any:
        """A client of the same account for setting the scene; no fault is set while it works."""
        if self._helper is None:
            self._helper = self.make_provider(RecordingRuntime())
        return self._helper.client  # type: ignore[attr-defined]

    def make_provider(self, runtime: RecordingRuntime, *, base_url: str = "") -> Any:
        """Return an adapter on the sandbox, or on another address."""
        account = Account(
            slug=self.slug,
            name="Example",
            base_url=base_url or self.sandbox.url,
            credentials=dict(CREDENTIALS[self.slug]),
            settings=dict(SETTINGS[self.slug]),
        )
        return providers.get(account, runtime)

    def new_tn(self, *, npa: str = "312", nxx: str = "557") -> str:
        """Return ten digits that no test has used and no magic ending has."""
        number = next(_numbers) % 9900
        return f"{npa}{nxx}{number:04d}"

    def owned(self, **facts: Any) -> str:
        """Return the ten digits of a fresh number that our account owns; `facts` as in control."""
        return self._made("owned", OURS[self.slug], **facts)

    def foreign(self, **facts: Any) -> str:
        """Return the ten digits of a fresh number that somebody else's account owns."""
        return self._made("owned", THEIRS[self.slug], **facts)

    def for_sale(self, **facts: Any) -> str:
        """Return the ten digits of a fresh number that is for sale."""
        return self._made("available", "", **facts)

    def _made(self, status: str, account: str, **facts: Any) -> str:
        tn = facts.pop("tn", "") or self.new_tn()
        places = {"state": "IL", "rate_center": "CHICAGO", "lata": "358", "tier": "1"}
        self.sandbox.control(
            "number",
            provider=self.slug,
            tn=tn,
            status=status,
            account=account,
            **{"cnam": 1, "sms": 1, "t38": 1, **places, **facts},
        )
        return tn

    def close(self) -> None:
        """Give back the sockets."""
        for one in (self.provider, self._helper):
            if one is not None:
                one.close()


# Called anew for each run: sets its scene through `stage.helper` and returns the judged call.
Arrange = Callable[[Stage], Callable[[Any], Any]]


@dataclass(frozen=True, kw_only=True)
class Example:
    """One good call of an operation.

    `arrange(stage)` sets the scene and returns a function that takes the judged client, makes
    exactly one call of this operation (sign-in apart) and returns what the client returns, read
    through the mapping where one exists. `holds` judges that result, `still_holds` that of an
    answer without anything optional; without it `holds` does both.
    """

    operation: str
    arrange: Arrange
    holds: Callable[[Any], bool] = lambda result: True
    label: str = ""
    still_holds: Callable[[Any], bool] | None = None

    @property
    def id(self) -> str:
        return f"{self.operation} {self.label}".strip()


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One documented no: the call that earns it, and what our error says then.

    `code` is the provider's code or HTTP status in the error; `says` a part of our sentence.
    """

    operation: str
    arrange: Arrange
    why: str
    code: str = ""
    says: str = ""
    error: type[ProviderError] = ProviderRefused

    @property
    def id(self) -> str:
        return f"{self.operation}: {self.why}"


def modules(slug: str) -> Iterator[Any]:
    """Yield the modules of one provider."""
    for found in pkgutil.iter_modules(__path__):
        if found.name.startswith(f"{slug}_"):
            yield import_module(f"{__name__}.{found.name}")


def examples(slug: str) -> list[Example]:
    """Return every example of one provider."""
    return [example for module in modules(slug) for example in module.EXAMPLES]


def refusals(slug: str) -> list[Refusal]:
    """Return every documented refusal of one provider."""
    return [refusal for module in modules(slug) for refusal in module.REFUSALS]
