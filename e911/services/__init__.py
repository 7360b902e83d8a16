"""Writes of E911 that stay in our database, a module per noun."""

from e911.services.checks import NotAcceptable, accept, new_check
from e911.services.differences import adopt, ignore, open_again
from e911.services.locations import archive_location, save_location
from e911.services.records import (
    IllegalMove,
    keep_on_purpose,
    mark_not_required,
    mark_required,
    record_of,
    save_draft,
)
from e911.services.tests import log_test

__all__ = [
    "IllegalMove",
    "NotAcceptable",
    "accept",
    "adopt",
    "archive_location",
    "ignore",
    "keep_on_purpose",
    "log_test",
    "mark_not_required",
    "mark_required",
    "new_check",
    "open_again",
    "record_of",
    "save_draft",
    "save_location",
]
