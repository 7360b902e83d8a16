"""Start-up of the porting domain."""

from django.apps import AppConfig


class PortingConfig(AppConfig):
    """The domain of port orders."""

    name = "porting"
    verbose_name = "Porting"
