"""The how-to pages followed to the letter: a new kind of each thing is one new file and one line of a registry.

The package is copied, each recipe is carried out on the copy by writing a file and inserting a line, and another
process runs the copy with a configuration that names the new kinds.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import REPOSITORY
from tests.support.small_world import QUICK

SEGMENTER = '''
class Blocks:
    """Everything in the workspace that is higher than 3 cm."""

    def identity(self):
        return {"name": "blocks"}

    def mask(self, view, workspace):
        points = world_points(view)
        return (view.depth_m > 0) & workspace.contains(points) & (points[..., 2] > 0.03)


def make_blocks(settings, device):
    return Blocks()


from sparsedff.distill.segmentation.base import world_points
'''
LOSS = '''
from dataclasses import dataclass, replace

import torch

from sparsedff.refine.losses.base import TrainingLoss


@dataclass(frozen=True, eq=False)
class Nearness:
    """Paired points shall have the same features; nothing keeps others apart."""

    training_set: object
    uses_head = False

    def draw(self, generator):
        pairs = self.training_set.pairs
        return pairs[torch.randint(len(pairs), (32,), generator=generator)].T.reshape(-1)

    def loss(self, points, outputs):
        return (outputs[:32] - outputs[32:]).abs().mean()


NEARNESS = TrainingLoss(
    resolve=lambda settings, mode: replace(
        settings, steps=settings.steps or 5, learning_rate=settings.learning_rate or 1e-3,
        temperature=settings.temperature or 1.0),
    objective=lambda training_set, settings: Nearness(training_set),
    rate=lambda settings, step: settings.learning_rate,
    starts_at_identity=True,
)
'''
PICTURE = '''
def draw_count(run, options, folder):
    """A text file with the numbers of points: any file is a picture to the command."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "count.txt"
    path.write_text(" ".join(str(len(cloud)) for cloud in run.clouds))
    return [path]
