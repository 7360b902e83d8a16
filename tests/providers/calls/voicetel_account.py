"""VoiceTel: the account, its money and calls, and accounts that are opened."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from portal.providers.dto.account import AccountChanges, NewAccount
from portal.providers.voicetel.adapter import VoiceTel
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.mapping import account
from portal.tn import TN
from tests.providers.calls import Arrange, Example, Refusal, Stage
from tests.providers.runtime import RecordingRuntime

ADMIN = ("2125550111", "Sandbox9")
OTHER = ("2125550199", "Sandbox2")
_serial = itertools.count(1)


def plain(call: Callable[[Client], Any]) -> Arrange:
    """Return a call that needs no scene."""
    return lambda stage: call


def by_account(sign_in: tuple[str, str], call: Callable[[Client], Any]) -> Arrange:
    """Return a call of another account."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        sign_in_as(stage, *sign_in)
        return call

    return arrange


def by_newcomer(call: Callable[[Client], Any]) -> Arrange:
    """Return a call of an account just opened: without money, numbers and services."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        made = account.new_account(
            stage.helper.post_accounts(name="New Voice LLC", email=new_email()), is_signup=True
        )
        sign_in_as(stage, made.username, made.password)
        return call

    return arrange


def sign_in_as(stage: Stage, username: str, password: str) -> None:
    """Let another account make the judged call, with a key fetched already."""
    ours = stage.provider
    credentials = {"username": username, "password": password}
    stage.provider = VoiceTel(replace(ours.account, credentials=credentials), stage.runtime)
    ours.close()
    stage.runtime.tokens["apikey"] = client_of(stage, username, password).post_account_api_key()


def client_of(stage: Stage, username: str, password: str) -> Client:
    """Return a client of another account for setting the scene."""
    credentials = {"username": username, "password": password}
    theirs = stage.make_provider(RecordingRuntime(), base_url=stage.sandbox.url)
    return VoiceTel(replace(theirs.account, credentials=credentials), theirs.runtime).client


def new_email() -> str:
    """Return a mail address that no account has."""
    return f"desk{next(_serial)}@example.net"


def _username() -> str:
    return f"415555{next(_serial):04d}"


def _change(changes: AccountChanges) -> Arrange:
    return plain(
        lambda client: account.update(client.put_account(**account.changes_out(changes)), changes)
    )


def _refused(operation: str, call: Callable[[Client], Any]) -> Arrange:
    """Return a call that the sandbox is told to refuse with a status that the route documents."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        stage.sandbox.control("fault", provider=stage.slug, operation=operation, fault="refuse")
        return call

    return arrange


def _sign_up(email: Callable[[], str], **more: str) -> Arrange:
    return plain(
        lambda client: account.new_account(
            client.post_accounts(name="Example LLC", email=email(), **more), is_signup=True
        )
    )


def _open(username: Callable[[], str], *, master: str = "") -> Callable[[Client], Any]:
    return lambda client: account.new_account(
        client.post_account(
            username=username(), name="Example LLC", email=new_email(), master_account=master
        ),
        is_signup=False,
    )


def _has_email_only(made: NewAccount) -> bool:
    return bool(made.email) and not made.password


_ALL = AccountChanges(
    time_zone="America/Chicago",
    is_warned=True,
    warn_below=25,
    caller_id=TN("+12125550100"),
)
_FOR_ADMINS = AccountChanges(
    concurrent_calls=25, has_sms=True, has_mms=True, has_international=False, has_e911=True
)

