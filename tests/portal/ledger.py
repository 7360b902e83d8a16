"""Jobs with rows for tests of pages, and the words of a provider that customers must not read."""

from __future__ import annotations

import pytest

from portal.models import Job, JobItem, ProviderAccount
from tests import factories

TN = "+13125550142"
WORDS = "Carrier words of VoiceTel"


@pytest.fixture
def account(db) -> ProviderAccount:
    return factories.make_account(name="VoiceTel main")


@pytest.fixture
def make_job(account, operator):
    """Return a function that makes a job with rows, by (number, state)."""

    def make(*rows: tuple[str, str], **fields) -> Job:
        fields.setdefault("kind", "inventory.release_tns")
        fields.setdefault("title", "Give back numbers")
        job = factories.make_job(operator, account=account, total_count=len(rows), **fields)
        for position, (tn, status) in enumerate(rows):
            JobItem.objects.create(
                job=job,
                position=position,
                target=tn,
                status=status,
                is_lock=True,
                code="77",
                message=WORDS,
                advice="Call VoiceTel",
                provider_ref="REF-1",
            )
        return job

    return make
