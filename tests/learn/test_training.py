"""The training: determined by its seed, resumable to the same weights, and it learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from sparsedff.distill.backbones.learned.weights import load_network, weights_sha256
from sparsedff.errors import ConfigError, DistillError
from sparsedff.learn.checkpoint import resume_run, save_run
from sparsedff.learn.curve import draw_curve
from sparsedff.learn.scenes import LearnScene
from sparsedff.learn.settings import LearnSettings
from sparsedff.learn.targets import Targets
from sparsedff.learn.train import trained, write_weights
from sparsedff.learn.training import EVERY, start, train

SMALL = LearnSettings(members=2, steps=2 * EVERY, looks=2, points=24, warm_up=5)
FAMILIES = ("mug", "pot", "flashlight")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def same(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def test_an_interrupted_training_ends_with_the_same_weights(
    scenes: list[LearnScene], targets: Targets, tmp_path: Path
) -> None:
    straight = start(SMALL)
    train(straight, scenes, targets.of(scenes))
    assert straight.curve[-1][1] < 0.85 * straight.curve[0][1]  # it learns

    first = start(SMALL)
    train(first, scenes, targets.of(scenes), until=EVERY)
    save_run(first, FAMILIES, tmp_path / "training.pt")
    second = trained(FAMILIES, SMALL, scenes, targets, tmp_path / "training.pt")
    assert same(second.network, straight.network) and second.curve == straight.curve

    write_weights(second.network, tmp_path / "learned.safetensors")
    write_weights(straight.network, tmp_path / "again.safetensors")
    assert weights_sha256(tmp_path / "learned.safetensors") == weights_sha256(tmp_path / "again.safetensors")
    assert same(load_network(tmp_path / "learned.safetensors"), straight.network)
    draw_curve(second.curve, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes()[:4] == b"\x89PNG"


def test_other_settings_do_not_go_on_with_a_training(tmp_path: Path) -> None:
    path = tmp_path / "training.pt"
    save_run(start(SMALL), FAMILIES, path)
    with pytest.raises(DistillError, match="other settings or families"):
        resume_run(LearnSettings(seed=1), FAMILIES, path)
    with pytest.raises(DistillError, match="other settings or families"):
        resume_run(SMALL, FAMILIES[:2], path)
    path.write_bytes(b"half a file")
    with pytest.raises(DistillError, match=r"is no training .*; delete it"):
        resume_run(SMALL, FAMILIES, path)
    assert resume_run(SMALL, FAMILIES, tmp_path / "none.pt").step == 0


def test_settings_are_checked() -> None:
    with pytest.raises(ConfigError, match=r"learn\.steps"):
        LearnSettings(steps=0)


def test_the_rate_rises_and_falls() -> None:
    from sparsedff.learn.training import _rate

    settings = LearnSettings(steps=1000, warm_up=100)
    rates = np.array([_rate(step, settings) for step in range(1000)])
    assert np.all(np.diff(rates[:100]) > 0) and np.all(np.diff(rates[100:]) <= 0) and rates[-1] < 0.02
