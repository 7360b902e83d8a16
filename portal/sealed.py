"""Secrets on their way: encrypted while a job's row holds them, with the keys of the credentials."""

from __future__ import annotations

from functools import cache
from typing import Any

from cryptography.fernet import InvalidToken
from encrypted_fields.fields import EncryptedTextField


class Unreadable(Exception):
    """What was sealed cannot be read with the present SALT_KEY; `str(error)` is a sentence."""


@cache
def _cipher() -> Any:
    return EncryptedTextField().f


def seal(secret: str) -> str:
    """Return a text that can be stored, and read by `unseal` alone; each time another one."""
    return _cipher().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what was sealed. Raises `Unreadable` for any other text."""
    try:
        return _cipher().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable(
            "The stored secret cannot be read with the present SALT_KEY. Enter it again."
        ) from error
