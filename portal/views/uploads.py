"""Uploads: the list, a new one, naming its columns, the preview, the run and its results."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal import htmx, jobs, kept, row_drawing, upload_page
from portal.access import Request, get_visible_or_404, requires
from portal.bulk import checking, intake, kinds, results, running, states, undo, upkeep
from portal.bulk.reading import FileProblem
from portal.export import stream_csv
from portal.filtering import active_filters, fitting, is_valid
from portal.filters_upload import UploadFilter
from portal.forms_upload import MappingForm, RunForm, UploadForm
from portal.listing import Sort, paginate
from portal.models import Upload

PERMISSION = "portal.view_upload"
SORTS = [Sort(name="id", label="Newest", column="id", is_unique=True)]
LABELS = {"q": "Name", "kind": "Kind", "state": "State", "mine": "Mine"}


@requires(PERMISSION)
def upload_list(request: Request) -> HttpResponse:
    """Return the uploads that the user may see, newest first."""
    user: Any = request.user
    visible = Upload.objects.visible_to(user)
    found = UploadFilter(request.GET, queryset=visible, user=user, drawn=())
    page = paginate(
        request,
        fitting(found),
        SORTS,
        default="-id",
        is_narrow=bool(found.filters),
        fetch=row_drawing.fetch_uploads,
    )
    return kept.render_rows(
        request,
        ("portal/upload_list.html", "portal/_upload_table.html"),
        page,
        row_drawing.draw_uploads(page.rows, found.kinds),
        lambda: {
            "filter": UploadFilter(request.GET, queryset=visible, user=user),
            "chips": found.chips(active_filters(request, LABELS)),
            "kinds": kinds.all_for(user),
        },
        facts=() if is_valid(found) else None,
    )


@requires(PERMISSION)
def upload_new(request: Request) -> HttpResponse:
    """Draw the form with the guide of a kind's columns, and take a file."""
    offered = kinds.all_for(request.user)
    slug = request.GET.get("kind", "") or (offered[0].slug if offered else "")
    kind = next((one for one in offered if one.slug == slug), None)
    if kind is None:
        raise Http404("There is no such kind of file, or it is not yours to upload.")
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        try:
            upload = intake.receive(kind, actor=request.user, name=form.name, pieces=form.pieces())
        except FileProblem as problem:
            form.add_error(None, f"{problem} Nothing was kept.")
        else:
            return redirect(upload)
    context = {"form": form, "kind": kind, "kinds": offered}
    status = 422 if form.is_bound else 200
    return render(request, "portal/upload_form.html", context, status=status)


@requires(PERMISSION)
def upload_detail(request: Request, pk: int) -> HttpResponse:
    """Return one upload with its lines; the lines alone for htmx."""
    upload = _upload(request, pk)
    if upload.state == Upload.State.MAPPING:
        return redirect("portal:upload-mapping", pk=upload.pk)
    shown = upload_page.lines(request, upload, request.user)
    if not htmx.wants_fragment(request):
        shown |= upload_page.context(upload, request.user)
    page, fragment = "portal/upload_detail.html", "portal/_upload_rows.html"
    return htmx.render_list(request, page, fragment, shown)


@requires(PERMISSION)
def upload_status(request: Request, pk: int) -> HttpResponse:
    """Return the live part of an upload's page; tells the page when the lines changed for good."""
    upload = _upload(request, pk)
    context = upload_page.context(upload, request.user)
    response = render(request, "portal/_upload_live.html", context)
    if not upload.is_polled:
        htmx.tell(response, upload_changed={"id": upload.pk})
    return response


