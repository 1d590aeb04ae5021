"""The package as a wheel, in an empty folder: everything that a command reads comes with it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.support.paths import REPOSITORY
from tests.support.small_world import QUICK, make_world


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, which is what pip installs."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    copied = folder / "source"
    wanted = ("sparsedff", "pyproject.toml", "README.md", "LICENSE")
    copied.mkdir()
    for name in wanted:  # a copy, because setuptools builds beside the sources
        subprocess.run(["cp", "-a", str(REPOSITORY / name), str(copied)], check=True)
    subprocess.run([*command, "--wheel-dir", str(folder), str(copied)], check=True, timeout=300)
    (wheel,) = folder.glob("sparsedff-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(unpacked: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the unpacked package, run in a folder."""
    code = f"import sys; sys.path.insert(0, {str(unpacked)!r}); from sparsedff.cli.main import main; sys.exit(main())"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-c", code, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=900
    )


def test_what_a_command_reads_is_in_the_wheel(unpacked: Path) -> None:
    for name in ("configs", "data"):
        for path in (REPOSITORY / "sparsedff" / "packaged" / name).rglob("*"):
            assert not path.is_file() or (unpacked / path.relative_to(REPOSITORY)).read_bytes() == path.read_bytes()
    sources = {path.relative_to(REPOSITORY) for path in (REPOSITORY / "sparsedff").rglob("*.py")}
    assert all((unpacked / path).is_file() for path in sources)
    assert (unpacked / "sparsedff/distill/backbones/learned/learned.safetensors").is_file()


def test_a_transfer_in_an_empty_folder(unpacked: Path, tmp_path: Path) -> None:
    """Settings, presets and paths are the package's; what is written lies where the user stands."""
    world, empty = tmp_path / "world", tmp_path / "empty"
    world.mkdir()
    empty.mkdir()
    overrides = [word for word in make_world(world) if not word.startswith("output_path=")]
    done = run(unpacked, empty, "transfer", *overrides, *QUICK)
    assert done.returncode == 0, done.stderr
    where = Path(done.stdout.splitlines()[0].removeprefix("result: "))
    assert not where.is_absolute() and np.load(empty / where / "best_X.npy").shape == (30,)
    assert {path.name for path in empty.iterdir()} == {"data"}
    assert "sparsedff/packaged" not in done.stdout
    missing = run(unpacked, empty, "transfer", "--config", "papers")
    assert missing.returncode == 2 and "or a preset's name: paper, release" in missing.stderr
    torn = run(unpacked, empty, "transfer", "workspace.x=[-0.2,", "-0.1]", "seed=1")
    assert torn.returncode == 2 and "it is one word: workspace.x='[-0.2, -0.1]'" in torn.stderr


@pytest.mark.long
def test_the_demo_in_an_empty_folder(unpacked: Path, tmp_path: Path) -> None:
    done = run(unpacked, tmp_path, "demo", "--config", "paper", "alignment.opt_iterations=20", "backbone=handcrafted")
    assert done.returncode == 0, done.stderr
    assert "sample: made in data/sample" in done.stderr and "\r" not in done.stderr
    assert (tmp_path / "data" / "output" / "result.png").stat().st_size > 100_000
