"""What is held out stays out of everything that trains or tunes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from sparsedff.capture.files.rig_files import load_rig
from sparsedff.errors import ConfigError
from sparsedff.synthetic.families.cross_family import partners
from sparsedff.synthetic.families.registry import FAMILIES, FIRST_FAMILIES
from sparsedff.synthetic.grasping.make import reference_member
from sparsedff.synthetic.grasping.reference_grasps import committed_tasks
from sparsedff.synthetic.held_out import (
    HELD_OUT_FAMILIES,
    HELD_OUT_SURROUNDINGS,
    training_families,
    training_places,
)
from sparsedff.synthetic.rendering.places import PLACES
from sparsedff.synthetic.rendering.simulated_rig import SimulatedRig
from sparsedff.synthetic.rendering.surroundings import Surroundings, surround
from sparsedff.synthetic.rendering.table_texture import texture_names
from sparsedff.synthetic.sample import RIG_FOLDER

REPOSITORY = Path(__file__).parents[2]
TRAINING = ("sparsedff/learn", "sparsedff/refine")
"""Rooms that train. They may import `training_families` and `training_places`, nothing else that shows all families."""

ALLOWED = {"training_families", "training_places"}
_NAMES = "|".join((*HELD_OUT_FAMILIES, *HELD_OUT_SURROUNDINGS))
HELD_OUT_WORD = re.compile(rf"(?<![a-z])({_NAMES})(?![a-z])")
SHOWS_ALL = {"HELD_OUT_FAMILIES", "HELD_OUT_SURROUNDINGS", "FAMILIES", "PLACES", "*"}
HELD_OUT = "sparsedff.synthetic.held_out"
WHOLE_FILES = {HELD_OUT, "sparsedff.synthetic.families.registry", "sparsedff.synthetic.rendering.places"}


def offences(source: str) -> list[str]:
    """What training code may not do: name what is held out, or take the lists that hold it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [f"names {word}" for word in HELD_OUT_WORD.findall(node.value)]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sparsedff.synthetic"):
            for name in node.names:
                full = f"{node.module}.{name.name}"
                hidden = node.module == HELD_OUT and name.name not in ALLOWED
                if hidden or full in WHOLE_FILES or name.name in SHOWS_ALL or HELD_OUT_WORD.search(full):
                    found.append(f"imports {full}")
        elif isinstance(node, ast.Import):
            found += [f"imports {name.name}" for name in node.names if name.name.startswith("sparsedff.synthetic")]
        elif isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            if name.startswith("HELD_OUT_"):
                found.append(f"uses {name}")
    return found


def test_training_code_uses_nothing_that_is_held_out():
    paths = [path for room in TRAINING for path in sorted((REPOSITORY / room).rglob("*.py"))]
    assert paths, "the rooms that train were moved; name them in TRAINING"
    for path in paths:
        assert not offences(path.read_text()), path


@pytest.mark.parametrize(
    "source",
    [
        "from sparsedff.synthetic.held_out import HELD_OUT_FAMILIES",
        "from sparsedff.synthetic.held_out import HELD_OUT_SURROUNDINGS as x",
        "from sparsedff.synthetic import held_out",
        "import sparsedff.synthetic.held_out as h",
        "from sparsedff.synthetic.families.registry import FAMILIES",
        "from sparsedff.synthetic.families.hammer import build_hammer",
        "make_pair('jug', 'body', 0)",
        "Surroundings(place='breakfast')",
    ],
)
def test_the_check_sees_every_way_round(source):
    assert offences(source)


def test_the_check_lets_the_right_way_pass():
    assert not offences("from sparsedff.synthetic.held_out import training_families, training_places")
    assert not offences("'the juggler sits on a hammered table'")


def test_what_is_left_for_training():
    assert len(HELD_OUT_FAMILIES) == 2 and len(FAMILIES) >= 12
    assert set(training_families()) == set(FAMILIES) - set(HELD_OUT_FAMILIES) and "mug" in training_families()
    assert set(training_places()) == set(PLACES.names) - set(HELD_OUT_SURROUNDINGS) and "table" in training_places()


def test_defaults_by_which_settings_are_chosen_know_nothing_of_them():
    """Suites, partners across families, clutter and random tables, each as they are without being asked for more."""
    assert not set(FIRST_FAMILIES) & set(HELD_OUT_FAMILIES)
    assert set(committed_tasks()) == set(FIRST_FAMILIES)
    for family, tasks in committed_tasks(tuple(FAMILIES)).items():
        for task in tasks:
            assert not {other for other, _ in partners(family, task)} & set(HELD_OUT_FAMILIES)
    assert Surroundings().place not in HELD_OUT_SURROUNDINGS and "tiles" not in texture_names()
    mug, rig = reference_member("mug"), load_rig(RIG_FOLDER)
    for seed in range(3):
        scene = surround(mug, Surroundings(clutter=4, tables=True), rig, np.random.default_rng(seed))
        assert not {thing.shape.family for thing in scene.others} & set(HELD_OUT_FAMILIES)
    suites = sorted((REPOSITORY / "sparsedff" / "evaluate" / "suites").glob("*.py"))
    assert len(suites) > 5
    for name in (*(path for path in suites if path.stem != "held_out"), "configs/config.yaml"):
        assert not HELD_OUT_WORD.search((REPOSITORY / name).read_text())


def test_breakfast_is_a_tray_on_a_cloth_in_warm_light():
    from sparsedff.capture.model import Rig
    from sparsedff.synthetic.rendering.rays import resize_rig
    from sparsedff.synthetic.rendering.sensor import SensorNoise

    mug = reference_member("mug")
    rig: Rig = resize_rig(load_rig(RIG_FOLDER), 96)
    scene = surround(mug, Surroundings(clutter=2, place="breakfast"), rig, np.random.default_rng(0))
    tray = scene.others[0]
    assert tray.shape.family == "tray" and tray.mesh_world.bounds[1, 2] < 0.02  # under what counts as an object
    for other in (mug, *scene.others[1:]):
        assert tray.distance(other.mesh_world.vertices[::20]).min() > 0.0
    views = SimulatedRig(rig).take("x", scene, SensorNoise(), (0, 0)).views
    mean = np.mean([view.color_rgb.reshape(-1, 3).mean(axis=0) for view in views], axis=0)
    assert mean[0] > 1.2 * mean[2]
    with pytest.raises(ConfigError, match="no place 'moon'; there are table, breakfast"):
        Surroundings(place="moon")
    with pytest.raises(ConfigError, match="breakfast has its own table and light"):
        Surroundings(place="breakfast", lights=True)
