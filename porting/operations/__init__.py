"""Questions and orders of porting that reach a provider."""

from porting.operations.checking import CheckPortability, check_again, start_preflight
from porting.operations.matching import MatchPort, match
from porting.operations.polling import PollLists, PollPorts, poll, poll_due
from porting.operations.submitting import SubmitPort, submit

__all__ = [
    "CheckPortability",
    "MatchPort",
    "PollLists",
    "PollPorts",
    "SubmitPort",
    "check_again",
    "match",
    "poll",
    "poll_due",
    "start_preflight",
    "submit",
]
