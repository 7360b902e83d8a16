"""The demo data set: one start fills every desk, a second one adds nothing."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from e911.models import EmergencyRecord, Standing
from inventory.models import TelephoneNumber
from portal.models import Job
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from porting.models import PortOrder

pytestmark = pytest.mark.django_db


def test_one_start_fills_the_desks_and_a_second_one_adds_nothing(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    with RunningSandbox(directory=tmp_path, scale=0.05) as sandbox:
        settings.SANDBOX_URL = sandbox.url
        call_command("seed_demo", verbosity=0)
        counts = (TelephoneNumber.objects.count(), EmergencyRecord.objects.count())
        jobs = Job.objects.count()
        call_command("seed_demo", verbosity=0)
        assert (TelephoneNumber.objects.count(), EmergencyRecord.objects.count()) == counts
        assert Job.objects.count() == jobs
    states = set(PortOrder.objects.values_list("state", flat=True))
    assert {"ready", "customer_input", "submitted", "exception"} <= states
    assert {"verified", "invalid"} <= set(EmergencyRecord.objects.values_list("state", flat=True))
    in_service = TelephoneNumber.objects.filter(state__in=["in_service", "suspended"])
    assert Standing.objects.count() == in_service.count() > 0
    assert not Job.objects.exclude(status="succeeded").exclude(status="queued").exists()
