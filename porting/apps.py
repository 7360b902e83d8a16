"""Start-up of the porting domain."""

from django.apps import AppConfig


class PortingConfig(AppConfig):
    """The domain of port orders."""

    name = "porting"
    verbose_name = "Porting"

    def ready(self) -> None:
        """Register what the platform's pages show of ports."""
        from porting import panels

        panels.register()
