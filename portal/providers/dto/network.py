"""Where an account's calls may come from and go to: gateways, address lists, how devices sign in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class Gateway:
    """A gateway to make, or what to change of one; a field that is None keeps its value.

    `address` is an IPv4 address or a host name, with ``:port`` where it has one; it must be public.
    `prefix` are digits put before each number, `limit` is of calls at once, 1 to 1000.
    """

    address: str | None = None
    prefix: str | None = None
    limit: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessFailure:
    """A range of addresses that could not be added or removed: the provider's reason, our advice."""

    cidr: str
    reason: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessChange:
    """What a change of the access list did: it may be carried out in part.

    `unconfirmed` are ranges that were asked for and that the answer does not name: read the list.
    `message` is the provider's where something failed.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failed: tuple[AccessFailure, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    message: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether everything that was asked for was carried out."""
        return not self.failed and not self.unconfirmed


class SignInMode(StrEnum):
    """How a device proves that it may place calls for the account."""

    PASSWORD = "password"  # noqa: S105 - the name of a way, not a secret
    ADDRESS = "address"  # by the access list
    EITHER = "either"
    BOTH = "both"


class SignInField(StrEnum):
    """What can be changed of the sign-in."""

    MODE = "mode"
    PASSWORD = "password"  # noqa: S105 - the name of a field


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """How devices sign in. `mode` is None for a way that we do not know, or that was not told.

    `code` and `word` are the provider's.
    """

    mode: SignInMode | None
    code: str = ""
    word: str = ""
    access_list: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInChange:
    """What a change of the sign-in did: it may be carried out in part.

    `failed` holds the provider's words by field. `unconfirmed` was asked for and is not named in
    the answer. Once the password is in `changed`, the account's old credential is worth nothing:
    see `has_new_credential`.
    """

    changed: frozenset[SignInField]
    failed: Mapping[SignInField, str] = field(default_factory=dict)
    unconfirmed: frozenset[SignInField] = frozenset()
    mode: SignInMode | None = None  # as confirmed
    message: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether everything that was asked for was carried out."""
        return not self.failed and not self.unconfirmed

    @property
    def has_new_credential(self) -> bool:
        """Whether the new password must be stored with the provider account, at once.

        Devices and every other worker of the portal are locked out until they have it.
        """
        return SignInField.PASSWORD in self.changed
