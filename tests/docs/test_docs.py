"""The documentation: links lead somewhere, commands exist, examples of files can be read, versions agree."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

import sparsedff
from benchmarks.site_links import without_outside
from sparsedff.capture.files.capture_folder import load_capture
from sparsedff.cli.main import VERBS
from sparsedff.files.image import read_depth_image
from sparsedff.importing.registry import LAYOUTS
from sparsedff.importing.settings import Wanted
from tests.support.paths import REPOSITORY

DOCS = REPOSITORY / "docs"
PAGES = [*sorted(REPOSITORY.glob("*.md")), *sorted(DOCS.rglob("*.md")), REPOSITORY / "examples/README.md"]
IDS = [str(page.relative_to(REPOSITORY)) for page in PAGES]


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    inside = [link.partition("#")[0] for link in links if not re.match(r"https?:|mailto:|#", link)]
    gone = [link for link in inside if not (page.parent / link).exists()]
    assert not gone


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_commands_exist(page: Path) -> None:
    text = page.read_text()
    named = re.findall(
        r"(?:^| |`|/)sparsedff ([a-z]+)\b(?= |`|$)", "\n".join(re.findall(r"`[^`]+`|^    .*$", text, re.M))
    )
    assert set(named) <= set(VERBS), set(named) - set(VERBS)
    for script in re.findall(r"\b(?:scripts|benchmarks)/\w+\.py", text):
        assert (REPOSITORY / script).is_file(), script


def test_every_verb_is_listed() -> None:
    for page in (REPOSITORY / "README.md", DOCS / "commands.md"):
        table = page.read_text()
        assert all(re.search(rf"`(sparsedff )?{verb}\b", table) for verb in VERBS), page


def test_the_readme_is_short() -> None:
    assert len((REPOSITORY / "README.md").read_text().splitlines()) < 140


def test_every_page_is_in_the_site() -> None:
    class Loader(yaml.SafeLoader):
        pass

    site = yaml.load((REPOSITORY / "mkdocs.yml").read_text(), Loader)
    shown = re.findall(r"[\w/]+\.md", str(site["nav"]))
    assert sorted(shown) == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def test_links_out_of_the_site_become_names() -> None:
    text = "[a](../CONTRIBUTING.md) [b](files.md) [c](https://x.org) ![d](../../x.png) [e](../../examples/a.py#b)"
    shown = "`CONTRIBUTING.md` [b](files.md) [c](https://x.org) ![d](../../x.png) `examples/a.py`"
    assert without_outside(text, "index.md") == shown
    assert without_outside("[a](../files.md) [b](../../README.md)", "howto/hand.md") == "[a](../files.md) `README.md`"


def test_the_example_capture_of_the_documentation_can_be_read(tmp_path: Path) -> None:
    """The files as they stand in docs/files.md, with images beside them."""
    (calibration, cameras), (table, serials) = blocks("files.md", "json"), blocks("files.md", "yaml")
    for name, text in (("calibration.json", calibration), ("transform.yaml", table), ("rig.yaml", serials)):
        (tmp_path / name).write_text(text)
    rng = np.random.default_rng(0)
    for serial in ("left", "right"):
        (tmp_path / serial).mkdir()
        np.save(tmp_path / serial / "colors.npy", rng.integers(0, 255, (480, 640, 3), dtype=np.uint8))
        np.save(tmp_path / serial / "depth.npy", np.full((480, 640), 800, np.uint16))
    left, right = load_capture(tmp_path).views
    np.testing.assert_allclose(left.world_from_camera[:3, 3], (0, 0, 0.8), atol=1e-9)
    np.testing.assert_allclose(left.world_from_camera[:3, :3], np.diag((1, -1, -1)), atol=1e-9)
    np.testing.assert_allclose(right.world_from_camera[:3, 3], (0.4, 0, 0.8), atol=1e-9)
    assert right.intrinsics[0, 0] == 608 and left.serial == "left"

    import cv2

    cv2.imwrite(str(tmp_path / "left.png"), left.color_rgb[..., ::-1])
    cv2.imwrite(str(tmp_path / "left_depth.png"), np.full((480, 640), 800, np.uint16))
    (tmp_path / "cameras.json").write_text(cameras)
    (view,) = LAYOUTS.load("images")(tmp_path, Wanted("new")).views
    np.testing.assert_allclose(view.world_from_camera, left.world_from_camera, atol=1e-9)
    assert read_depth_image(tmp_path / "left_depth.png", sparsedff.SparseDFFError)[0, 0] == np.float32(0.8)


def test_the_example_pose_of_the_documentation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = blocks("files.md", "python")
    exec(code, {})
    assert (tmp_path / "ref_pose_open.npy").is_file()


def test_python_on_the_pages_uses_what_there_is() -> None:
    """Examples that need scenes are run by tests/examples; here their names are checked."""
    for page in PAGES:
        for code in re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
            for name in re.findall(r"\bsparsedff\.(\w+)\(", code):
                assert name in sparsedff.__all__, (page.name, name)


def test_versions_agree() -> None:
    (project,) = re.findall(r'^version = "(.*)"$', (REPOSITORY / "pyproject.toml").read_text(), re.MULTILINE)
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text())
    assert project == sparsedff.__version__ == citation["version"]
    assert re.search(rf"^## {re.escape(project)}\b", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert citation["preferred-citation"]["year"] == 2024 and len(citation["preferred-citation"]["authors"]) == 7


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    for module in ("mkdocs", "material", "mkdocstrings"):
        pytest.importorskip(module)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    page = (tmp_path / "site" / "api.html").read_text()
    assert all(name in page for name in ("load_capture", "world_from_cameras", "LinkContact"))
