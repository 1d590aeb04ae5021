"""The list of packages and the bill of materials: what the environment holds, and nothing else."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path

from packaging.utils import canonicalize_name

from sparsedff.cli.main import main
from sparsedff.jobs.packages import bill, installed, listed
from tests.support.paths import REPOSITORY

PIN = re.compile(r"^([\w.-]+)==([^\s;#]+)")


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in (REPOSITORY / name).read_text().splitlines():
        if match := PIN.match(line):
            found.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    return found


def test_what_the_toolkit_needs_is_found_with_what_that_needs() -> None:
    packages = installed()
    assert {"sparsedff", "numpy", "torch", "trimesh"} <= set(packages)
    assert packages["torch"].version == version("torch") and "sympy" in packages["torch"].needs
    assert "pytest" not in packages and "pytest" in installed(["test"])
    assert not {need for one in packages.values() for need in one.needs} - set(packages)


def test_every_package_names_its_licence() -> None:
    stated = {name: one.licence for name, one in installed(["test"]).items()}
    # OpenEXR's metadata has none; docs/licences.md says BSD-3-Clause.
    assert {name for name, licence in stated.items() if licence == "not stated"} <= {"openexr"}
    assert "MIT" in stated["sparsedff"] and all("\n" not in licence for licence in stated.values())
    assert any(line.startswith("numpy ") for line in listed(installed()))


def test_the_bill_is_whole_and_the_same_each_time() -> None:
    packages = installed()
    content = json.loads(bill(packages))
    assert (content["bomFormat"], content["specVersion"]) == ("CycloneDX", "1.6")
    assert content["metadata"]["component"]["name"] == "sparsedff"
    references = {one["bom-ref"] for one in content["components"]} | {content["metadata"]["component"]["bom-ref"]}
    assert len(references) == len(packages) == len(content["dependencies"])
    asked = {reference for entry in content["dependencies"] for reference in entry["dependsOn"]}
    assert asked <= references and f"pkg:pypi/numpy@{version('numpy')}" in asked
    assert bill(installed()) == bill(packages)


def test_the_command_prints_both(capsys) -> None:
    assert main(["packages"]) == 0 and "torch" in capsys.readouterr().out
    assert main(["packages", "--sbom"]) == 0
    assert json.loads(capsys.readouterr().out)["bomFormat"] == "CycloneDX"


def test_hashes_are_of_the_pinned_versions_and_every_package_has_one() -> None:
    pinned, hashed = pins("constraints.txt"), pins("requirements-hashed.txt")
    assert {name: versions for name, versions in pinned.items() if hashed.get(name) != versions} == {}
    # What is not pinned itself is pinned by torch, or installed on no Linux.
    beside = {name for name in hashed if name not in pinned}
    assert {name for name in beside if not name.startswith(("nvidia-", "cuda-"))} <= {
        "colorama",
        "httpx2-jsfetch",
        "triton",
    }
    blocks = re.split(r"\n(?=\S)", (REPOSITORY / "requirements-hashed.txt").read_text().strip())
    assert len(blocks) > 100 and all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in blocks)


def test_what_is_installed_is_what_was_pinned() -> None:
    """In an environment of `make`; torch may be its index's own build."""
    pinned = pins("constraints.txt")
    strays = {
        name: one.version
        for name, one in installed().items()
        if name in pinned and one.version.partition("+")[0] not in pinned[name]
    }
    assert strays == {}


def test_the_second_index_is_asked_for_torch_alone() -> None:
    makefile = Path(REPOSITORY / "Makefile").read_text()
    assert "--extra-index-url" not in makefile
    asking = [line for line in makefile.splitlines() if "--index-url" in line]
    assert len(asking) == 1 and re.search(r'--index-url "\$\(TORCH_CPU_INDEX\)" --no-deps torch; fi$', asking[0])
