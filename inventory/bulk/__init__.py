"""Files of numbers: editing what is ours of them, and telling providers what they shall do."""

from inventory.bulk.numbers import Numbers

__all__ = ["Numbers"]
