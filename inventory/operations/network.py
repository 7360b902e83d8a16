"""Where an account's calls may come from: address list, devices, and what it tells of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import structlog

from inventory import targets
from inventory.services import routes as services_routes
from portal import audit, providers
from portal.account_operations.base import AccountRead
from portal.models import AccountFact, Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.capabilities.network import AccessList, DeviceSignIn
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.network import SignIn, SignInChange, SignInField, SignInMode
from portal.providers.errors import ProviderError, ProviderRefused
from portal.sealed import Unreadable, unseal

log = structlog.get_logger(__name__)

ACCESS, SIGN_IN, REGISTRATION, CLIENTS, SCRIPTS = (
    *("access_list", "sign_in", "registration"),
    *("clients", "scripts"),
)
SEALED = "password"  # where a row keeps the new password until it is settled
REMOVED = "set"  # and what stands there afterwards

_Read = Callable[[Any], dict[str, Any]]


def _sign_in_facts(found: SignIn) -> dict[str, Any]:
    return {"mode": found.mode.value if found.mode else "", "code": found.code, "word": found.word}


# kind of the fact → the capability, and how its answer is kept
READS: dict[str, tuple[str, _Read]] = {
    ACCESS: ("access_list", lambda provider: {"ranges": list(provider.access_list())}),
    SIGN_IN: ("device_sign_in", lambda provider: _sign_in_facts(provider.sign_in())),
    REGISTRATION: (
        "registration",
        lambda provider: asdict(found) if (found := provider.registration()) else {},
    ),
    CLIENTS: (
        "client_list",
        lambda provider: {
            "rows": [
                {"ref": one.ref, "name": one.name, "details": dict(one.details)}
                for one in provider.list_clients()
            ]
        },
    ),
    SCRIPTS: (
        "scripts",
        lambda provider: {
            "rows": [{"ref": one.ref, "name": one.name} for one in provider.list_scripts()]
        },
    ),
}


def offered(slug: str) -> list[str]:
    """Return the kinds of facts that a provider can be asked for."""
    return [kind for kind, (name, _) in READS.items() if providers.offers(slug, name)]


@register
class ReadNetwork(AccountRead):
    """Ask an account for its address list, sign-in of devices, registration, clients, scripts."""

    kind, permission = "inventory.read_network", "inventory.sync_account"
    also_uses = tuple(name for name, _ in READS.values())
    queue = "interactive"
    max_attempts = 3
    words = "Network of"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return a problem for a provider that tells nothing of these."""
        if account is not None and offered(account.slug):
            return []
        return [Problem(message=f"{account} tells nothing of its network. Nothing was sent.")]

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Ask for each; one that is refused does not keep the others from being asked for."""
        found: dict[str, dict[str, Any]] = {}
        said: dict[str, str] = {}
        for kind in offered(run.account.slug):
            try:
                found[kind] = READS[kind][1](provider)
            except ProviderRefused as error:
                said[kind] = error.message
        run.scratch |= {"found": found, "said": said}
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Keep what was told."""
        for kind, content in run.scratch.get("found", {}).items():
            services_routes.keep_fact(run.account, kind, content)
        run.job.result = {
            "read": sorted(run.scratch.get("found", {})),
            "refused": run.scratch.get("said", {}),
        }


@register
class ChangeAccessList(Operation):
    """Add ranges of addresses to an account's list, or remove them; each has an outcome of its own."""

    kind, permission = "inventory.change_access_list", "inventory.configure_route"
    capability, is_write = "access_list", True
    queue = "interactive"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which range is added or removed, or how many."""
        verb = "Forbid" if params["is_removal"] else "Allow"
        what = items[0].params["cidr"] if len(items) == 1 else f"{len(items)} ranges"
        return f"{verb} {what} at {params['account']}"

    def call(self, provider: AccessList, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Send the ranges in one request; what the answer leaves open is read back."""
        by_range = {item.params["cidr"]: item for item in part.items}
        send = provider.allow_addresses
        if run.job.params["is_removal"]:
            send = provider.forbid_addresses
        try:
            change = send(list(by_range))
        except ValueError as error:
            for item in part.items:
                yield targets.unsendable(item.target, error)
            return
        failed = {failure.cidr: failure for failure in change.failed}
        done = {*change.added, *change.removed}
        for cidr, item in by_range.items():
            if failure := failed.get(cidr):
                yield targets.outcome(
                    item.target, Outcome.REFUSED, failure.reason, advice=failure.advice
                )
            elif cidr in done and cidr not in change.unconfirmed:
                yield targets.done(item.target)
            else:
                words = "The answer does not tell what became of it."
                yield targets.outcome(item.target, Outcome.UNKNOWN, words)
        with suppress(ProviderError):  # what was carried out is known; the list is for the page
            run.scratch["ranges"] = provider.access_list()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Keep the list as it was read afterwards, or changed by what was carried out; audit it."""
        changed = [i.params["cidr"] for i in items if i.status == JobItem.Status.SUCCEEDED]
        if not changed:
            return
        fact = AccountFact.objects.filter(account=run.account, kind=ACCESS).first()
        before = list(fact.content.get("ranges", [])) if fact else []
        if "ranges" in run.scratch:
            after = run.scratch["ranges"]
        elif run.job.params["is_removal"]:
            after = [cidr for cidr in before if cidr not in changed]
        else:
            after = [*before, *(cidr for cidr in changed if cidr not in before)]
        if fact is not None or "ranges" in run.scratch:
            services_routes.keep_fact(run.account, ACCESS, {"ranges": after})
        audit.record(
            run.job.actor,
            "portal.account.access_changed",
            run.account,
            before={"access_list": ", ".join(before)},
            after={"access_list": ", ".join(after)},
            job=run.job,
        )

    def ask(self, provider: AccessList, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Read the list once: what stands in it was added, what does not was removed."""
        run.scratch["ranges"] = provider.access_list()
        present = set(run.scratch["ranges"])
        for item in items:
            is_there = item.params["cidr"] in present
            if is_there != run.job.params["is_removal"]:
                outcome = targets.done(item.target, "Read the list: it is as was wanted.")
                yield Answer(item=item, verdict="done", outcome=outcome)
            else:
                words = "Read the list: it is as it was."
                yield Answer(item=item, verdict="not_done", words=words)


