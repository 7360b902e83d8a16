"""The jobs of uploads: checking a large file, and writing what is ours of a run.

They reach no provider. What providers are told goes by jobs of the domains, in the same group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portal.bulk import checking, kinds, running
from portal.models import Job, ProviderAccount, Upload, User
from portal.operations import Item, Operation, Problem, register
from portal.providers.dto import ItemOutcome


class UploadOperation(Operation):
    """Base: a job about one upload, named by ``params["upload"]``."""

    permission = "portal.view_upload"
    is_local, queue = True, "bulk"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the upload: one job of a kind about it at a time."""
        return f"upload:{params['upload']}"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return that the upload is gone, or that its kind is not for this person (any more)."""
        upload = Upload.objects.filter(pk=params["upload"], forgotten_at=None).first()
        if upload is None:
            return [Problem(message="The upload is no longer kept. Nothing was changed.")]
        if actor is None or not kinds.get(upload.kind).may(actor):
            return [Problem(message="Your role does not allow this. Nothing was changed.")]
        return []


@register
class CheckUpload(UploadOperation):
    """Check a file that is too large to be checked while somebody waits."""

    kind = "portal.check_upload"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which upload is checked."""
        return f"Check upload {params['upload']}"

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Check it; show how far the reading is."""
        upload = Upload.objects.get(pk=run.job.params["upload"])

        def progress(count: int) -> None:
            Job.objects.filter(pk=run.job.pk).update(reason=f"{count:,} lines read")

        if upload.state == Upload.State.CHECKING:
            checking.check(upload, progress)
        yield from ()

    def finished(self, job: Job) -> None:
        """Leave an upload checkable whose check was stopped."""
        checking.after(job)


@register
class WriteUpload(UploadOperation):
    """Write what is ours of a run, slice by slice; stops between two when it is canceled."""

    kind = running.WRITE

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which upload is written."""
        return f"Write the lines of upload {params['upload']}"

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Write slice after slice; each is a transaction of its own, so that a crash loses none."""
        upload = Upload.objects.get(pk=run.job.params["upload"])
        kind = kinds.get(upload.kind)
        done = 0
        while running.write_slice(upload, kind, job=run.job):
            done = min(done + running.SLICE, upload.row_count)
            Job.objects.filter(pk=run.job.pk).update(reason=f"{done:,} lines done")
        yield from ()


@register
class RunUpload(UploadOperation):
    """The group of a run: it is not carried out itself, and follows its parts."""

    kind = running.GROUP

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which upload runs."""
        return f"Run upload {params['upload']}"

    def part_finished(self, group: Job) -> None:
        """File what is settled and go on."""
        running.follow(group)
