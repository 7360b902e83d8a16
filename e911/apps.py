"""Start-up of the e911 domain."""

from django.apps import AppConfig


class E911Config(AppConfig):
    """The domain of E911 addresses and records."""

    name = "e911"
    verbose_name = "Emergency"

    def ready(self) -> None:
        """Register what the platform's pages show of E911."""
        from e911 import bulk, panels, timeline  # noqa: F401

        timeline.register()
        panels.register()
