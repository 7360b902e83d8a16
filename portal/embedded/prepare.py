"""Bring the database of a first look up to date: `python -m portal.embedded.prepare`.

Migrations and demo data in one process, because starting Django twice is most of the wait.
"""

from __future__ import annotations

import os


def main() -> None:
    """Migrate, then load what is missing of the demo data; prints the demo logins."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    # Not at the top: this package is read before Django is configured.
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("seed_demo")


if __name__ == "__main__":
    main()
