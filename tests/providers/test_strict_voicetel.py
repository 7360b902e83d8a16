"""Every example call of VoiceTel's client against a server that forgives nothing.

The examples of `tests.providers.calls` set their scene in the sandbox; the judged call goes to the
strict mock. An operation of the catalogue without an example fails in `test_every_operation`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.providers import calls
from tests.providers.calls import Example, Stage
from tests.providers.contract import Sandbox
from tests.providers.strict import voicetel
from tests.providers.strict.server import StrictMock
from tests.providers.strict.walk import walk

SLUG = "voicetel"
EXAMPLES = [pytest.param(example, id=example.id) for example in calls.examples(SLUG)]


@pytest.fixture
def mock() -> Iterator[StrictMock]:
    with StrictMock(voicetel.DIALECT) as mock:
        yield mock


@pytest.fixture
def stage(sandbox: Sandbox, mock: StrictMock) -> Iterator[Stage]:
    """Lend a stage whose judged client talks to the mock."""
    sandbox.control("fault/clear")
    sandbox.control("clock", advance="61m")
    stage = Stage(slug=SLUG, sandbox=sandbox)
    stage.provider = stage.make_provider(stage.runtime, base_url=mock.url)
    yield stage
    stage.close()


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_by_the_reference(example: Example, stage: Stage, mock: StrictMock) -> None:
    made = walk(mock, stage.client, example.arrange(stage))
    assert made.count(example.operation) == 1
