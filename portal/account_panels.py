"""What provider accounts and their help desks show on Home, in the search and on jobs' pages."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from portal import panels, passwords, ticket_page
from portal.models import Job, User
from portal.panels import JobLink


def password_links(job: Job, user: User) -> Iterable[JobLink]:
    """Yield the way to a password that a job's provider made up, until somebody has looked."""
    if user.has_perm("portal.manage_subaccount") and passwords.is_there(job):
        url = reverse("portal:job-password", args=[job.pk])
        yield JobLink(label="Show the password once…", url=url, icon="key")


def register() -> None:
    """Make these parts known to the platform's pages."""
    panels.tasks.append(ticket_page.home_tasks)
    panels.searches.append(ticket_page.search)
    panels.job_links.extend([ticket_page.job_links, password_links])
