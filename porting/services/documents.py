"""Documents of an order, known by their content, and the letter of authority signed on screen."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import IO, Any, Final, Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.models import User
from portal.tn import TN
from porting.models import PortDocument, PortOrder, PortSignature
from porting.services.notes import record_event

ACCEPTED: Final = "PDF, PNG, JPEG or TIFF"
_BEGINNINGS: Final = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"II*\x00", "image/tiff", "tif"),
    (b"MM\x00*", "image/tiff", "tif"),
)


class NotAccepted(Exception):
    """A file or a signature that is not taken; `str(error)` is a sentence. Nothing was kept."""


class Upload(Protocol):
    """What a form hands over as a file."""

    name: str | None
    size: int | None

    def chunks(self) -> Iterable[bytes]:
        """Yield the content."""


def kind_of(beginning: bytes) -> tuple[str, str]:
    """Return content type and file ending by what a file begins with; raises `NotAccepted`."""
    for mark, content_type, ending in _BEGINNINGS:
        if beginning.startswith(mark):
            return content_type, ending
    raise NotAccepted(f"This is no {ACCEPTED} file. Nothing was uploaded.")


@transaction.atomic
def add_document(
    order: PortOrder,
    upload: Upload,
    *,
    kind: str,
    actor: User | None,
    dated_on: date | None = None,
) -> PortDocument:
    """Keep a file of an order outside the web root and return its row.

    A letter of authority is taken for received, and signed on `dated_on`. The same file twice is
    the same document. Raises `NotAccepted` for one that is too large, empty or of another type.
    """
    limit = settings.PORT_DOCUMENT_MAX_MB * 1024 * 1024
    if (upload.size or 0) > limit:
        raise NotAccepted(
            f"The file has more than {settings.PORT_DOCUMENT_MAX_MB} MB. Nothing was uploaded."
        )
    content = b"".join(upload.chunks())
    if not content:
        raise NotAccepted("The file is empty. Nothing was uploaded.")
    content_type, ending = kind_of(content[:16])
    digest = hashlib.sha256(content).hexdigest()
    known = PortDocument.objects.filter(order=order, sha256=digest).first()
    document = known or _store(order, content, content_type, ending, digest)
    document.kind, document.dated_on = kind, dated_on
    if known is None:
        document.name, document.uploaded_by = _safe_name(upload.name or "", ending), actor
    document.save()
    if kind == PortDocument.Kind.LOA:
        _letter_is_here(order, dated_on or timezone.localdate())
    facts = {"name": document.name, "kind": kind, "size": document.size, "sha256": digest}
    audit.record(actor, "porting.port.document_added", order, after=facts)
    source = "us" if actor is None or actor.is_staff_role else "customer"
    text = f"{document.get_kind_display()}: {document.name}"
    record_event(order, source=source, text=text, actor=actor)
    return document


def _store(
    order: PortOrder, content: bytes, content_type: str, ending: str, digest: str
) -> PortDocument:
    folder = Path(settings.PORT_DOCUMENT_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stored_as = f"{secrets.token_hex(20)}.{ending}"
    path = folder / stored_as
    path.write_bytes(content)
    path.chmod(0o600)
    return PortDocument(
        order=order,
        content_type=content_type,
        size=len(content),
        sha256=digest,
        stored_as=stored_as,
    )


def _safe_name(name: str, ending: str) -> str:
    plain = re.sub(r"[^\w .()-]+", "_", Path(name.replace("\\", "/")).name).strip(" .")
    stem = plain.rsplit(".", 1)[0] if "." in plain else plain
    return f"{(stem or 'document')[:100]}.{ending}"


def open_document(document: PortDocument) -> IO[bytes]:
    """Return the content, to be read; raises FileNotFoundError where the file is gone."""
    return (Path(settings.PORT_DOCUMENT_DIR) / Path(document.stored_as).name).open("rb")


def letter_text(order: PortOrder, signer: str) -> str:
    """Return the letter of authority of an order as the signer agrees to it, word for word."""
    numbers = ", ".join(TN(tn).pretty for tn in order.lines.active().values_list("tn", flat=True))
    company = order.customer.name if order.customer else "the subscriber"
    carrier = order.losing_carrier or "my present carrier"
    return (
        f"I, {signer}, may decide about the telephone service of {order.name or company} at "
        f"{order.address_line or 'the service address'}. I authorize the transfer of these "
        f"numbers from {carrier} and appoint the company that receives them, and those who act "
        f"for it, to order the transfer in my name: {numbers}. I know that features at the "
        "present carrier end with the transfer, and that the account there stays mine to settle."
    )


@transaction.atomic
def sign_letter(
    order: PortOrder, *, signer: str, text: str, actor: User, address: str | None
) -> PortSignature:
    """Keep a letter of authority that was signed on screen: its text, who, when, from where.

    Raises `NotAccepted` where the text is not that of the order as it is now, or no name is given.
    """
    name = " ".join(signer.split())
    if len(name) < 3:
        raise NotAccepted("Type your full name to sign. Nothing was signed.")
    if text.split() != letter_text(order, name).split():
        raise NotAccepted(
            "The order has changed since the letter was shown. Read it again. Nothing was signed."
        )
    signature = PortSignature.objects.create(
        order=order, signer=name, text=text, user=actor, address=address
    )
    if not order.authorized_person:
        PortOrder.objects.filter(pk=order.pk).update(authorized_person=name)
    _letter_is_here(order, timezone.localdate(signature.signed_at))
    facts: dict[str, Any] = {"signer": name, "address": address or ""}
    audit.record(actor, "porting.port.letter_signed", order, after=facts)
    source = "us" if actor.is_staff_role else "customer"
    record_event(order, source=source, text=f"Letter signed by {name}.", actor=actor)
    return signature


def _letter_is_here(order: PortOrder, signed_on: date) -> None:
    values = {"loa_received_at": timezone.now(), "loa_signed_on": signed_on}
    PortOrder.objects.filter(pk=order.pk).update(**values)
    for name, value in values.items():
        setattr(order, name, value)


def forget_files(names: Iterable[str]) -> None:
    """Delete stored files; one that is gone already is no error."""
    for name in names:
        (Path(settings.PORT_DOCUMENT_DIR) / Path(name).name).unlink(missing_ok=True)
