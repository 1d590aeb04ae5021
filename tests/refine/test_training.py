"""The loop: it learns, it goes on after a kill as if nothing had happened, and it refuses another training's state."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sparsedff.errors import ConfigError, DistillError, TrainingError, WeightsError
from sparsedff.refine.losses.field import FIELD, FieldObjective, masked_loss
from sparsedff.refine.losses.published import PUBLISHED, PublishedObjective
from sparsedff.refine.losses.registry import LOSSES
from sparsedff.refine.modes import MODES
from sparsedff.refine.settings import TrainingSettings
from sparsedff.refine.state import TrainingProgress
from sparsedff.refine.train import make_probe, train
from sparsedff.refine.training_set import make_training_set
from tests.support.paths import REPOSITORY
from tests.support.refine_toys import RADIUS_M, scene, settings, training_set

CPU = torch.device("cpu")


@pytest.mark.parametrize("mode", MODES)
def test_views_agree_better_after_training(mode: str) -> None:
    data = training_set()
    before, after = (
        data.consistency(None, "test"),
        data.consistency(train(data, settings(steps=150, learning_rate=3e-3), mode, 0, CPU).probe, "test"),
    )
    assert after.hits > before.hits + 0.04 and after.ratio < before.ratio - 0.03


def test_the_published_loss_falls() -> None:
    losses = train(training_set(), settings("published", 80, temperature=0.5), "glayer", 0, CPU).progress.losses
    assert np.mean(losses[-10:]) < np.mean(losses[:10])


def test_the_kept_network_is_that_of_the_best_look() -> None:
    data = training_set()
    trained = train(data, settings(steps=40, learning_rate=0.05), "glayer", 0, CPU)
    best = max(trained.progress.looks, key=lambda look: look[1] - look[2])
    assert trained.progress.best_step == best[0]
    assert data.consistency(trained.probe, "validation").hits == pytest.approx(best[1])
    assert [look[0] for look in trained.progress.looks] == [0, 5, 10, 15, 20, 25, 30, 35, 40]


def test_training_stops_when_nothing_improves() -> None:
    progress = train(training_set(), settings(steps=500, learning_rate=1e-30, patience=3), "glayer", 0, CPU).progress
    assert progress.step == 15 and progress.best_step == 0 and progress.finished
    assert not TrainingProgress(looks=[[0, 0.5, 1.0], [5, 0.4, 1.0]], best_step=0).should_stop(2)


def test_rates() -> None:
    cosine, stairs = settings(steps=100), settings("published", 20000, learning_rate=1e-4)
    assert [FIELD.rate(cosine, step) for step in (0, 50)] == [1e-3, pytest.approx(5e-4)]
    assert FIELD.rate(cosine, 99) < 1e-6
    rates = [PUBLISHED.rate(stairs, step) for step in (0, 4999, 5000, 10000)]
    np.testing.assert_allclose(rates, [1e-4, 1e-4, 0.9e-4, 0.81e-4])


@pytest.mark.parametrize("mask_near", [False, True])
def test_what_a_step_asks_by_hand(mask_near: bool) -> None:
    """Logits, masks and the hold on distances of the field's loss, written out in NumPy."""
    data = training_set(scene("a"), scene("b", seed=4))
    objective = FieldObjective(data, 16, 0.2, 1.5, mask_near)
    points = objective.draw(torch.Generator().manual_seed(0))
    outputs = torch.randn(32, 12, generator=torch.Generator().manual_seed(1))
    anchors, keys = points[:16], points[16:]
    both = {tuple(sorted(pair)) for pair in data.pairs.tolist()}
    assert {tuple(sorted(pair)) for pair in zip(anchors.tolist(), keys.tolist(), strict=True)} <= both
    x, p, s = outputs.numpy().astype(float), data.points.numpy(), data.scene_index.numpy()
    logits = -np.abs(x[:16, None] - x[None, 16:]).mean(-1) / data.typical / 0.2
    forbidden = s[anchors][:, None] != s[keys][None]
    assert forbidden.any()
    near = np.linalg.norm(p[anchors][:, None] - p[keys][None], axis=-1) < RADIUS_M
    assert (near & ~forbidden & ~np.eye(16, dtype=bool)).any()
    forbidden |= near & mask_near
    contrast = masked_loss(torch.tensor(logits), torch.arange(16), torch.tensor(forbidden)).item()
    entered = data.features[points].numpy().astype(float)
    change = [np.abs(y - np.roll(y, 1, axis=0)).mean(1) for y in (entered, x)]
    wanted = contrast + 1.5 * np.abs(change[1] - change[0]).mean() / data.typical
    assert objective.loss(points, outputs).item() == pytest.approx(wanted, rel=1e-5)


