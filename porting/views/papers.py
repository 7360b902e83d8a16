"""Papers of an order: documents, the letter of authority, notes, mails."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from portal import htmx
from portal.access import Request, get_visible_or_404, requires
from porting import order_page, services
from porting.forms.acts import DocumentForm, MailForm, NoteForm, SignForm
from porting.models import PortDocument, PortMail, PortOrder, PortSignature
from porting.services.documents import letter_text
from porting.services.mails import resend
from porting.views.order import CHANGE, VIEW, find, page

ANSWER = "porting.answer_portorder"


@requires(VIEW)
def document(request: Request, pk: int, document: int) -> HttpResponse:
    """Return a document as a download; who may not see the order gets 404."""
    order = find(request, pk)
    row = get_visible_or_404(PortDocument.objects.filter(order=order), request.user, pk=document)
    try:
        with services.open_document(row) as file:
            response = HttpResponse(file.read(), content_type=row.content_type)
    except FileNotFoundError as error:
        raise Http404("The file of this document is gone. Ask for it again.") from error
    response["Content-Disposition"] = content_disposition_header(True, row.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@requires(ANSWER)
@require_POST
def document_add(request: Request, pk: int) -> HttpResponse:
    """Keep an uploaded document; one of another type says what is accepted."""
    order = find(request, pk)
    form = DocumentForm(request.POST, request.FILES, is_staff=request.user.is_staff_role)
    if form.is_valid():
        try:
            kept = services.add_document(
                order,
                form.cleaned_data["file"],
                kind=form.cleaned_data["kind"],
                dated_on=form.cleaned_data["dated_on"],
                actor=request.user,
            )
        except services.NotAccepted as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, f"{kept.name} is kept with {order}.")
            return _part(request, order, "porting/_port_documents.html")
    return _part(request, order, "porting/_port_documents.html", status=422, document_form=form)


@requires(ANSWER)
@require_POST
def note_add(request: Request, pk: int) -> HttpResponse:
    """Write a note; the other side is told by mail where it is not for staff only."""
    order = find(request, pk)
    form = NoteForm(
        request.POST,
        is_staff=request.user.is_staff_role,
        has_customer=order.customer_id is not None,
    )
    if not form.is_valid():
        return _part(request, order, "porting/_port_notes.html", status=422, note_form=form)
    services.add_note(
        order,
        form.cleaned_data["text"],
        actor=request.user,
        is_internal=form.cleaned_data.get("is_internal", False),
    )
    messages.success(request, "The note is written.")
    return _part(request, order, "porting/_port_notes.html")


def _part(
    request: Request, order: PortOrder, fragment: str, *, status: int = 200, **forms: Any
) -> HttpResponse:
    """Return a part of the order's page for htmx; the page, or the way to it, without."""
    if not htmx.wants_fragment(request):
        return redirect(order) if status == 200 else page(request, order, status=status, **forms)
    context = order_page.context(order, request.user) | forms
    response = htmx.with_messages(request, fragment, context)
    response.status_code = status
    return response


@requires(VIEW)
def letter(request: Request, pk: int) -> HttpResponse:
    """Return the letter of authority as a page to print; one that was signed, word for word."""
    order = find(request, pk)
    signature = None
    if "signature" in request.GET:
        rows = PortSignature.objects.filter(order=order).select_related("user")
        signature = get_visible_or_404(rows, request.user, pk=request.GET["signature"])
    context = {
        "order": order,
        "signature": signature,
        "text": signature.text if signature else letter_text(order, _signer(order)),
        "can_sign": request.user.has_perm(ANSWER) and not order.is_over,
    }
    return render(request, "porting/letter.html", context)


@requires(ANSWER)
def letter_sign(request: Request, pk: int) -> HttpResponse:
    """Draw the letter and take its signature: a typed name, a tick, kept with time and address."""
    order = find(request, pk)
    form = SignForm(request.POST or None, initial={"mark": _mark(order)})
    context = {
        "order": order,
        "form": form,
        "text": letter_text(order, _signer(order)),
        "address": request.META.get("REMOTE_ADDR", ""),
    }
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        signer = " ".join(form.cleaned_data["signer"].split())
        try:
            if form.cleaned_data["mark"] != _mark(order):
                raise services.NotAccepted(
                    "The order has changed since the letter was shown. Read it again. Nothing was "
                    "signed."
                )
            services.sign_letter(
                order,
                signer=signer,
                text=letter_text(order, signer),
                actor=request.user,
                address=context["address"] or None,
            )
        except services.NotAccepted as refusal:
            context["refusal"], status = str(refusal), 409
            context["form"] = SignForm(initial={"mark": _mark(order), "signer": signer})
        else:
            messages.success(request, "The letter is signed. Thank you.")
            return redirect(order)
    return render(request, "porting/letter_sign.html", context, status=status)


def _signer(order: PortOrder) -> str:
    return order.authorized_person or "[your name]"


def _mark(order: PortOrder) -> str:
    """Return what changes with every word of the letter but the signer's name."""
    return hashlib.sha256(letter_text(order, "").encode()).hexdigest()


@requires(CHANGE)
@require_POST
def letter_sent(request: Request, pk: int) -> HttpResponse:
    """Note that the signed letter was given to the provider."""
    order = find(request, pk)
    if order.loa_sent_at is not None:
        messages.info(request, "That was noted already.")
        return redirect(order)
    with transaction.atomic():
        services.change_order(order, {"loa_sent_at": timezone.now()}, actor=request.user)
        words = "The signed letter was given to the provider."
        services.record_event(
            order, source="us", text=words, actor=request.user, is_for_customer=False
        )
    messages.success(request, "Noted: the letter was sent to the provider.")
    return redirect(order)


@requires(VIEW)
def mail(request: Request, pk: int, mail: int) -> HttpResponse:
    """Return a mail as it was sent, and send it again."""
    order = find(request, pk)
    row = get_visible_or_404(PortMail.objects.filter(order=order), request.user, pk=mail)
    can_change = request.user.has_perm(CHANGE)
    form = MailForm(request.POST or None, initial={"to": row.to})
    if request.method == "POST" and not can_change:
        raise PermissionDenied("Your role does not allow this.")
    if request.method == "POST" and form.is_valid():
        try:
            again = resend(row, actor=request.user, to=form.cleaned_data["to"])
        except (ValueError, ValidationError) as error:
            words = error.messages[0] if isinstance(error, ValidationError) else str(error)
            form.add_error("to", words)
        else:
            messages.success(request, f"It goes to {again.to} once more.")
            return redirect(order)
    context = {
        "order": order,
        "mail": row,
        "form": form,
        "can_change": can_change,
    }
    return render(request, "porting/mail.html", context, status=422 if form.is_bound else 200)
