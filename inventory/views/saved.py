"""Saved views of the numbers list: save, change, delete."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from inventory import saved_views
from inventory.filters.numbers import TelephoneNumberFilter
from inventory.forms.saved import SavedViewForm
from inventory.models import SavedView
from portal.access import Request, get_visible_or_404, requires


@requires("inventory.keep_view")
def saved_list(request: Request) -> HttpResponse:
    """Return all views that the user has, his own and those that others share."""
    views = SavedView.objects.visible_to(request.user).select_related("user")
    rows = [(view, _words(request, view.query)) for view in views]
    return render(request, "inventory/saved_list.html", {"rows": rows})


@requires("inventory.keep_view")
def saved_new(request: Request) -> HttpResponse:
    """Draw and take the form that keeps the filters of the list (``query``) under a name."""
    values = request.POST if request.method == "POST" else request.GET
    query = saved_views.kept_query(QueryDict(values.get("query", "")), request.user)
    view = SavedView(user=request.user, query=query)
    return _form(request, view, "“{}” is saved.")


@requires("inventory.keep_view")
def saved_edit(request: Request, pk: int) -> HttpResponse:
    """Draw and take the form of a view of one's own."""
    own = SavedView.objects.filter(user=request.user)
    return _form(request, get_visible_or_404(own, request.user, pk=pk), "“{}” is changed.")


@requires("inventory.keep_view")
@require_POST
def saved_delete(request: Request, pk: int) -> HttpResponse:
    """Delete a view of one's own; the numbers in it are not touched."""
    own = SavedView.objects.filter(user=request.user)
    view = get_visible_or_404(own, request.user, pk=pk)
    view.delete()
    messages.success(request, f"The view “{view}” is deleted. No number was changed.")
    return redirect("inventory:saved-list")


def _form(request: Request, view: SavedView, done: str) -> HttpResponse:
    form = SavedViewForm(request.POST or None, instance=view)
    if request.method == "POST" and form.is_valid():
        saved_views.save(form.instance)
        messages.success(request, done.format(view))
        return redirect(f"{reverse('inventory:tn-list')}?{view.query}&view={view.pk}")
    context = {
        "form": form,
        "view": view,
        "words": _words(request, view.query),
        "list_query": f"{view.query}&view={view.pk or 'all'}",
    }
    status = 422 if form.is_bound else 200
    return render(request, "inventory/saved_form.html", context, status=status)


def _words(request: Request, query: str) -> str:
    """Return what a view shows, as a sentence part."""
    values = QueryDict(query)
    found = TelephoneNumberFilter(values, user=request.user, drawn=())
    told = ", ".join(f"{label}: {value}" for label, value in found.words(request.user))
    return told or "All numbers"
