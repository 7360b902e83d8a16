"""`manage.py document_providers`: write docs/providers.md anew from the code."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal import provider_document


class Command(BaseCommand):
    """Write the table of all wire operations, or tell whether it is true."""

    help = "Write docs/providers.md from the catalogues of the providers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail if the file is not current")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = provider_document.text()
        if options["check"]:
            if provider_document.PATH.read_text() != wanted:
                raise CommandError("docs/providers.md is not current: run document_providers")
            return
        provider_document.PATH.write_text(wanted)
        self.stdout.write(f"Wrote {provider_document.PATH}")
