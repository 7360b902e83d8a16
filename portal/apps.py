"""Start-up of the platform."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The platform app: people, ledger, audit, providers."""

    name = "portal"
    verbose_name = "Platform"

    def ready(self) -> None:
        """Load the operations of accounts and of every domain, and the system checks."""
        from importlib import import_module
        from importlib.util import find_spec

        from portal import account_operations, account_panels, approval_page, checks  # noqa: F401
        from portal.bulk import operations, panels  # noqa: F401

        account_panels.register()
        approval_page.register()
        panels.register()

        for app in ("inventory", "e911", "porting", "messaging", "tollfree"):
            if find_spec(f"{app}.operations"):
                import_module(f"{app}.operations")
