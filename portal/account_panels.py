"""What provider accounts and their help desks show on Home, in the search and on jobs' pages."""

from __future__ import annotations

from portal import panels, ticket_page


def register() -> None:
    """Make these parts known to the platform's pages."""
    panels.tasks.append(ticket_page.home_tasks)
    panels.searches.append(ticket_page.search)
    panels.job_links.append(ticket_page.job_links)
