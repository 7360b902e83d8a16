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
    return seal_bytes(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what was sealed. Raises `Unreadable` for any other text."""
    return unseal_bytes(sealed.encode()).decode()


def seal_bytes(secret: bytes) -> bytes:
    """Return bytes without line ends that can be stored, and read by `unseal_bytes` alone."""
    sealed: bytes = _cipher().encrypt(secret)
    return sealed


def unseal_bytes(sealed: bytes) -> bytes:
    """Return what was sealed. Raises `Unreadable` for anything else."""
    try:
        secret: bytes = _cipher().decrypt(sealed)
    except InvalidToken as error:
        raise Unreadable(
            "The stored secret cannot be read with the present SALT_KEY. Enter it again."
        ) from error
    return secret
