"""What Home says of 911, word by word."""

from __future__ import annotations

import pytest
from django.utils import timezone

from e911 import panels
from e911.models import EmergencyRecord
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("count", "title"),
    [(1, "1 911 address that was refused"), (2, "2 911 addresses that were refused")],
)
def test_one_and_many_are_told_apart(operator, count, title):
    for line in range(count):
        number = factories.make_tn(f"+1312555014{line}")
        EmergencyRecord.objects.create(
            number=number,
            account=number.account,
            tn=number.tn,
            state="invalid",
            state_since=timezone.now(),
        )
    assert title in [task.title for task in panels.tasks(operator)]