EXAMPLES = (
    Example(
        operation="POST /v2.2/account/api-key",
        arrange=plain(lambda client: client.post_account_api_key()),
        holds=lambda key: len(key) == 32,
    ),
    Example(
        operation="GET /v2.2/account",
        arrange=plain(lambda client: account.profile(client.get_account())),
        holds=lambda found: found.balance is not None and found.rates["number"] > 0,
        still_holds=lambda found: found.email == "sandbox@example.net" and found.balance is None,
    ),
    Example(
        operation="GET /v2.2/account",
        label="as a status",
        arrange=plain(lambda client: account.account_status(client.get_account())),
        holds=lambda status: status.name == "Sandbox Voice LLC",
        still_holds=lambda status: status.balance is None,
    ),
    Example(
        operation="PUT /v2.2/account",
        arrange=_change(_ALL),
        holds=lambda update: len(update.changed) == 4 and not update.unconfirmed,
    ),
    Example(
        operation="PUT /v2.2/account",
        label="one field",
        arrange=_change(AccountChanges(is_warned=False)),
        holds=lambda update: update.changed == {"is_warned"},
    ),
    Example(
        operation="PUT /v2.2/account",
        label="as an administrator",
        arrange=by_account(ADMIN, _change(_FOR_ADMINS)(None)),  # type: ignore[arg-type]
        holds=lambda update: len(update.changed) == 5 and not update.unconfirmed,
    ),
    Example(
        operation="POST /v2.2/account",
        arrange=by_account(ADMIN, _open(_username)),
        holds=lambda made: len(made.username) == 10 and made.billing_ref == made.username,
        still_holds=_has_email_only,
    ),
    Example(
        operation="POST /v2.2/account",
        label="billed to another",
        arrange=by_account(ADMIN, _open(_username, master=OTHER[0])),
        holds=lambda made: made.password and made.billing_ref == OTHER[0],
        still_holds=_has_email_only,
    ),
    Example(
        operation="GET /v2.2/account/credits",
        arrange=plain(lambda client: account.credit_list(client.get_account_credits())),
        holds=lambda credits: len(credits) == 3 and credits[0].at > credits[1].at,
    ),
    Example(
        operation="GET /v2.2/account/credits",
        label="unpaid",
        arrange=plain(lambda client: account.credit_list(client.get_account_credits("unpaid"))),
        holds=lambda credits: [credit.is_paid for credit in credits] == [False],
    ),
    Example(
        operation="GET /v2.2/account/cdr",
        arrange=plain(lambda client: list(account.call_records(client.get_account_cdr()))),
        holds=lambda calls: len(calls) > 2 and calls[0].at > calls[-1].at,
    ),
    Example(
        operation="GET /v2.2/account/cdr",
        label="between two edges",
        arrange=plain(
            lambda client: list(
                account.call_records(client.get_account_cdr(start=1_750_000_000, end=1_749_900_000))
            )
        ),
        holds=lambda calls: isinstance(calls, list),
    ),
    Example(
        operation="GET /v2.2/account/registration",
        arrange=plain(lambda client: account.registration(client.get_account_registration())),
        holds=lambda found: found.address.startswith("sip:"),
        still_holds=lambda found: found is not None,
    ),
    Example(
        operation="GET /v2.2/account/registration",
        label="of a newcomer",
        arrange=by_newcomer(lambda client: account.registration(client.get_account_registration())),
        holds=lambda found: found is None,
    ),
    Example(
        operation="GET /v2.2/account/recurring-charges",
        arrange=plain(
            lambda client: account.recurring_charges(client.get_account_recurring_charges())
        ),
        holds=lambda found: sum(charge.amount for charge in found.charges) == found.total,
        still_holds=lambda found: found.charges and found.total is None,
    ),
    Example(
        operation="GET /v2.2/account/payments",
        arrange=plain(lambda client: account.payments(client.get_account_payments())),
        holds=lambda payments: {p.status for p in payments} == {"completed", "pending"},
    ),
    Example(
        operation="POST /v2.2/account/recovery",
        arrange=plain(lambda client: client.post_account_recovery("sandbox@example.net")),
        holds=bool,
    ),
    Example(
        operation="POST /v2.2/accounts",
        arrange=_sign_up(new_email),
        holds=lambda made: made.username.isdigit() and made.password,
        still_holds=_has_email_only,
    ),
    Example(
        operation="POST /v2.2/accounts",
        label="with a promotion",
        arrange=_sign_up(new_email, promo="SPRING"),
        holds=lambda made: made.name == "Example LLC",
        still_holds=_has_email_only,
    ),
)

REFUSALS = (
    Refusal(
        operation="PUT /v2.2/account",
        why="only an administrator may",
        arrange=_change(_FOR_ADMINS),
        code="400",
        says="Admin only",
    ),
    Refusal(
        operation="POST /v2.2/account",
        why="no administrator",
        arrange=plain(_open(_username)),
        code="403",
        says="Only an administrator at VoiceTel may open accounts.",
    ),
    Refusal(
        operation="POST /v2.2/account",
        why="the username is taken",
        arrange=by_account(ADMIN, _open(lambda: OTHER[0])),
        code="409",
        says="did not open the account",
    ),
    Refusal(
        operation="GET /v2.2/account/credits",
        why="a bad filter",
        arrange=_refused(
            "GET /v2.2/account/credits", lambda client: client.get_account_credits("paid")
        ),
        code="400",
        says="Invalid status",
    ),
    Refusal(
        operation="POST /v2.2/account/recovery",
        why="nobody has the mail address",
        arrange=plain(lambda client: client.post_account_recovery("nobody@example.net")),
        code="404",
        says="No account at VoiceTel has this mail address.",
    ),
    Refusal(
        operation="POST /v2.2/accounts",
        why="the mail address has an account",
        arrange=_sign_up(lambda: "sandbox@example.net"),
        code="409",
        says="did not open the account",
    ),
)
