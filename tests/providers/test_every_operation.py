"""Every operation of the catalogue, over a real socket: it works, and no broken answer reads so.

The examples stand in `tests.providers.calls`; a method of the catalogue without one fails here.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import providers
from portal.providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.providers.http import Wire
from tests.providers import calls
from tests.providers.calls import CREDENTIALS, Example, Refusal, Stage
from tests.providers.contract import Sandbox
from tests.providers.contract_faults import ANYTHING, BROKEN_BODIES, FAKED
from tests.providers.runtime import RecordingRuntime

SLUGS = tuple(providers.REGISTRY)


def _is_bodiless(slug: str, example: Example) -> bool:
    """Tell whether the documented answer is an empty body, of which nothing can be cut off."""
    method = providers.provider_class(slug).methods.get(example.operation)
    return getattr(method, "answers_without_body", False)


ALL = [
    pytest.param(slug, example, id=f"{slug}-{example.id}")
    for slug in SLUGS
    for example in calls.examples(slug)
]
# Anybody may make these calls, so there are no credentials to refuse.
FOR_ANYBODY = {"POST /v2.2/account/recovery", "POST /v2.2/accounts"}
WITH_CREDENTIALS = [case for case in ALL if case.values[1].operation not in FOR_ANYBODY]
BROKEN = [
    pytest.param(*case.values, fault, id=f"{case.id}-{fault}")
    for case in ALL
    for fault in ("garbage", "truncated")
    if fault == "garbage" or not _is_bodiless(*case.values)
]
REFUSED = [
    pytest.param(slug, refusal, id=f"{slug}-{refusal.id}")
    for slug in SLUGS
    for refusal in calls.refusals(slug)
]
PATIENCE = 0.05  # seconds that a test waits for an answer that is late
LATE = 10.0  # seconds after which it would come
# Statuses that a broken answer may come with; 204 is left to the operations that answer so.
STATUSES = [200, 201, 202, 302, 400, 404, 409, 422, 500, 502]


@pytest.fixture
def stage(sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Lend a stage for the provider of the test, free of faults; no secret may be left behind."""
    slug = request.getfixturevalue("slug")
    sandbox.control("fault/clear")
    sandbox.control("clock", advance="61m")  # budgets of an hour
    stage = Stage(slug=slug, sandbox=sandbox)
    stage.provider = stage.make_provider(stage.runtime)
    yield stage
    sandbox.control("fault/clear")
    stage.close()
    secrets = [value for value in CREDENTIALS[slug].values() if len(value) >= 8]
    for exchange in stage.runtime.exchanges:
        for secret in secrets:
            assert secret not in exchange.text, f"{exchange.call.operation} keeps a secret"
    assert "" not in stage.runtime.outcomes, "an exchange was never completed"


def is_write(slug: str, operation: str) -> bool:
    return providers.provider_class(slug).methods[operation].is_write


def sign_in(stage: Stage) -> None:
    """Fetch whatever token the provider wants, so that a fault strikes the judged call."""
    for name, token in _tokens(stage):
        stage.runtime.tokens[name] = token


def _tokens(stage: Stage) -> Iterator[tuple[str, str]]:
    other = RecordingRuntime()
    provider = stage.make_provider(other)
    provider.check_credentials()
    provider.close()
    yield from other.tokens.items()


def judged(stage: Stage, example: Example | Refusal, fault: str = "", **fields: Any) -> Any:
    """Set the scene, then the fault, then make the one call."""
    call = example.arrange(stage)
    if not stage.runtime.tokens:
        sign_in(stage)
    if fault:
        stage.sandbox.control(
            "fault", provider=stage.slug, operation=example.operation, fault=fault, **fields
        )
    return call(stage.client)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_operation_has_an_example(slug: str) -> None:
    catalogue = {name for name, m in providers.provider_class(slug).methods.items() if m.function}
    assert {example.operation for example in calls.examples(slug)} == catalogue
    assert {refusal.operation for refusal in calls.refusals(slug)} <= catalogue


@pytest.mark.parametrize(("slug", "example"), ALL)
def test_it_works(slug: str, example: Example, stage: Stage) -> None:
    before = len(stage.runtime.exchanges)
    result = judged(stage, example)
    assert example.holds(result), result
    made = stage.runtime.exchanges[before:]
    names = [exchange.call.operation for exchange in made]
    assert names.count(example.operation) == 1, names
    assert {exchange.reply.outcome for exchange in made if exchange.reply} == {"answered"}
    told = next(e.call for e in made if e.call.operation == example.operation)
    assert told.is_write is is_write(slug, example.operation)


