"""A lab's own things: read, given coordinates that grow with distance on them, and learned without forgetting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh
from safetensors.torch import load_file

from sparsedff.cli import main as command
from sparsedff.config.config import load_config
from sparsedff.distill.backbones.choose import choose_backbone
from sparsedff.distill.backbones.learned.backbone import LearnedBackbone
from sparsedff.distill.backbones.learned.network import CHANNELS
from sparsedff.distill.backbones.learned.weights import load_network
from sparsedff.distill.spread import typical_l1
from sparsedff.errors import DistillError
from sparsedff.learn import add
from sparsedff.learn.own import OwnThing, coordinates_of_scene, own_coordinates, thing_of_mesh
from sparsedff.learn.settings import LearnSettings
from sparsedff.learn.training import EVERY
from tests.support.paths import REPOSITORY

CONFIG = REPOSITORY / "configs" / "config.yaml"


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A head on a stick, 18 cm high."""
    head = trimesh.creation.box(
        extents=(0.09, 0.03, 0.03), transform=trimesh.transformations.translation_matrix([0, 0, 0.165])
    )
    stick = trimesh.creation.cylinder(0.012, 0.16, transform=trimesh.transformations.translation_matrix([0, 0, 0.08]))
    path = tmp_path_factory.mktemp("meshes") / "club.stl"
    trimesh.util.concatenate([head, stick]).export(path)
    return path


@pytest.fixture(scope="module")
def thing(club: Path) -> OwnThing:
    return thing_of_mesh(club, seed=0)


def test_a_mesh_becomes_points_that_are_even_and_scenes_that_lie_on_it(thing: OwnThing) -> None:
    assert thing.name == "club" and len(thing.scenes) == 12 and 500 < len(thing.points) < 6000
    np.testing.assert_allclose(np.linalg.norm(thing.normals, axis=1), 1, atol=1e-6)
    for scene in thing.scenes:
        nearest = np.linalg.norm(scene.template[::50, None] - thing.points, axis=2).min(axis=1)
        assert nearest.max() < 0.006, "what a scene shows is somewhere on the thing"
        assert scene.points[:, 2].min() > -1e-4 and set(np.unique(scene.camera)) <= set(range(8))


def test_coordinates_grow_with_distance_and_are_turned_to_what_is_known(thing: OwnThing) -> None:
    rng = np.random.default_rng(0)
    own = own_coordinates(thing, rng.normal(size=(len(thing.points), CHANNELS)).astype(np.float32))
    assert own.shape == (len(thing.points), CHANNELS) and typical_l1(own) == pytest.approx(1, abs=1e-3)
    foot = int(np.argmin(thing.points[:, 2]))
    away = np.abs(thing.points[:, 2] - thing.points[foot, 2])
    means = [
        np.abs(own - own[foot]).mean(axis=1)[(away >= low) & (away < low + 0.02)].mean() for low in (0, 0.03, 0.07)
    ]
    assert means[0] < 0.6 * means[1] < 0.6 * means[2] / 0.7
    turned = own @ _turn(CHANNELS)
    np.testing.assert_allclose(own_coordinates(thing, turned) * typical_l1(turned), turned, atol=2e-3)
    scene = thing.scenes[0]
    assert coordinates_of_scene(thing, own, scene).shape == (len(scene.points), CHANNELS)


def _turn(size: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(2).normal(size=(size, size)))[0].astype(np.float32)


@pytest.mark.parametrize(
    ("content", "says"), [(b"solid nothing", "is no mesh"), (None, "scale it to metres"), (b"\0" * 300, "is no mesh")]
)
def test_what_is_no_mesh_of_a_things_size_is_refused(content: bytes | None, says: str, tmp_path: Path) -> None:
    path = tmp_path / "mesh.stl"
    if content is None:
        trimesh.creation.box(extents=(90, 30, 30)).export(path)
    else:
        path.write_bytes(content)
    with pytest.raises(DistillError, match=says):
        thing_of_mesh(path, 0)


def test_the_network_learns_the_thing_and_the_weights_are_used(
    club: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small = LearnSettings(members=1, steps=EVERY, looks=2, points=48, learning_rate=5e-4, warm_up=5)
    monkeypatch.setattr(add, "training_families", lambda: ("mug",))
    monkeypatch.setattr(add, "FINE_TUNING", small)
    output = tmp_path / "own.safetensors"
    assert (
        command.main(["learn", "add", str(club), "--config", str(CONFIG), "--output", str(output), "cache_path=null"])
        == 0
    )
    said = capsys.readouterr().out
    assert "own things" in said and f"features.learned_weights={output}" in said
    tuned, package = load_file(output), load_network().state_dict()
    assert tuned.keys() == package.keys() and any((tuned[name] != package[name]).any() for name in package)
    chosen = load_config(CONFIG, ["backbone=learned", f"features.learned_weights={output}"]).distil
    backbone, _ = choose_backbone(chosen.backbone, chosen.features, torch.device("cpu"))
    assert isinstance(backbone, LearnedBackbone) and backbone.weights == output
    assert backbone.identity()["weights_sha256"] != LearnedBackbone().identity()["weights_sha256"]


def test_no_thing_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["learn", "add", "--config", str(CONFIG), "threads=1"]) == 2
    assert "no thing to learn" in capsys.readouterr().err
