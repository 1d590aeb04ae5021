"""read.py, train_linear_probe.py, consistency and model_path as users call them, on captures of a box."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sparsedff.cli.main import main
from sparsedff.config.config import Config, load_config
from sparsedff.distill.backbones.handcrafted.backbone import HandcraftedBackbone
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.errors import ConfigError, SparseDFFError
from sparsedff.prepare.distiller import TwoClouds, make_distiller
from sparsedff.prepare.inputs import read_inputs
from sparsedff.refine.network import Probe, Shape
from sparsedff.refine.refiner import load_refiner
from sparsedff.refine.storage import load_key
from tests.support.commands import read_data, train_linear_probe, unified_optimize
from tests.support.paths import REPOSITORY
from tests.support.small_world import make_world

QUICK = ["backbone=handcrafted", "img_preprocess=[physics,physics]", "cache_path=null", "device=cpu"]
TRAIN = ["refinement.steps=20", "refinement.batch=64", "refinement.evaluate_every=5", "refinement.holdout_block_m=0.03"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Two captures, `shown` read and trained on under key 0; the folder and the overrides of a run."""
    folder = tmp_path_factory.mktemp("world")
    run = make_world(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        assert read_data(["--img_data_path", "shown", "--dir_path", str(folder), *common(folder)]) == 0
        assert train_linear_probe(["--mode", "glayer", "--key", "0", *common(folder), *TRAIN]) == 0
    return folder, run


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)


def common(folder: Path) -> list[str]:
    return [*QUICK, f"refinement.path={folder / 'refinement'}"]


def network(folder: Path) -> Path:
    return folder / "refinement" / "key0" / "glayer" / "probe.pth"


def settings(world: tuple[Path, list[str]], *more: str) -> Config:
    return load_config("configs/config.yaml", [*world[1], *more])


def raw_clouds(config: Config) -> TwoClouds:
    """What a run of this configuration distils, before any reduction."""
    reference, test = make_distiller(config).distil_both(read_inputs(config).captures)
    return reference.cloud, test.cloud


def test_what_read_stores(world: tuple[Path, list[str]]) -> None:
    """Everything the capture shows, unpruned; its reduction is the one a run would learn from it."""
    (stored,) = load_key(world[0] / "refinement" / "key0")
    config = settings(world)
    backbone = HandcraftedBackbone()
    raw, _ = raw_clouds(config)
    wanted = backbone.fit(raw)(raw)
    for name in ("points", "colors", "view_index", "features"):
        np.testing.assert_array_equal(getattr(stored.scene.cloud, name), getattr(wanted, name))
    distance = np.linalg.norm(raw.points[:, None] - raw.points[None], axis=-1)
    count = ((distance < 0.01) & (raw.view_index[:, None] < raw.view_index[None])).sum()
    assert len(stored.scene.pairs) == count > 0
    note = json.loads((world[0] / "refinement" / "key0" / "shown.json").read_text())
    assert (note["settings"]["scale"], note["settings"]["pair_radius_m"], note["pairs"]) == (14, 0.01, count)


