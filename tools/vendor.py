"""Fetch the vendored front-end files and rebuild the icon sprite. For maintainers; needs npm.

Nobody needs this to run or test Numberdesk: what it writes is committed. Run it after changing a
version below or `icons.txt`::

    python tools/vendor.py            fetch, check, write static/vendor and static/portal/icons.svg
    python tools/vendor.py --check    only compare the committed files with vendor.json

`static/vendor/vendor.json` records name, version, licence and the sha512 of each package as npm
reports it, and the sha512 of each committed file.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import itertools
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
SPRITE = ROOT / "static" / "portal" / "icons.svg"

_SOURCE_MAP = re.compile(rb"\s*(?://[#@]|/\*[#@]) ?sourceMappingURL=[^\n*]*(?:\*/)?")


@dataclass(frozen=True, kw_only=True)
class Package:
    """One npm package: which of its files are kept (target name → path in the package)."""

    folder: str
    name: str
    version: str
    files: dict[str, str]


PACKAGES = (
    Package(folder="tabler-icons", name="@tabler/icons", version="3.51.0", files={}),
    Package(
        folder="tabler",
        name="@tabler/core",
        version="1.6.1",
        files={
            "tabler.min.css": "dist/css/tabler.min.css",
            "tabler-vendors.min.css": "dist/css/tabler-vendors.min.css",
            "tabler.min.js": "dist/js/tabler.min.js",
        },
    ),
    Package(
        folder="tom-select",
        name="tom-select",
        version="2.6.2",
        files={
            "tom-select.complete.min.js": "dist/js/tom-select.complete.min.js",
            "tom-select.bootstrap5.min.css": "dist/css/tom-select.bootstrap5.min.css",
        },
    ),
    Package(
        folder="uplot",
        name="uplot",
        version="1.6.32",
        files={
            "uPlot.iife.min.js": "dist/uPlot.iife.min.js",
            "uPlot.min.css": "dist/uPlot.min.css",
        },
    ),
)

# The icons that pages may name in {% icon "…" %}: all from the outline set, one to a line.
ICONS = (Path(__file__).parent / "icons.txt").read_text(encoding="utf-8").split()


def main(argv: list[str] | None = None) -> int:
    """Fetch and write everything, or with --check compare; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare the files with vendor.json")
    if parser.parse_args(argv).check:
        problems = list(find_problems(VENDOR))
        sys.stdout.writelines(f"{problem}\n" for problem in problems)
        return 1 if problems else 0
    manifest = VENDOR / "vendor.json"
    before = (
        json.loads(manifest.read_text(encoding="utf-8"))["packages"] if manifest.is_file() else []
    )
    records = [fetch(package) for package in PACKAGES]
    for was, now in itertools.product(before, records):
        same = (was["name"], was["version"]) == (now["name"], now["version"])
        if same and was["sha512"] != now["sha512"]:
            raise SystemExit(f"{now['name']} {now['version']} is not the package recorded before.")
    text = json.dumps({"packages": records}, indent=2, ensure_ascii=False)
    manifest.write_text(f"{text}\n", encoding="utf-8")
    return 0


def fetch(package: Package) -> dict[str, Any]:
    """Write the kept files of one package below static/vendor; return its record.

    Raises `SystemExit` when the archive is not the one that npm describes.
    """
    folder = VENDOR / package.folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        archive, integrity = pack(package, Path(scratch))
        with tarfile.open(archive) as tar:
            manifest = json.loads(read_member(tar, "package.json"))
            kept = {
                name: _SOURCE_MAP.sub(b"", read_member(tar, path)).rstrip() + b"\n"
                for name, path in package.files.items()
            }
            kept["LICENSE"] = licence_text(tar, manifest, kept)
            if package.folder == "tabler-icons":
                nodes = json.loads(read_member(tar, "tabler-nodes-outline.json"))
                SPRITE.write_text(sprite(nodes), encoding="utf-8")
    for name, content in kept.items():
        (folder / name).write_bytes(content)
    return {
        "name": package.name,
        "version": package.version,
        "licence": manifest["license"],
        "sha512": integrity,
        "folder": package.folder,
        "files": {name: sha512(content) for name, content in sorted(kept.items())},
    }


def pack(package: Package, scratch: Path) -> tuple[Path, str]:
    """Return the archive that npm packed and its sha512, once both agree."""
    command = ["npm", "pack", f"{package.name}@{package.version}", "--json"]
    done = subprocess.run(command, cwd=scratch, check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)[0]
    archive = scratch / told["filename"]
    if sha512(archive.read_bytes()) != told["integrity"]:
        raise SystemExit(f"{package.name}: the archive does not match the sha512 that npm reports.")
    return archive, told["integrity"]


def read_member(tar: tarfile.TarFile, path: str) -> bytes:
    """Return one file of the package; raises `KeyError` when the package does not have it."""
    member = tar.extractfile(f"package/{path}")
    if member is None:
        raise KeyError(path)
    return member.read()


def licence_text(tar: tarfile.TarFile, manifest: dict[str, Any], kept: dict[str, bytes]) -> bytes:
    """Return the package's licence file.

    @tabler/core ships none: the copyright at the head of its files, then the permission text that
    the same authors ship with their icons (which are therefore fetched first).
    """
    try:
        return read_member(tar, "LICENSE").rstrip() + b"\n"
    except KeyError:
        banner = next(
            match[1]
            for content in kept.values()
            if (match := re.search(rb"/\*!(.*?)\*/", content[:2000], re.DOTALL))
        )
        lines = [line.strip(b" *\t") for line in banner.splitlines()]
        notice = b"\n".join(line for line in lines if line)
        if manifest["license"] != "MIT":
            raise
        permission = (VENDOR / "tabler-icons" / "LICENSE").read_bytes().partition(b"Permission")
        return notice + b"\n\n" + permission[1] + permission[2]


def sprite(nodes: dict[str, list[list[Any]]]) -> str:
    """Return one SVG with a symbol for each of our icons; raises `KeyError` for an unknown name."""
    symbols = []
    for name in ICONS:
        shapes = "".join(
            f"<{tag} {' '.join(f'{key}={json.dumps(str(value))}' for key, value in attrs.items())}/>"
            for tag, attrs in nodes[name]
        )
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
            f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
        )
    note = "<!-- Tabler Icons, MIT licence: see static/vendor/tabler-icons/LICENSE -->"
    return f'<svg xmlns="http://www.w3.org/2000/svg">{note}\n' + "\n".join(symbols) + "\n</svg>\n"


def sha512(content: bytes) -> str:
    """Return the digest in the form that npm writes: ``sha512-`` and base64."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def find_problems(folder: Path) -> Iterator[str]:
    """Yield a sentence for each committed file that is missing, changed or not recorded."""
    recorded = set()
    for record in json.loads((folder / "vendor.json").read_text(encoding="utf-8"))["packages"]:
        for name, digest in record["files"].items():
            path = folder / record["folder"] / name
            recorded.add(path)
            if not path.is_file():
                yield f"{path.name} of {record['name']} is missing."
            elif sha512(path.read_bytes()) != digest:
                yield f"{path.name} of {record['name']} differs from vendor.json."
    for path in sorted(folder.glob("*/*")):
        if path not in recorded:
            yield f"{path.relative_to(folder)} is not recorded in vendor.json."


if __name__ == "__main__":
    sys.exit(main())