'''


def page(name: str) -> tuple[str, str, str, str]:
    """The recipe that a how-to page shows: the new file, its text, the registry and the line."""
    text = (REPOSITORY / "docs" / "howto" / f"{name}.md").read_text()
    file, registry = re.findall(r"^\*\*The (?:file|line)\*\*.* `sparsedff/([\w/.]+)`:$", text, re.MULTILINE)
    code, line = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return file, code, registry, f"{line.strip()},"


def write_hand(folder: Path) -> None:
    """The model and the file of the how-to page on hands, as they stand there."""
    text = (REPOSITORY / "docs" / "howto" / "hand.md").read_text()
    for name, kind in (("pincer.xml", "xml"), ("pincer.yaml", "yaml")):
        (code,) = re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        (folder / name).write_text(code)


# kind: (new file, its text, registry, the one line)
RECIPES = {
    "pruning rule": page("pruning_rule"),
    "segmenter": (
        "distill/segmentation/blocks.py",
        SEGMENTER,
        "distill/segmentation/registry.py",
        'Entry("blocks", "sparsedff.distill.segmentation.blocks:make_blocks", "what is high"),',
    ),
    "backbone": page("backbone"),
    "energy term": page("energy_term"),
    "camera": page("camera"),
    "training loss": (
        "refine/losses/nearness.py",
        LOSS,
        "refine/losses/registry.py",
        'Entry("nearness", "sparsedff.refine.losses.nearness:NEARNESS", "pairs close, nothing else"),',
    ),
    "picture": (
        "visualize/pictures/count.py",
        PICTURE,
        "visualize/pictures/registry.py",
        'Entry("count", "sparsedff.visualize.pictures.count:draw_count", "how many points there are"),',
    ),
}

PROGRAM = """
import json, sys
from pathlib import Path
import numpy as np
import sparsedff
from sparsedff.config.config import load_config
from sparsedff.hands.pose import HandPose, save_reference_pose
from sparsedff.jobs.train import train_probe
from sparsedff.pipeline import run
from tests.support.commands import capture_3d, read_data, vis_features
from tests.support.small_world import make_world

copy, folder = Path(sys.argv[1]), Path(sys.argv[2])
assert Path(sparsedff.__file__).is_relative_to(copy), sparsedff.__file__
world = [*make_world(folder), "cache_path=null"]
save_reference_pose(HandPose(np.array([0.0, 0.0, 0.15]), np.eye(3), np.zeros(1)), folder / "ref_pose_pincer.npy")
new = [f"end_effector={folder / 'pincer.yaml'}", f"hand_ref_pose_name={folder / 'ref_pose_pincer.npy'}",
       "method=tall", "backbone=places",
       "img_preprocess=[blocks,blocks]", "alignment.weights.height=0.5"]
done = run(load_config("configs/config.yaml", [*world, *new]))
report = json.loads((done / "result.json").read_text())
assert report["backbone"] == "places" and report["models"]["masks"][0] == {"name": "blocks"}, report["models"]
assert report["energy_terms"]["height"] > 0 and list(report["best_pose"]["joints_rad"]) == ["bend"]
assert np.load(done / "points_0.npy")[:, 2].min() > 0.05 and np.load(done / "best_X.npy").shape == (9,)

assert vis_features(["--mode", "count", f"--data_path={done}", f"--output={folder / 'seen'}"]) == 0
assert (folder / "seen" / "count.txt").read_text() == f"{report['points_reference']} {report['points_test']}"

assert capture_3d(["--save", "--source", "walls", "--path", str(folder / "wall"), f"visualize_path={folder}"]) == 0
assert (np.load(next((folder / "wall").glob("*/depth.npy"))) == 1000).all()

training = [f"refinement.path={folder / 'probe'}", "refinement.pair_radius_m=0.03", "refinement.loss=nearness"]
assert read_data(["--img_data_path", str(folder / "shown"), *world[-12:], *training]) == 0
lines = list(train_probe(load_config("configs/config.yaml", [*world, *training]), "glayer", 0))
assert lines[0].startswith("network: ") and json.loads(
    next((folder / "probe").rglob("probe.json")).read_text())["training"]["loss"] == "nearness"
print("all used")
"""


def carry_out(copy: Path, recipe: tuple[str, str, str, str]) -> None:
    """One new file, and one line before the end of the registry."""
    file, text, registry, line = recipe
    path = copy / "sparsedff" / file
    assert not path.exists()
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    source = (copy / "sparsedff" / registry).read_text()
    at = source.index("\n)\n", source.index("= Registry("))
    (copy / "sparsedff" / registry).write_text(f"{source[:at]}\n    {line}{source[at:]}")


def test_contributing_names_every_recipe() -> None:
    table = (REPOSITORY / "CONTRIBUTING.md").read_text()
    for _, (_, _, registry, _) in RECIPES.items():
        assert f"`{registry}`" in table, registry
    assert (REPOSITORY / "sparsedff" / "distill" / "pruning" / "registry.py").is_file()


@pytest.mark.parametrize("missing", [None, "pruning rule"])
def test_a_new_kind_is_one_file_and_one_line(tmp_path: Path, missing: str | None) -> None:
    """With all recipes everything is used; without one of them the copy says which kinds it knows."""
    copy = tmp_path / "copy"
    shutil.copytree(REPOSITORY / "sparsedff", copy / "sparsedff", ignore=shutil.ignore_patterns("__pycache__"))
    for kind, recipe in RECIPES.items():
        if kind != missing:
            carry_out(copy, recipe)
    write_hand(tmp_path)
    program = copy / "use.py"  # a script's own folder comes first where Python looks for packages
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(program), str(copy), str(tmp_path)],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": f"{copy}{os.pathsep}{REPOSITORY}", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    if missing is None:
        assert done.returncode == 0 and done.stdout.endswith("all used\n"), done.stderr[-3000:]
    else:
        assert done.returncode != 0 and 'method: "tall" is not allowed; it must be text, one of auto' in done.stderr
    assert len(QUICK) > 5  # the world's settings are the tests' usual ones
