"""The platform of Numberdesk: whatever more than one domain needs."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