@pytest.mark.parametrize("fault", ["extra", "sparse"])
@pytest.mark.parametrize(("slug", "example"), ALL)
def test_it_works_with_fields_that_are_new_or_gone(
    slug: str, example: Example, fault: str, stage: Stage
) -> None:
    is_sparse = fault == "sparse"
    holds = (is_sparse and example.still_holds) or example.holds
    result = judged(stage, example, fault)
    assert holds(result), result


@pytest.mark.parametrize(("slug", "refusal"), REFUSED)
def test_a_documented_refusal_is_told(slug: str, refusal: Refusal, stage: Stage) -> None:
    with pytest.raises(refusal.error) as caught:
        judged(stage, refusal)
    assert caught.value.code == refusal.code or not refusal.code
    assert refusal.says in caught.value.message
    assert caught.value.operation == refusal.operation


@pytest.mark.parametrize(("slug", "example"), ALL)
def test_an_answer_that_is_late_is_a_timeout(slug: str, example: Example, stage: Stage) -> None:
    call = example.arrange(stage)
    sign_in(stage)
    for wire in vars(stage.client).values():
        if isinstance(wire, Wire):
            wire.read_seconds = PATIENCE
    stage.sandbox.control(
        "fault",
        provider=slug,
        operation=example.operation,
        fault="stall",
        seconds=LATE,
    )
    with pytest.raises(ProviderTimeout) as caught:
        call(stage.client)
    says_maybe = "may or may not" in caught.value.message
    assert says_maybe is is_write(slug, example.operation)


@pytest.mark.parametrize(("slug", "example"), ALL)
def test_a_connection_cut_after_the_fact_is_a_timeout(
    slug: str, example: Example, stage: Stage
) -> None:
    with pytest.raises(ProviderTimeout):
        judged(stage, example, "drop_after")


@pytest.mark.parametrize(("slug", "example", "fault"), BROKEN)
def test_a_broken_answer_is_never_a_success(
    slug: str, example: Example, fault: str, stage: Stage
) -> None:
    with pytest.raises((ProviderProtocolError, ProviderTimeout)):
        judged(stage, example, fault)


@pytest.mark.parametrize(("slug", "example"), ALL)
def test_an_internal_error_says_whether_anything_was_done(
    slug: str, example: Example, stage: Stage
) -> None:
    wanted = ProviderProtocolError if is_write(slug, example.operation) else ProviderUnavailable
    with pytest.raises(wanted):
        judged(stage, example, "http_500")


@pytest.mark.parametrize(("slug", "example"), ALL)
def test_told_to_wait_nothing_was_done(slug: str, example: Example, stage: Stage) -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        judged(stage, example, "rate_limit")
    assert caught.value.retry_at is not None


@pytest.mark.parametrize(("slug", "example"), WITH_CREDENTIALS)
def test_refused_credentials_are_an_auth_error(slug: str, example: Example, stage: Stage) -> None:
    with pytest.raises((ProviderAuthError, ProviderRefused)):
        judged(stage, example, "auth", times=2)


@pytest.mark.parametrize(("slug", "example"), ALL)
def test_nothing_is_sent_while_the_account_is_paused(
    slug: str, example: Example, stage: Stage
) -> None:
    call = example.arrange(stage)
    stage.runtime.unavailable = "The account is paused."
    with pytest.raises(ProviderError, match=re.escape("The account is paused.")):
        call(stage.client)
    assert not stage.runtime.exchanges


@pytest.mark.parametrize(("slug", "example"), ALL)
def test_no_answer_however_broken_crashes_or_passes_for_success(
    slug: str, example: Example, stage: Stage
) -> None:
    """Only the five provider errors come out, whatever comes in."""
    call = example.arrange(stage)
    stage.runtime.tokens |= dict(_tokens(stage))
    provider = stage.make_provider(stage.runtime, base_url=FAKED)

    @settings(max_examples=12, deadline=None, database=None)
    @given(body=BROKEN_BODIES, status=st.sampled_from(STATUSES))
    def attempt(body: bytes, status: int) -> None:
        with responses.RequestsMock(assert_all_requests_are_fired=False) as faked:
            for verb in (faked.GET, faked.POST, faked.PUT, faked.PATCH, faked.DELETE):
                faked.add(verb, ANYTHING, body=body, status=status)
            with contextlib.suppress(ProviderError):
                result = call(provider.client)
                pytest.fail(f"{status} {body!r} was taken for {result!r}")

    attempt()
    provider.close()
