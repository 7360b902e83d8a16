"""The benchmark as a Django app, so that its workers know its provider and its operation."""

from __future__ import annotations

from django.apps import AppConfig


class BenchConfig(AppConfig):
    """Makes the providers known that answer at once."""

    name = "bench"

    def ready(self) -> None:
        """Register the providers that answer at once, and the read that asks one."""
        from bench import instant
        from portal import providers

        providers.REGISTRY[instant.Instant.slug] = f"{instant.__name__}.Instant"
        providers.REGISTRY["bench_ports"] = "bench.ports.InstantPorts"
