"""The disconnect report: what is in it, and its file."""

from __future__ import annotations

from django.conf import settings
from django.http.response import HttpResponseBase
from django.shortcuts import render

from inventory import disconnects
from inventory.forms.report import PeriodForm
from inventory.lifecycle import today
from portal.access import Request, requires
from portal.export import stream_csv

SHOWN = 100


@requires("inventory.report_disconnects")
def disconnect_report(request: Request) -> HttpResponseBase:
    """Return the numbers that were disconnected in a period, or the file of them.

    Without a period in the address it is the newest whole one. A file without lines is not made:
    the page says that there is nothing to report, which has to be told, too.
    """
    start, end = disconnects.usual_period(today())
    form = PeriodForm(
        request.GET if "start" in request.GET else None, initial={"start": start, "end": end}
    )
    if form.is_bound and form.is_valid():
        start, end = form.cleaned_data["start"], form.cleaned_data["end"]
    rows = disconnects.disconnects(start, end)
    is_valid = not form.is_bound or form.is_valid()
    count = rows.count() if is_valid else 0
    company_id = settings.REPORT_COMPANY_ID
    if "export" in request.GET and is_valid and count and company_id:
        name = f"disconnects-{start:%Y%m%d}-{end:%Y%m%d}.csv"
        return stream_csv(name, disconnects.HEAD, disconnects.lines(rows, company_id))
    context = {
        "form": form,
        "start": start,
        "end": end,
        "is_valid": is_valid,
        "count": count,
        "company_id": company_id,
        "rows": rows.select_related("number", "customer")[:SHOWN] if is_valid else (),
        "is_open": end >= today(),
    }
    status = 200 if is_valid else 422
    return render(request, "inventory/disconnect_report.html", context, status=status)
