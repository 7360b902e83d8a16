"""The export of numbers that can be edited and uploaded again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from inventory import selection
from inventory.bulk import export
from inventory.columns import SORTS
from portal.access import Request, requires
from portal.copying import copied
from portal.export import stream_lines


@requires("inventory.configure_telephonenumber")
def tn_export_edit(request: Request) -> HttpResponseBase:
    """Return every number that fits the filters as a file to edit; with ``picked`` the selection."""
    if "picked" in request.GET:
        chosen = selection.read(request)
        if not chosen.count:
            messages.warning(request, "No number was chosen, so nothing was exported.")
            return redirect(chosen.back_url)
        numbers: Any = chosen.numbers
    else:
        numbers, _ = selection.filtered(request)
    numbers, columns = export.lines(numbers)
    pieces = copied(request, numbers, SORTS, list(columns.values()))
    return stream_lines("numbers-to-edit.csv", list(columns), pieces)
