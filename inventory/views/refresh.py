"""“Refresh from provider” for many numbers: what it takes, then doing it as jobs."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from inventory import refreshes, selection, walks
from portal import jobs, posted
from portal.access import Request, requires
from portal.jobs.submit import Child, new_key

KIND = "inventory.plan_refresh"


@requires("inventory.refresh_telephonenumber")
def tn_refresh_many(request: Request) -> HttpResponse:
    """Say how many numbers are read at which accounts, in how many calls; read them when confirmed."""
    chosen = selection.read(request)
    if not chosen.count:
        messages.warning(request, f"{chosen.problem} Nobody was asked.")
        return redirect(chosen.back_url)
    entries = refreshes.plan(chosen.numbers) if not chosen.problem else []
    held = sum(entry.count for entry in entries)
    if request.method == "POST" and held and request.POST.get("seen") == chosen.mark:
        group = jobs.submit_group(
            f"Refresh {held:,} number{'s' if held != 1 else ''} from the provider",
            kind=KIND,
            actor=request.user,  # type: ignore[arg-type]
            children=[Child(kind=KIND, account=None, params=walks.facts(chosen))],
            key=posted.key_or_new(request),
        )
        return redirect("portal:job-detail", pk=group.pk)
    is_stale = request.method == "POST" and not chosen.problem
    context = {
        "selection": chosen,
        "entries": entries,
        "held_count": held,
        "left_count": chosen.count - held,
        "call_count": sum(entry.call_count for entry in entries),
        "minutes": max((entry.minutes for entry in entries), default=0),
        "is_stale": is_stale,
        "key": new_key(),
    }
    status = 409 if is_stale or chosen.problem else 200
    return render(request, "inventory/refresh_many.html", context, status=status)
