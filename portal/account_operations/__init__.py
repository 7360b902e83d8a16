"""Questions and orders about a provider account itself; loaded at start-up with those of the domains."""

from portal.account_operations.calls import PullCalls
from portal.account_operations.facts import FACT_READS

__all__ = ["FACT_READS", "PullCalls"]