@requires(PERMISSION)
def upload_mapping(request: Request, pk: int) -> HttpResponse:
    """Draw the columns of a file, and take what they are."""
    upload = _changeable(request, pk)
    form = MappingForm(
        request.POST if request.method == "POST" else None,
        upload=upload,
        kind=kinds.get(upload.kind),
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            return _do(request, upload, intake.name_columns, form.names)
    context = upload_page.mapping_context(upload, form)
    return render(request, "portal/upload_mapping.html", context, status=status)


@requires(PERMISSION)
@require_POST
def upload_check(request: Request, pk: int) -> HttpResponse:
    """Check the file again: what holds may have changed since."""
    upload = _changeable(request, pk)
    if upload.undoes_id is not None:
        messages.error(request, "What takes an upload back is checked once. Make it anew.")
        return redirect(upload)
    return _do(request, upload, checking.start)


@requires(PERMISSION)
@require_POST
def upload_run(request: Request, pk: int) -> HttpResponse:
    """Run what was previewed, now or at a time."""
    upload = _changeable(request, pk)
    form = RunForm(request.POST)
    if not form.is_valid():
        shown = upload_page.lines(request, upload, request.user)
        shown |= upload_page.context(upload, request.user, run_form=form)
        return render(request, "portal/upload_detail.html", shown, status=422)
    overwrite = form.cleaned_data["overwrite"] or bool(upload.options.get("overwrite"))
    if at := form.cleaned_data["run_at"]:
        return _do(request, upload, upkeep.schedule, at, overwrite=overwrite)
    return _do(request, upload, running.confirm, overwrite=overwrite)


@requires(PERMISSION)
@require_POST
def upload_wait(request: Request, pk: int) -> HttpResponse:
    """Have a scheduled upload wait for a person again."""
    return _do(request, _changeable(request, pk), upkeep.unschedule)


@requires(PERMISSION)
@require_POST
def upload_cancel(request: Request, pk: int) -> HttpResponse:
    """Stop what was not done yet."""
    return _do(request, _changeable(request, pk), running.cancel)


@requires(PERMISSION)
@require_POST
def upload_accept(request: Request, pk: int) -> HttpResponse:
    """Accept the corrections that providers offered, and send these lines again."""
    upload = _changeable(request, pk)
    if not upload.counts.get("suggested"):
        messages.error(request, "No correction waits to be accepted. Nothing was sent.")
        return redirect(upload)
    return _do(request, upload, running.accept)


@requires(PERMISSION)
@require_POST
def upload_undo(request: Request, pk: int) -> HttpResponse:
    """Make the upload that takes this one back, and show its preview; nothing is changed by it."""
    upload = _changeable(request, pk)
    if why := undo.why_not(upload):
        messages.error(request, f"{why} Nothing was changed.")
        return redirect(upload)
    return redirect(undo.make(upload, actor=request.user))


@requires(PERMISSION)
def upload_rows_csv(request: Request, pk: int) -> StreamingHttpResponse:
    """Return what became of each line as CSV, all or (``?failed=1``) what can be sent again."""
    upload = _upload(request, pk)
    only_failed = bool(request.GET.get("failed"))
    head, rows = results.table(upload, only_failed=only_failed)
    return stream_csv(f"upload-{upload.pk}{'-failed' if only_failed else ''}.csv", head, rows)


@requires(PERMISSION)
def upload_template(request: Request, slug: str) -> StreamingHttpResponse:
    """Return a file with the columns of a kind and an example line."""
    kind = next((one for one in kinds.all_for(request.user) if one.slug == slug), None)
    if kind is None:
        raise Http404("There is no such kind of file, or it is not yours to upload.")
    names = [column.name for column in kind.columns if column.clean]
    rows = ([row.get(name, "") for name in names] for row in kind.template_rows())
    return stream_csv(f"{kind.slug}-template.csv", names, rows)


def _upload(request: Request, pk: int) -> Upload:
    rows = Upload.objects.select_related("actor", "run_job", "check_job", "undoes")
    return get_visible_or_404(rows, request.user, pk=pk)


def _changeable(request: Request, pk: int) -> Upload:
    """Return an upload that the user may change; raises PermissionDenied for a kind that is not his."""
    upload = _upload(request, pk)
    if not kinds.get(upload.kind).may(request.user):
        raise PermissionDenied("Your role does not allow this.")
    return upload


def _do(request: Request, upload: Upload, verb: Any, *args: Any, **options: Any) -> HttpResponse:
    """Do something with an upload and return to it; what stands against it is said there."""
    try:
        said = verb(upload, *args, actor=request.user, **options)
    except (states.Moved, jobs.NotAccepted) as refusal:
        messages.error(request, str(refusal))
    else:
        if isinstance(said, str):
            messages.info(request, said)
    return redirect(reverse("portal:upload-detail", args=[upload.pk]))
