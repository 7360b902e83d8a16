"""Start-up of the tollfree domain."""

from django.apps import AppConfig


class TollfreeConfig(AppConfig):
    """The domain of RespOrg operations."""

    name = "tollfree"
    verbose_name = "Toll-free"
