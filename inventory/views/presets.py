"""Presets of orders: answers of the cart's form, kept under a name and filled in again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from inventory import cart as cart_page
from inventory import services
from inventory.forms.order import OrderForm, PresetForm
from inventory.models import OrderPreset
from inventory.views.cart import PERMISSION, page_context
from portal.access import Request, get_visible_or_404, requires


@requires(PERMISSION)
@require_POST
def preset_use(request: Request, pk: int) -> HttpResponse:
    """Return the cart with a preset's answers filled in; what else was typed stays, but for a PIN."""
    preset = get_visible_or_404(OrderPreset, request.user, pk=pk)
    accounts = cart_page.accounts(request.user)
    answers = request.POST.dict() | preset.answers
    form = OrderForm(user=request.user, accounts=accounts, initial=answers)
    messages.info(request, f"Filled in from “{preset}”. Nothing is ordered by this.")
    return render(request, "inventory/cart.html", page_context(request, form))


@requires(PERMISSION)
@require_POST
def preset_keep(request: Request) -> HttpResponse:
    """Keep how the cart's form sets numbers up under a name; the form stays as it is."""
    accounts = cart_page.accounts(request.user)
    form = OrderForm(request.POST, user=request.user, accounts=accounts)
    named = PresetForm(request.POST, prefix="preset")
    is_valid = form.is_valid() and named.is_valid()
    if is_valid:
        preset = services.keep_preset(named.cleaned_data["name"], form.preset(), actor=request.user)
        messages.success(request, f"Kept as “{preset}”. A PIN is never kept: type it again.")
    elif not named.is_valid():
        messages.warning(request, "A preset needs a name. Nothing was kept.")
    page = page_context(request, form)
    return render(request, "inventory/cart.html", page, status=200 if is_valid else 422)


@requires(PERMISSION)
@require_POST
def preset_drop(request: Request, pk: int) -> HttpResponse:
    """Forget a preset; orders that were placed with it stay as they are."""
    preset = get_visible_or_404(OrderPreset, request.user, pk=pk)
    services.drop_preset(preset, actor=request.user)
    messages.success(request, f"“{preset}” is forgotten.")
    return redirect("inventory:cart")
