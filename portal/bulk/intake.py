"""Taking a file: it is stored, its first lines are looked at, and its columns are named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from portal import audit
from portal.bulk import checking, files, kinds, mapping, reading, states
from portal.bulk.reading import FileProblem
from portal.models import Upload, User

State = Upload.State


def receive(kind: kinds.Kind, *, actor: User, name: str, pieces: Iterable[bytes]) -> Upload:
    """Store a file and return its upload, checked or on its way there.

    Raises `FileProblem` for what is no table; nothing is kept then.
    """
    with transaction.atomic():
        upload = Upload.objects.create(
            kind=kind.slug, name=name[:120], actor=actor, customer_id=actor.customer_id
        )
        files.keep(upload, pieces)
        is_mapped = _look(upload, kind)
        audit.record(
            actor,
            "portal.upload.received",
            upload,
            after={"kind": kind.slug, "bytes": upload.byte_count, "sha256": upload.sha256},
        )
    if is_mapped:
        checking.start(upload, actor=actor)
    return upload


def _look(upload: Upload, kind: kinds.Kind) -> bool:
    """Note what the first lines tell; return whether every column is known."""
    seen = reading.look(files.opened(upload), kind.names())
    upload.delimiter, upload.has_header = seen.delimiter, seen.has_header
    upload.head = [cell[:200] for cell in seen.head]
    known = mapping.saved(upload, kind)
    problems: list[str] = []
    if known is None and seen.has_header:
        guessed, problems = mapping.guess(kind, seen.head)
        known = [name or mapping.LEFT_OUT for name in guessed]
    elif known is None:
        problems = ["The file has no header line, so its columns must be named once."]
        known = [mapping.LEFT_OUT] * len(seen.head)
    upload.mapping = known
    upload.save(update_fields=["delimiter", "has_header", "head", "mapping"])
    if problems:
        states.move(upload, State.MAPPING, problems=problems)
    return not problems


def sample(upload: Upload) -> list[list[str]]:
    """Return the first lines of a file, for somebody who names its columns; [] where it is gone."""
    try:
        return reading.look(files.opened(upload), kinds.get(upload.kind).names()).sample
    except FileProblem:
        return []


def name_columns(upload: Upload, names: Sequence[str], *, actor: User) -> None:
    """Name the columns of an upload, remember that for the next file, and check it.

    Raises `states.Moved`.
    """
    with transaction.atomic():
        before = list(upload.mapping)
        if upload.state != State.MAPPING:
            states.move(upload, State.MAPPING)
        upload.mapping = list(names)
        upload.save(update_fields=["mapping"])
        mapping.save(upload)
        audit.record(
            actor,
            "portal.upload.mapped",
            upload,
            before={"columns": before},
            after={"columns": upload.mapping},
        )
    checking.start(upload, actor=actor)
