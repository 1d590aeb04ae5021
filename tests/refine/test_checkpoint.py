"""Networks on disk: files travel both ways, and a wrong one is refused in words."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from sparsedff.errors import WeightsError
from sparsedff.refine.checkpoint import companions, load_checkpoint, save_checkpoint
from sparsedff.refine.modes import MODES
from sparsedff.refine.network import Probe, Shape
from tests.support.paths import SHARED


def saved(path: Path, mode: str = "glayer", reduction: dict | None = None) -> Probe:
    torch.manual_seed(1)
    probe = Probe(Shape(mode, 6, 24, 5, 3))
    save_checkpoint(path, probe.state_dict(), probe.shape, {"step": 7}, reduction or {})
    return probe


@pytest.mark.parametrize("with_note", [True, False])
@pytest.mark.parametrize("mode", MODES)
def test_what_was_saved_is_loaded(mode: str, with_note: bool, tmp_path: Path) -> None:
    """Without its note too, as a file of the authors comes: names and shapes tell the mode."""
    probe = saved(tmp_path / "a.pth", mode)
    if not with_note:
        companions(tmp_path / "a.pth")[0].unlink()
    loaded = load_checkpoint(tmp_path / "a.pth")
    assert loaded.probe.shape.mode == mode and (loaded.note.get("step") == 7) == with_note
    x, views = torch.randn(9, 6), torch.arange(9) % 3
    assert torch.equal(loaded.probe.features(x, views), probe.features(x, views))
    assert not any(value.requires_grad for value in loaded.probe.parameters())


def test_the_file_is_a_plain_state_dict(tmp_path: Path) -> None:
    saved(tmp_path / "a.pth")
    state = torch.load(tmp_path / "a.pth", weights_only=True)
    assert type(state) is dict and list(state) == [f"linear{n}.{w}" for n in (1, 2, "_g") for w in ("weight", "bias")]


def test_the_authors_file_loads() -> None:
    path = SHARED / "golden" / "sparsedff" / "glayer_state.pth"
    if not path.exists():
        pytest.skip("../shared/data/golden (a file in the authors' layout) is absent")
    loaded = load_checkpoint(path)
    assert loaded.probe.shape == Shape("glayer", 24, 96, 8) and not loaded.note and not loaded.reduction


def changed(path: Path, change) -> None:  # type: ignore[no-untyped-def]
    state = torch.load(path, weights_only=True)
    change(state)
    torch.save(state, path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.pop("linear2.bias"), "linear2.bias is missing"),
        (lambda s: s.update(extra=torch.zeros(1)), "extra is unknown"),
        (lambda s: s.update({"linear_g.bias": torch.zeros(4)}), r"linear_g.bias is \(4,\) instead of \(5,\)"),
        (lambda s: (s.pop("linear1.weight"), s.pop("linear1.bias")), "linear1.weight is missing"),
    ],
)
@pytest.mark.parametrize("with_note", [True, False])
def test_a_wrong_file_says_what_differs(change, said: str, with_note: bool, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    saved(tmp_path / "a.pth")
    if not with_note:
        companions(tmp_path / "a.pth")[0].unlink()
    changed(tmp_path / "a.pth", change)
    with pytest.raises(WeightsError, match=said) as caught:
        load_checkpoint(tmp_path / "a.pth")
    assert "\n" not in str(caught.value) and "a.pth" in str(caught.value)


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple:
            return (Path.touch, (tmp_path / "ran",))

    (tmp_path / "a.pth").write_bytes(pickle.dumps({"linear1.weight": Bomb()}))
    with pytest.raises(WeightsError):
        load_checkpoint(tmp_path / "a.pth")
    torch.save({"linear1.weight": Bomb()}, tmp_path / "b.pth")
    with pytest.raises(WeightsError):
        load_checkpoint(tmp_path / "b.pth")
    assert not (tmp_path / "ran").exists()


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"no such refinement network; .* trains one"):
        load_checkpoint(tmp_path / "none.pth")


def test_companions_must_belong_to_the_network(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    arrays = {"mean_0": np.arange(3.0), "directions_0": np.eye(3), "scale_0": np.array(2.0)}
    saved(path, reduction=arrays)
    assert {n: a.tolist() for n, a in load_checkpoint(path).reduction.items()} == {
        n: a.tolist() for n, a in arrays.items()
    }
    note, reduction = companions(path)
    np.savez(reduction, **(arrays | {"mean_0": np.arange(3.0) + 1}))
    with pytest.raises(WeightsError, match="is not the one it was trained with"):
        load_checkpoint(path)
    reduction.unlink()
    with pytest.raises(WeightsError, match=r"copy .pth, .json and .reduction.npz together"):
        load_checkpoint(path)
    note.write_text(json.dumps({"reduction_sha256": None}))
    with pytest.raises(WeightsError, match="is no note of a refinement network"):
        load_checkpoint(path)
