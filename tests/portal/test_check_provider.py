"""`manage.py check_provider` against the sandbox: what an operator sees with real credentials."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.models import Exchange, Job, ProviderAccount
from portal.sandbox.server import RunningSandbox
from tests.providers.calls import CREDENTIALS, SETTINGS

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def carriers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with RunningSandbox(directory=tmp_path_factory.mktemp("sandbox"), scale=0.1) as running:
        yield running


def make_account(carriers: RunningSandbox, slug: str, **changes: Any) -> ProviderAccount:
    carriers.control("reset")
    values = {
        "slug": slug,
        "name": f"Live {slug}",
        "base_url": carriers.url,
        "credentials": dict(CREDENTIALS[slug]),
        "settings": dict(SETTINGS[slug]),
        "calls_per_minute": 100_000,
        **changes,
    }
    return ProviderAccount.objects.create(**values)


def look(wanted: str) -> str:
    out = StringIO()
    call_command("check_provider", wanted, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("slug", CREDENTIALS)
def test_a_working_account_is_reported_whole(carriers: RunningSandbox, slug: str) -> None:
    account = make_account(carriers, slug)
    told = look(account.name)
    for heading in ("What works", "What differs", "What we assume", "What a person must decide"):
        assert heading in told
    assert "FAILED" not in told
    job = Job.objects.get()
    assert job.kind == "inventory.probe_account"
    assert job.status == Job.Status.SUCCEEDED
    exchanges = Exchange.objects.filter(job=job)
    assert exchanges.count() >= 4
    assert not exchanges.filter(is_write=True).exists()


def test_the_description_of_the_service_is_compared(carriers: RunningSandbox) -> None:
    told = look(make_account(carriers, "voip_innovations").name)
    assert "100 operations described" in told or "101 operations described" in told
    assert "is not described" not in told


def test_an_assumption_that_does_not_hold_comes_first(carriers: RunningSandbox) -> None:
    account = make_account(carriers, "intelepeer")
    carriers.control("setting", key="intelepeer.v3_shape", value="array")
    told = look(str(account.pk))
    assert told.index("What we assume") < told.index("What a person must decide")
    assert "holds" in told


def test_wrong_credentials_stop_the_look_and_fail_the_command(carriers: RunningSandbox) -> None:
    account = make_account(
        carriers, "voip_innovations", credentials={"login": "sandbox", "secret": "not-the-secret"}
    )
    with pytest.raises(CommandError, match="failed"):
        look(account.name)
    (probed,) = [p for p in Job.objects.get().result["probed"] if p["standing"] == "failed"]
    assert "Credentials" in probed["words"]
    assert "not-the-secret" not in str(Job.objects.get().result)


def test_an_account_that_is_not_there_is_answered_with_the_choices(
    carriers: RunningSandbox,
) -> None:
    make_account(carriers, "voicetel")
    with pytest.raises(CommandError, match="Live voicetel"):
        look("Nobody")
