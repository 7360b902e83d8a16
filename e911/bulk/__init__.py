"""Files of emergency addresses: put on numbers, changed, and taken off."""

from e911.bulk.records import Records

__all__ = ["Records"]