def test_every_pair_of_views_gets_its_published_step() -> None:
    data = training_set(scene("a"), scene("b", seed=4))
    objective, generator = PublishedObjective(data, 0.007), torch.Generator().manual_seed(0)
    seen = set()
    for _ in range(60):
        drawn = objective.draw(generator).reshape(5, -1)
        places = {(int(data.scene_index[i]), int(data.view_index[i])) for i in drawn[0]}
        assert (
            len(places) == 1
            and len({(int(data.scene_index[i]), int(data.view_index[i])) for i in drawn[1:].ravel()}) == 1
        )
        assert (torch.linalg.norm(data.points[drawn[0]] - data.points[drawn[1:]], dim=-1) < RADIUS_M).all()
        assert len(drawn[0].unique()) == drawn.shape[1]
        seen.add((*places, int(data.view_index[drawn[1, 0]])))
    assert len(seen) == 6


@pytest.mark.parametrize("loss", ["field", "published"])
def test_a_killed_training_ends_as_one_that_was_not(loss: str, tmp_path: Path) -> None:
    """A real process, killed in mid-training by SIGKILL; then the same call again, to the last bit."""
    how = dict(steps=200, loss=loss, save_every=7)
    state = tmp_path / "training.pt"
    code = (
        "import sys, torch; from pathlib import Path; from tests.support.refine_toys import settings, training_set;"
        "from sparsedff.refine.train import train; torch.set_num_threads(1);"
        f"train(training_set(), settings(**{how!r}), 'glayer', 0, torch.device('cpu'), Path(sys.argv[1]), {{'a': 'b'}})"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(state)], cwd=REPOSITORY)
    while not state.exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    stopped = torch.load(state, weights_only=True)["progress"]["step"]
    assert 0 < stopped < 200 and stopped % 7 == 0
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        resumed = train(training_set(), settings(**how), "glayer", 0, CPU, state, {"a": "b"})  # type: ignore[arg-type]
        whole = train(training_set(), settings(**how), "glayer", 0, CPU)  # type: ignore[arg-type]
    finally:
        torch.set_num_threads(threads)
    assert len(resumed.progress.losses) == 200
    np.testing.assert_allclose(resumed.progress.losses, whole.progress.losses, rtol=1e-6)
    assert resumed.progress.looks == whole.progress.looks
    for name, value in whole.probe.state_dict().items():
        torch.testing.assert_close(resumed.probe.state_dict()[name], value, rtol=1e-6, atol=1e-7)
    data, nothing_left = {"a": "b"}, lambda *_: pytest.fail("nothing is left")
    again = train(training_set(), settings(**how), "glayer", 0, CPU, state, data, nothing_left)  # type: ignore[arg-type]
    assert again.progress.losses == resumed.progress.losses


def test_another_trainings_state_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "training.pt"
    train(training_set(), settings(), "glayer", 0, CPU, state, {"captures": {"a": "1"}})
    for change, data, said in (
        ({"temperature": 0.5}, {"captures": {"a": "1"}}, r"temperature was 0.15, now 0.5\); --fresh starts anew"),
        ({}, {"captures": {"a": "2"}}, r'data was {"captures": {"a": "1"}}, now {"captures": {"a": "2"}}'),
    ):
        with pytest.raises(ConfigError, match=said):
            train(training_set(), replace(settings(), **change), "glayer", 0, CPU, state, data)
    for mode, seed, said in (("base", 0, '(mode was "glayer", now "base")'), ("glayer", 1, "(seed was 0, now 1)")):
        with pytest.raises(ConfigError, match=re.escape(said)):
            train(training_set(), settings(), mode, seed, CPU, state, {"captures": {"a": "1"}})
    alike = replace(settings(), save_every=3, path="elsewhere")  # decide nothing
    train(training_set(), alike, "glayer", 0, CPU, state, {"captures": {"a": "1"}})
    state.write_bytes(state.read_bytes()[:500])
    with pytest.raises(WeightsError, match=r"is damaged( \(.*\))?; delete it, or train with --fresh"):
        train(training_set(), settings(), "glayer", 0, CPU, state, {})


