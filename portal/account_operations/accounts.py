"""Writing to accounts: their settings, accounts that are opened, and the way back into one.

A password that a provider makes up travels sealed from the moment it is told (`portal.passwords`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from portal import account_facts, audit, passwords
from portal.account_operations.base import done, unsendable
from portal.models import AccountFact, JobItem, ProviderAccount
from portal.operations import Answer, Item, Operation, register
from portal.providers.capabilities.account import (
    AccountCreation,
    AccountProfileRead,
    AccountRecovery,
    AccountSettings,
    AccountSignup,
)
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.account import AccountChanges, AccountUpdate, NewAccount
from portal.tn import TN

# Settings that a profile tells among its services.
SERVICES: Final = {
    "has_sms": "sms",
    "has_mms": "mms",
    "has_international": "international",
    "has_e911": "e911",
}
TOLD_NONE: Final = "The answer told no password: have the account recovered."
CANNOT_TELL: Final = (
    "The provider cannot be asked about this. Look at its own site, or at the mail."
)


@register
class ChangeSettings(Operation):
    """Change settings of the account; which ones the provider confirmed is told."""

    kind, permission = "portal.change_settings", "portal.change_provideraccount"
    capability, is_write, queue = "account_settings", True, "interactive"
    also_uses = ("account_profile",)

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return whose settings are changed."""
        return f"Change the profile of {params.get('account', '')}".strip()

    def call(self, provider: AccountSettings, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Send the changes."""
        target, changes = part.items[0].target, dict(run.job.params["changes"])
        if "caller_id" in changes:
            changes["caller_id"] = TN(changes["caller_id"])
        try:
            update = provider.update_account(AccountChanges(**changes))
        except ValueError as error:
            yield from unsendable(target, error)
            return
        yield _judged(target, update)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Show what holds now, and audit before and after."""
        for item in items:
            if item.status != JobItem.Status.SUCCEEDED:
                continue
            names = (item.after.get("values") or {}).get("changed", "").split()
            after = {name: run.job.params["changes"][name] for name in names}
            before = {name: run.job.params["before"].get(name) for name in names}
            _show(run.account, after)
            audit.record(
                run.job.actor,
                "portal.account.profile_changed",
                run.account,
                before=before,
                after=after,
                job=run.job,
            )

    def ask(
        self, provider: AccountProfileRead, run: Any, items: Sequence[JobItem]
    ) -> Iterator[Answer]:
        """Read the profile and compare."""
        profile = provider.account_profile()
        wanted = run.job.params["changes"]
        told = {name: _told(profile, name) for name in wanted}
        same = {name for name, value in wanted.items() if told[name] == _comparable(value)}
        if len(same) == len(wanted):
            outcome = _judged(items[0].target, AccountUpdate(changed=frozenset(same)))
            yield Answer(item=items[0], verdict="done", outcome=outcome)
        elif any(value is None for value in told.values()):
            yield Answer(item=items[0], verdict="unclear", words="The profile does not tell it.")
        else:
            words = "Asked the provider: the profile is as it was."
            yield Answer(item=items[0], verdict="not_done", words=words)


class AccountOpening(Operation):
    """Opens an account whose password the provider makes up; it is told once, in the answer."""

    permission, is_write, queue = "portal.manage_subaccount", True, "interactive"

    def open(self, provider: Any, run: Any) -> NewAccount:
        """Open it."""
        raise TypeError(f"{type(self).__name__} opens nothing")

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Open it; the password is sealed before anything is stored."""
        target = part.items[0].target
        try:
            opened = self.open(provider, run)
        except ValueError as error:
            yield from unsendable(target, error)
            return
        values = {"email": opened.email, "name": opened.name}
        if opened.password:
            values["password"] = passwords.sealed(opened.password)
        yield done(
            target,
            provider_ref=opened.username,
            message="" if opened.username and opened.password else TOLD_NONE,
            values=values,
        )

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Audit what was opened."""
        for item in items:
            if item.status == JobItem.Status.SUCCEEDED:
                self.opened(run, item)

    def opened(self, run: Any, item: JobItem) -> None:
        """Write what follows from the new account."""
        facts = {"username": item.provider_ref, "email": run.job.params["email"]}
        audit.record(
            run.job.actor, "portal.subaccount.opened", run.account, after=facts, job=run.job
        )

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Nobody can tell: an account may be there whose password nobody has."""
        for item in items:
            yield Answer(item=item, verdict="unclear", words=CANNOT_TELL)


@register
class OpenSubaccount(AccountOpening):
    """Open an account under ours, by an administrator's sign-in."""

    kind, capability = "portal.open_subaccount", "account_creation"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return for whom."""
        return f"Open sub-account {params.get('username', '')} for {params.get('name', '')}"

    def open(self, provider: AccountCreation, run: Any) -> NewAccount:
        """Open it."""
        names = ("username", "name", "email", "billing_ref")
        return provider.create_account(**{name: run.job.params[name] for name in names})


@register
class SignUp(AccountOpening):
    """Open an account as anybody may; the account row that asks becomes it."""

    kind, capability = "portal.sign_up", "account_signup"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return where."""
        return f"Open an account at {params.get('provider', '')}"

    def open(self, provider: AccountSignup, run: Any) -> NewAccount:
        """Open it."""
        names = ("name", "email", "promo")
        return provider.sign_up(**{name: run.job.params[name] for name in names})

    def opened(self, run: Any, item: JobItem) -> None:
        """Keep the credentials; calls wait until somebody has followed the link in the mail."""
        password = passwords.peek(item)
        if item.provider_ref and password:
            account = ProviderAccount.objects.select_for_update().get(pk=run.account.pk)
            account.credentials = {"username": item.provider_ref, "password": password}
            account.paused_at = run.job.started_at
            account.pause_reason = "follow the link in the provider’s mail, then resume"
            account.save(update_fields=["credentials", "paused_at", "pause_reason"])
        facts = {"username": item.provider_ref, "email": run.job.params["email"]}
        audit.record(run.job.actor, "portal.account.opened", run.account, after=facts, job=run.job)


@register
class RecoverAccount(Operation):
    """Have the way back into an account mailed to its owner; each call sends a mail."""

    kind, permission = "portal.recover_account", "portal.manage_subaccount"
    capability, is_write, queue = "account_recovery", True, "interactive"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which account."""
        return f"Recover access to {params.get('account', '')}"

    def call(self, provider: AccountRecovery, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Have the mail sent."""
        target = part.items[0].target
        try:
            words = provider.recover_account(email=run.job.params["email"])
        except ValueError as error:
            yield from unsendable(target, error)
            return
        yield done(target, message=words)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Audit it."""
        if any(item.status == JobItem.Status.SUCCEEDED for item in items):
            facts = {"email": run.job.params["email"]}
            verb = "portal.account.recovery_mailed"
            audit.record(run.job.actor, verb, run.account, after=facts, job=run.job)

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Only the mailbox tells."""
        for item in items:
            yield Answer(item=item, verdict="unclear", words=CANNOT_TELL)


def _judged(target: str, update: AccountUpdate) -> ItemOutcome:
    """Return the outcome: done where anything is confirmed, with what is not in words."""
    left = ", ".join(sorted(update.unconfirmed)).replace("_", " ")
    if not update.changed:
        return ItemOutcome(
            tn=TN(target),
            outcome=Outcome.REFUSED,
            message="The provider confirmed no change.",
            advice="Refresh the profile to see what holds.",
        )
    words = f"Not confirmed: {left}. Refresh the profile to see what holds." if left else ""
    changed = " ".join(sorted(update.changed))
    return done(target, message=words, values={"changed": changed})


def _told(profile: Any, name: str) -> Any:
    if name in SERVICES:
        return profile.services.get(SERVICES[name])
    return _comparable(getattr(profile, name))


def _comparable(value: Any) -> Any:
    is_number = isinstance(value, str) and value.removeprefix("+").isdigit()
    return value.removeprefix("+1")[-10:] if is_number else value


def _show(account: ProviderAccount, changes: Mapping[str, Any]) -> None:
    """Write confirmed changes into what the statement shows, without a new age."""
    fact = AccountFact.objects.filter(account=account, kind="profile").first()
    if fact is None:
        return
    content = dict(fact.content)
    for name, value in changes.items():
        if name in SERVICES:
            content["services"] = content.get("services", {}) | {SERVICES[name]: value}
        else:
            content[name] = _comparable(value)
    AccountFact.objects.filter(pk=fact.pk).update(content=account_facts.plain(content))
