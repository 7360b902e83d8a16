"""The addresses of the site, and the baseline beside them."""

from __future__ import annotations

from django.urls import include, path

from bench.counting import constant

BASELINE = "/bench/constant/"

urlpatterns = [
    path(BASELINE.lstrip("/"), constant),
    path("", include("portal.urls")),
]