def test_a_state_that_stores_other_things_is_refused_in_a_line(tmp_path: Path) -> None:
    state = tmp_path / "training.pt"
    train(training_set(), settings(), "glayer", 0, CPU, state)
    content = torch.load(state, weights_only=True)
    for change in ({"network": {}}, {"progress": {"steps": 3}}):
        torch.save(content | change, state)
        with pytest.raises(WeightsError, match="was written by another version; train with --fresh") as caught:
            train(training_set(), settings(), "glayer", 0, CPU, state)
        assert "\n" not in str(caught.value) and str(state) in str(caught.value)


def test_the_state_and_the_note_keep_their_names(tmp_path: Path) -> None:
    """Trainings and networks of earlier versions go on from these names."""
    state = tmp_path / "training.pt"
    train(training_set(), settings(), "glayer", 0, CPU, state, {"captures": {}})
    content = torch.load(state, weights_only=True)
    recipe = {"mode", "loss", "steps", "learning_rate", "temperature", "batch", "keep_distances", "mask_near"}
    recipe |= {"hidden_factor", "head", "evaluate_every", "patience", "seed"}
    assert set(json.loads(content["recipe"])) == recipe | {"data"}
    assert set(content["progress"]) == {"step", "losses", "looks", "best_step", "best_state", "finished"}
    assert set(settings().recorded("glayer", 0)) == recipe | {"save_every"}


@pytest.mark.parametrize(
    ("loss", "mode", "steps", "rate", "temperature", "patience"),
    [
        ("field", "base", 400, 1e-3, 0.15, 10),
        ("published", "base", 20_000, 1e-5, 0.007, 0),
        ("published", "glayer", 20_000, 1e-4, 0.007, 0),
    ],
)
def test_the_loss_fills_in_what_is_open(
    loss: str, mode: str, steps: int, rate: float, temperature: float, patience: int
) -> None:
    found = TrainingSettings(loss=loss).resolved(mode)
    assert (found.steps, found.learning_rate, found.temperature, found.patience) == (steps, rate, temperature, patience)
    assert found.resolved(mode) == found
    given = TrainingSettings(loss=loss, steps=7, learning_rate=0.5, temperature=2.0).resolved(mode)
    assert (given.steps, given.learning_rate, given.temperature) == (7, 0.5, 2.0)


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"refinement\.learning_rate: 2\.0 is not allowed"):
        TrainingSettings(learning_rate=2.0)
    with pytest.raises(ConfigError, match=r'refinement\.loss: "mine" is not allowed; .* one of field, published'):
        TrainingSettings(loss="mine")
    assert [LOSSES.load(name) for name in LOSSES.names] == [FIELD, PUBLISHED]


def test_a_loss_beyond_numbers(tmp_path: Path) -> None:
    state = tmp_path / "training.pt"
    with pytest.raises(TrainingError, match=r"no finite number at step \d+; lower refinement.learning_rate"):
        train(training_set(), settings(steps=50, keep_distances=1e300), "glayer", 0, CPU, state)
    assert not state.exists()


def test_too_little_data() -> None:
    with pytest.raises(DistillError, match="pairs are left outside the held-out regions"):
        make_training_set([scene(per_view=12, seed=1)], settings(holdout_share=0.4, holdout_block_m=0.05), 0)


def test_the_published_network_starts_at_random_and_ours_does_not() -> None:
    data = training_set()
    first, second = (make_probe(data, settings(), "glayer", seed) for seed in (1, 2))
    assert not torch.equal(first.linear1.weight, second.linear1.weight)  # unused hidden channels
    ours, theirs = (make_probe(data, settings(loss), "glayer", 0) for loss in ("field", "published"))
    assert data.consistency(ours, "train").hits == pytest.approx(data.consistency(None, "train").hits)
    assert data.consistency(theirs, "train").hits != pytest.approx(data.consistency(None, "train").hits)
