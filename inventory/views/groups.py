"""Groups of numbers at a provider: the list, one group, a new one, moving numbers in and out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from inventory import route_changes, route_counts, route_rows, standing
from inventory.columns import chosen_tns
from inventory.forms.routes import GroupFilter, GroupForm, MembersForm
from inventory.models import NumberGroup, TelephoneNumber
from inventory.operations.groups import SyncGroups
from inventory.services import routes as services_routes
from inventory.views.routes import submitted
from portal import jobs, kept, posted
from portal.access import Request, get_visible_or_404, requires
from portal.export import stream_csv
from portal.filtering import active_filters, asked, fitting, name_of
from portal.jobs.submit import new_key
from portal.listing import Sort, capped_count, paginate
from portal.models import Job, ProviderAccount

CHANGES = "inventory.configure_route"
MOVES = "inventory.configure_telephonenumber"
OFFERED = "number_groups"
SORTS = [Sort(name="name", label="Name", column="name")]
MEMBER_SORTS = [Sort(name="tn", label="Number", column="tn", is_unique=True)]


@requires("portal.view_provideraccount")
def group_list(request: Request) -> HttpResponse:
    """Return the groups that fit the filters, with how many numbers each has."""
    found = asked(request, lambda: _found(request, drawn=()))
    page = paginate(request, found.rows, SORTS, is_narrow=True, fetch=route_rows.fetch_groups)
    ids = [row["id"] for row in page.rows]
    counts = route_counts.remembered(services_routes.numbers_in, ids)
    stand = standing.of(SyncGroups.kind)
    return kept.render_rows(
        request,
        ("inventory/group_list.html", "inventory/_group_table.html"),
        page,
        route_rows.draw_groups(page.rows, counts),
        lambda: _around(request, stand),
        facts=stand if found.is_valid else None,
        parts={"query": request.GET.urlencode()},
    )


def _around(request: Request, stand: standing.Standing) -> dict[str, Any]:
    return {
        "filter": _found(request),
        "chips": _chips(request),
        "query": kept.slot("query"),
        "tab": "groups",
        "asked": stand.asked,
        "has_accounts": any(account.offers(OFFERED) for account in stand.accounts),
        "can_change": request.user.has_perm(CHANGES),
        "can_sync": request.user.has_perm("inventory.sync_account"),
    }


def _found(request: Request, drawn: Collection[str] | None = None) -> GroupFilter:
    visible = NumberGroup.objects.visible_to(request.user)
    return GroupFilter(request.GET, queryset=visible, user=request.user, drawn=drawn)


def _chips(request: Request) -> list[dict[str, str]]:
    chips = active_filters(request, GroupFilter.LABELS)
    for chip in chips:
        if chip["name"] == "account":
            chip["value"] = name_of(ProviderAccount, request.user, chip["value"])
    return chips


@requires("portal.view_provideraccount")
def group_export(request: Request) -> HttpResponseBase:
    """Return the groups that fit the filters as CSV, with how many of our numbers each has."""
    rows = fitting(_found(request)).select_related("account")
    groups = list(rows.order_by("account__name", "name"))
    counts = services_routes.numbers_in([group.pk for group in groups])
    words = services_routes.count_words
    lines = (
        (one.account, one.provider_ref, one.name, words(counts.get(one.pk, 0)), one.missing_since)
        for one in groups
    )
    head = ["account", "reference", "name", "numbers", "missing_since"]
    return stream_csv("groups.csv", head, lines)


def _accounts(request: Request) -> Any:
    return ProviderAccount.objects.visible_to(request.user).offering(OFFERED)


@requires("inventory.sync_account")
@require_POST
def group_refresh(request: Request) -> HttpResponse:
    """Ask every account that keeps groups for them."""
    accounts = _accounts(request).filter(is_enabled=True, paused_at=None)
    for account in accounts:
        route_changes.read(SyncGroups.kind, account, actor=request.user)
    if accounts:
        messages.info(request, "The groups are being fetched.")
    else:
        messages.warning(request, "No account that keeps groups is switched on.")
    return redirect("inventory:group-list")


@requires(CHANGES)
def group_new(request: Request) -> HttpResponse:
    """Draw and take the form of a new group."""
    data = request.POST if request.method == "POST" else None
    accounts = _accounts(request)
    initial = {"key": new_key(), "account": accounts.first() if len(accounts) == 1 else None}
    form = GroupForm(data, accounts=accounts, initial=initial)

    def send() -> Job:
        given = form.cleaned_data
        return route_changes.create_group(
            given["account"], given["name"], actor=request.user, key=given["key"]
        )

    return submitted(request, form, send, "inventory/group_form.html", {"form": form})


@requires("portal.view_provideraccount")
def group_detail(request: Request, pk: int) -> HttpResponse:
    """Return one group with its members."""
    return _drawn(request, _group(request, pk), MembersForm(initial={"key": new_key()}))


def _drawn(
    request: Request,
    group: NumberGroup,
    form: MembersForm,
    *,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    members = services_routes.members_of(group.account, group.provider_ref)
    numbers = TelephoneNumber.objects.filter(account=group.account, tn__in=members)
    page = paginate(request, numbers.select_related("customer"), MEMBER_SORTS)
    count, is_exact = capped_count(numbers)
    user = request.user
    context = {
        "group": group,
        "page": page,
        "count": count,
        "count_is_exact": is_exact,
        "form": form,
        "problems": problems,
        "key": new_key(),
        "open_jobs": Job.objects.open().filter(
            account=group.account, subject=f"group:{group.account_id}:{group.provider_ref}"[:64]
        ),
        "can_move": user.has_perm(MOVES) and group.missing_since is None,
        "can_read": user.has_perm("inventory.sync_account"),
    }
    return render(request, "inventory/group_detail.html", context, status=status)


@requires("inventory.sync_account")
@require_POST
def group_read(request: Request, pk: int) -> HttpResponse:
    """Ask the provider who is in a group."""
    group = _group(request, pk)
    try:
        job = route_changes.read_group(group, actor=request.user)
    except jobs.NotAccepted as refusal:
        messages.error(request, str(refusal))
        return redirect("inventory:group-detail", pk=group.pk)
    return redirect("portal:job-detail", pk=job.pk)


@requires(MOVES)
@require_POST
def group_move(request: Request, pk: int) -> HttpResponse:
    """Submit moving pasted numbers into a group, or the ticked ones out of it."""
    group = _group(request, pk)
    is_out = request.POST.get("direction") == "out"
    form = MembersForm(None if is_out else request.POST, initial={"key": new_key()})
    if is_out:
        tns = list(chosen_tns(request.POST))
    elif form.is_valid():
        tns = form.cleaned_data["numbers"]
    else:
        return _drawn(request, group, form, status=422)
    wanted, tns = len(tns), _own(group, tns)
    if len(tns) < wanted:
        left = f"{wanted - len(tns)} of {wanted} numbers are not at {group.account}"
        messages.warning(request, f"{left} and stay where they are.")
    key = posted.key_or_new(request)
    try:
        job = route_changes.move_numbers(group, tns, is_out=is_out, actor=request.user, key=key)
    except jobs.NotAccepted as refusal:
        return _drawn(request, group, form, problems=refusal.problems, status=409)
    return redirect("portal:job-detail", pk=job.pk)


def _own(group: NumberGroup, tns: list[str]) -> list[str]:
    """Return those of the numbers that are at the group's account: no other can be in it."""
    rows = TelephoneNumber.objects.filter(account=group.account, tn__in=tns)
    return list(rows.order_by("tn").values_list("tn", flat=True))


def _group(request: Request, pk: int) -> NumberGroup:
    groups = NumberGroup.objects.select_related("account")
    return get_visible_or_404(groups, request.user, pk=pk)