def test_reading_again_changes_nothing(world: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    path = world[0] / "refinement" / "key0" / "shown.npz"
    before = path.stat().st_mtime_ns
    again = ["--img_data_path", str(world[0] / "shown"), "--key", "0", *common(world[0])]
    assert main(["read", *again]) == 0
    assert "there already" in capsys.readouterr().out and path.stat().st_mtime_ns == before


def test_captures_of_a_key_agree(world: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--img_data_path", str(world[0] / "test"), "--key", "0", *common(world[0])]
    for change, said in (
        (["--scale", "10"], "shown was read with another scale (14, now 10); use the same settings, or another --key"),
        (["refinement.pair_radius_m=0.02"], "shown was read with another pair_radius_m (0.01, now 0.02)"),
    ):
        assert read_data([*arguments, *change]) == 2
        error = capsys.readouterr().err.strip().splitlines()[-1]
        assert said in error
    assert [one.scene.name for one in load_key(world[0] / "refinement" / "key0")] == ["shown"]


def test_two_captures_share_one_reduction(world: tuple[Path, list[str]], tmp_path: Path) -> None:
    for name in ("shown", "test"):
        assert read_data(["--img_data_path", str(world[0] / name), "--key", "3", *common(tmp_path)]) == 0
    first, second = load_key(tmp_path / "refinement" / "key3")
    for name, array in first.reduction.items():
        np.testing.assert_array_equal(array, second.reduction[name])
    config = settings(world)
    backbone = HandcraftedBackbone()
    reference, other = raw_clouds(config)
    np.testing.assert_array_equal(second.scene.cloud.features, backbone.fit(reference)(other).features)


def test_what_training_leaves(world: tuple[Path, list[str]]) -> None:
    folder = network(world[0]).parent
    files = {path.name for path in folder.iterdir()}
    assert files == {"probe.pth", "probe.json", "probe.reduction.npz", "training.pt", "loss.png", "views_shown.png"}
    note = json.loads((folder / "probe.json").read_text())
    assert note["shape"] == {"mode": "glayer", "width": 68, "hidden": 272, "head": 64, "views": 2}
    assert note["training"]["temperature"] == 0.15 and note["training"]["seed"] == 0 and note["steps_done"] == 20
    assert list(note["data"]["captures"]) == ["shown"] and note["backbone"]["class"] == "HandcraftedBackbone"


def test_consistency_is_told(world: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for call in (
        lambda: main(["consistency", "--key", "0", *common(world[0])]),
        lambda: train_linear_probe(["--consistency", "--checkpoint", str(network(world[0])), *common(world[0])]),
    ):
        assert call() == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] and "shown, held-out regions" in said[0] and "% before" in said[0]


def test_a_run_uses_the_network_as_it_was_trained(world: tuple[Path, list[str]]) -> None:
    """The training's reduction, the network, one scale: whatever the run's own reference is."""
    config = settings(world, f"model_path={network(world[0])}", "method=raw")
    backbone = HandcraftedBackbone()
    raw, distiller = raw_clouds(config), make_distiller(config)
    (stored,) = load_key(world[0] / "refinement" / "key0")
    refiner = load_refiner(network(world[0]), backbone, {})
    probe = refiner.checkpoint.probe
    with torch.no_grad():
        wanted = probe.features(torch.from_numpy(stored.scene.cloud.features), torch.zeros(1)).numpy()
    for clouds in (distiller.features(raw), distiller.features((raw[1], raw[0]))[::-1]):
        factor = clouds[0].features.std() / wanted.std()
        np.testing.assert_allclose(clouds[0].features, factor * wanted, rtol=1e-4, atol=1e-4)
    first, second = np.random.default_rng(1).integers(len(raw[0]), size=(2, 20000))
    shown = distiller.features(raw)[0].features
    assert np.abs(shown[first] - shown[second]).mean() == pytest.approx(1.3, rel=0.05)
    record = distiller.record()["models"]["refinement"]
    assert record["note"]["step"] == refiner.checkpoint.note["step"] and len(record["sha256"]) == 64


@pytest.mark.parametrize("how", ["backbone", "width", "no note", "nothing"])
def test_a_network_of_other_features_is_refused(how: str, world: tuple[Path, list[str]], tmp_path: Path) -> None:
    backbone = HandcraftedBackbone()
    path = network(world[0])
    if how == "backbone":
        with pytest.raises(ConfigError, match=r"was trained on features with components = 16, now it is 8"):
            load_refiner(path, replace(backbone, components=8), {"components": 8})  # type: ignore[type-var]
        return
    other = tmp_path / "other.pth"
    if how == "nothing":
        said = "no such refinement network"
    else:
        torch.save(Probe(Shape("glayer", 24, 96)).state_dict(), other)
        said = "has no note beside it"
    if how == "width":
        nothing = np.zeros((3, 3))
        cloud = FeatureCloud(
            nothing.astype(np.float32), nothing.astype(np.uint8), np.ones((3, 7), np.float32), np.zeros(3, np.int64)
        )
        wide = load_refiner(other, Named(), {})  # type: ignore[arg-type]
        with pytest.raises(ConfigError, match="refines 24 channels, the backbone gives 7; choose the backbone"):
            wide.fit(cloud)
        return
    with pytest.raises(SparseDFFError, match=said):
        load_refiner(other, backbone, {})


class Named:
    """A backbone of which only the name matters."""

    name = "other"


def test_a_mistake_ends_in_one_line_and_code_2(
    world: tuple[Path, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = [f"refinement.path={tmp_path}"]
    broken = tmp_path / "key5"
    broken.mkdir()
    for suffix in ("npz", "json"):
        (broken / f"shown.{suffix}").write_bytes((world[0] / "refinement/key0" / f"shown.{suffix}").read_bytes()[:-9])
    for call, said in (
        (lambda: read_data(["--img_data_path", "nowhere", *common(tmp_path)]), "capture 'nowhere': no such folder"),
        (lambda: train_linear_probe(["--key", "4", *empty]), "no training data; make some with `python scripts/re"),
        (lambda: train_linear_probe(["--key", "5", *empty]), "is incomplete or has changed; run `python scripts"),
        (lambda: main(["consistency", "--mode", "base", *common(world[0])]), "no such refinement network"),
        (lambda: unified_optimize([*world[1], f"model_path={tmp_path / 'no.pth'}"]), "no such refinement network"),
        (
            lambda: train_linear_probe([*common(world[0]), *TRAIN, "refinement.temperature=0.3"]),
            "temperature was 0.15, now 0.3); --fresh starts anew",
        ),
    ):
        assert call() == 2
        error = capsys.readouterr().err.strip().splitlines()[-1]
        assert error.startswith("error: ") and said in error
