"""The one exception of this package."""

from __future__ import annotations


class CannotStart(Exception):
    """Something could not be started; its text is the sentence a person reads.

    The sentence says what happened and what to do, and is printed without a trace.
    """
