"""The uploaded files: encrypted pieces in the database, which web and workers share.

A file may hold secrets (PINs), so that each piece is sealed with the keys of the credentials as it
arrives. Reading and writing keep one piece in memory.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from django.conf import settings

from portal.bulk.reading import FileProblem
from portal.models import Upload, UploadPiece
from portal.sealed import Unreadable, seal_bytes, unseal_bytes

PIECE = 256 * 1024


def keep(upload: Upload, pieces: Iterable[bytes]) -> None:
    """Store the file of a saved upload and note its size on it, in the caller's transaction.

    Raises `FileProblem` for one that is too large.
    """
    digest, size, lines, last = hashlib.sha256(), 0, 0, b"\n"
    for number, piece in enumerate(_sized(pieces)):
        size += len(piece)
        if size > settings.UPLOAD_MAX_BYTES:
            raise FileProblem(
                f"The file is larger than {settings.UPLOAD_MAX_BYTES // 1_000_000} MB. "
                "Divide it and upload the parts."
            )
        digest.update(piece)
        lines += piece.count(b"\n")
        last = piece[-1:]
        UploadPiece.objects.create(upload=upload, number=number, content=seal_bytes(piece))
    upload.byte_count, upload.line_count = size, lines + (last != b"\n")
    upload.sha256 = digest.hexdigest()
    upload.save(update_fields=["byte_count", "line_count", "sha256"])


def _sized(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield pieces of at most `PIECE` bytes, none of them empty."""
    for piece in pieces:
        for start in range(0, len(piece), PIECE):
            yield piece[start : start + PIECE]


def opened(upload: Upload) -> BinaryIO:
    """Return the file of an upload for reading from its start; reading may raise `FileProblem`."""
    return io.BufferedReader(_Unsealed(upload), buffer_size=PIECE)


class _Unsealed(io.RawIOBase):
    """The text of a sealed file; can go back to its start and nowhere else."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._number = 0
        self._left = b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True: to the start."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go back to the start."""
        if offset or whence != io.SEEK_SET:
            raise io.UnsupportedOperation("A sealed file is read from its start.")
        self._number, self._left = 0, b""
        return 0

    def tell(self) -> int:
        """Return a place that means nothing: the layers above ask for one."""
        return 0

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with what comes next."""
        if not self._left:
            self._left = self._next()
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def _next(self) -> bytes:
        pieces = UploadPiece.objects.filter(upload=self._upload, number=self._number)
        sealed = pieces.values_list("content", flat=True).first()
        if sealed is None:
            if self._number == 0 and self._upload.byte_count:
                raise FileProblem("The file is no longer kept. Upload it again.")
            return b""
        self._number += 1
        try:
            return unseal_bytes(bytes(sealed))
        except Unreadable as error:
            raise FileProblem(
                "The stored file cannot be read any more: SALT_KEY was changed since. "
                "Upload it again."
            ) from error