@register
class ChangeSignInMode(Operation):
    """Choose how devices sign in."""

    kind, permission = "inventory.change_sign_in_mode", "portal.change_provideraccount"
    capability, is_write = "device_sign_in", True
    queue = "interactive"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return how devices of which account shall sign in."""
        return f"Devices of {params['account']} sign in by {params['words']}"

    def call(self, provider: DeviceSignIn, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Send the way."""
        for item in part.items:
            change = provider.change_sign_in(mode=SignInMode(run.job.params["mode"]))
            yield _outcome(item, change, SignInField.MODE)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Note the way that holds, and audit it."""
        if not any(item.status == JobItem.Status.SUCCEEDED for item in items):
            return
        fact = AccountFact.objects.filter(account=run.account, kind=SIGN_IN).first()
        before = fact.content.get("mode", "") if fact else ""
        mode = run.job.params["mode"]
        services_routes.keep_fact(
            run.account, SIGN_IN, {"mode": mode, "code": "", "word": run.job.params["words"]}
        )
        facts: dict[str, Any] = {"before": {"sign_in": before}, "after": {"sign_in": mode}}
        audit.record(
            run.job.actor, "portal.account.sign_in_changed", run.account, job=run.job, **facts
        )

    def ask(self, provider: DeviceSignIn, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Read which way holds."""
        found = provider.sign_in()
        for item in items:
            if found.mode is None:
                yield Answer(item=item, verdict="unclear", words=found.word)
            elif found.mode.value == run.job.params["mode"]:
                outcome = targets.done(item.target, "Read back: it is as was wanted.")
                yield Answer(item=item, verdict="done", outcome=outcome)
            else:
                yield Answer(item=item, verdict="not_done", words="Read back: it is as it was.")


def _outcome(item: JobItem, change: SignInChange, field: SignInField) -> ItemOutcome:
    """Return what a change of the sign-in did to one field."""
    if field in change.changed:
        return targets.done(item.target)
    if field in change.failed:
        words = change.failed[field] or change.message
        return targets.outcome(item.target, Outcome.REFUSED, words)
    words = "The answer does not tell what became of it."
    return targets.outcome(item.target, Outcome.UNKNOWN, words)


@register
class ChangeSignInPassword(Operation):
    """Change the password of devices, which is what we sign in with ourselves.

    The row holds the new one encrypted before anything is sent. Once the provider has it, it is
    stored with the account and a key is fetched with it, in the same run. Where that run ended in
    between, asking tries the new password: if it holds, it is stored then. So the old one is given
    up only when the new one is known to hold, and neither is ever lost.
    """

    kind, permission = "inventory.change_sign_in_password", "portal.change_provideraccount"
    capability, is_write = "device_sign_in", True
    queue = "interactive"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return the password of which account is changed."""
        return f"Change the device password of {params['account']}"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return a problem for an account whose password we could not follow."""
        if account is None or not services_routes.signs_in_by_password(account.slug):
            return [Problem(message="This account has no password of its own. Nothing was sent.")]
        return []

    def call(self, provider: DeviceSignIn, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Change it, store what holds now, and fetch a key with it."""
        for item in part.items:
            try:
                password = unseal(item.params[SEALED])
                change = provider.change_sign_in(password=password)
            except (ValueError, Unreadable) as error:
                yield targets.unsendable(item.target, ValueError(str(error).rstrip(".")))
                continue
            if change.has_new_credential:
                services_routes.adopt_password(run.account, password, job=run.job)
                _fetch_key(provider)
            yield _outcome(item, change, SignInField.PASSWORD)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Store the password that holds, if the run did not come to it, and forget the row's copy."""
        for item in items:
            if item.status != JobItem.Status.SUCCEEDED or item.params[SEALED] == REMOVED:
                continue
            password = unseal(item.params[SEALED])
            services_routes.adopt_password(run.account, password, job=run.job)
            params = {**item.params, SEALED: REMOVED}
            JobItem.objects.filter(pk=item.pk).update(params=params)

    def ask(self, provider: DeviceSignIn, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Try the new password: where it holds, it was changed.

        Whoever called with the old one meanwhile made the provider refuse us, and the account was
        paused for it; that pause is our own doing and must not keep us from asking.
        """
        services_routes.lift_pause(run.account, since=run.job.started_at)
        for item in items:
            password = unseal(item.params[SEALED])
            if provider.holds_password(password):
                services_routes.adopt_password(run.account, password, job=run.job)
                outcome = targets.done(item.target, "Tried it: the new password holds.")
                yield Answer(item=item, verdict="done", outcome=outcome)
            else:
                words = "Tried it: the new password does not hold."
                yield Answer(item=item, verdict="not_done", words=words)


def _fetch_key(provider: DeviceSignIn) -> None:
    """Make a harmless read, so that a key is fetched with the new password for all workers.

    What goes wrong here changes nothing: the next call fetches it.
    """
    try:
        provider.sign_in()
    except ProviderError as error:
        log.warning("key_not_fetched", error=error.message)
