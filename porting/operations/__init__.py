"""Questions and orders of porting that reach a provider."""

from porting.operations.asking import why_not_write, write_to_provider
from porting.operations.carriers import Offer, carrier_lookup, look_up_carriers
from porting.operations.checking import CheckPortability, check_again, start_preflight
from porting.operations.leaving import follow_up, set_pins, settle_steps
from porting.operations.matching import MatchPort, match
from porting.operations.polling import PollLists, PollPorts, poll, poll_due
from porting.operations.presets import follow_arrivals
from porting.operations.submitting import SubmitPort, submit

__all__ = [
    "CheckPortability",
    "MatchPort",
    "Offer",
    "PollLists",
    "PollPorts",
    "SubmitPort",
    "carrier_lookup",
    "check_again",
    "follow_arrivals",
    "follow_up",
    "look_up_carriers",
    "match",
    "poll",
    "poll_due",
    "set_pins",
    "settle_steps",
    "start_preflight",
    "submit",
    "why_not_write",
    "write_to_provider",
]
