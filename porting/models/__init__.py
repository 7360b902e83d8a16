"""The nouns of porting: orders and their numbers, papers, words of providers, port-outs."""

from porting.models.order import PortLine, PortOrder
from porting.models.papers import PortDocument, PortEvent, PortMail, PortNote, PortSignature
from porting.models.port_out import PortOut
from porting.models.preflight import Preflight, PreflightLine
from porting.models.words import ProviderWord

__all__ = [
    "PortDocument",
    "PortEvent",
    "PortLine",
    "PortMail",
    "PortNote",
    "PortOrder",
    "PortOut",
    "PortSignature",
    "Preflight",
    "PreflightLine",
    "ProviderWord",
]
