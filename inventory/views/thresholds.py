"""Stock thresholds: set, change, remove."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from inventory import thresholds
from inventory.forms.thresholds import ThresholdForm
from inventory.models import StockThreshold
from portal.access import Request, get_visible_or_404, requires

PERMISSION = "inventory.change_threshold"


@requires(PERMISSION)
def threshold_list(request: Request) -> HttpResponse:
    """Return all thresholds with their stock, and take a new one."""
    form = ThresholdForm(request.POST or None, initial=_from_link(request))
    if request.method == "POST" and form.is_valid():
        return _saved(request, form, None)
    context = {"form": form, "levels": thresholds.levels()}
    status = 422 if form.is_bound else 200
    return render(request, "inventory/threshold_list.html", context, status=status)


@requires(PERMISSION)
def threshold_edit(request: Request, pk: int) -> HttpResponse:
    """Draw and take the form of one threshold."""
    threshold = get_visible_or_404(StockThreshold, request.user, pk=pk)
    before = threshold.minimum
    form = ThresholdForm(request.POST or None, instance=threshold)
    if request.method == "POST" and form.is_valid():
        return _saved(request, form, before)
    context = {"form": form, "threshold": threshold, "before": before}
    status = 422 if form.is_bound else 200
    return render(request, "inventory/threshold_form.html", context, status=status)


@requires(PERMISSION)
@require_POST
def threshold_remove(request: Request, pk: int) -> HttpResponse:
    """Remove one threshold; nobody is warned of its area code any more."""
    threshold = get_visible_or_404(StockThreshold, request.user, pk=pk)
    thresholds.remove(threshold, actor=request.user)
    messages.success(request, f"The threshold of {threshold.npa} is removed.")
    return redirect("inventory:threshold-list")


def _from_link(request: Request) -> dict[str, str]:
    return {"npa": request.GET.get("npa", "")[:3]}


def _saved(request: Request, form: ThresholdForm, before: int | None) -> HttpResponse:
    threshold = form.save(commit=False)
    thresholds.save(threshold, actor=request.user, minimum_before=before)
    messages.success(request, f"Home warns below {threshold.minimum:,} in {threshold.npa}.")
    return redirect("inventory:threshold-list")
