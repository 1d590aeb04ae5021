"""The six modes: names and shapes of their parameters, what they compute, and the start that changes no distance."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sparsedff.errors import ConfigError
from sparsedff.refine.modes import MODES
from sparsedff.refine.network import Probe, Shape
from sparsedff.refine.start import start_at_identity
from tests.support.golden_probe import golden_probe
from tests.support.paths import golden

C, H, G, VIEWS = 6, 24, 5, 3
TWO = {"linear1.weight": (H, C), "linear1.bias": (H,), "linear2.weight": (C, H), "linear2.bias": (C,)}
ONE = {"linear1.weight": (C, C), "linear1.bias": (C,)}
HEAD = {"linear_g.weight": (G, C), "linear_g.bias": (G,)}
MIDDLE = {"linear2.weight": (H, H), "linear2.bias": (H,), "linear3.weight": (C, H), "linear3.bias": (C,)}
PER_VIEW = {f"linears.{i}.weight": (C, C) for i in range(VIEWS)} | {f"linears.{i}.bias": (C,) for i in range(VIEWS)}
LAYOUTS = {
    "base": ONE,
    "thick": TWO,
    "juicy": {"linear1.weight": (H, C), "linear1.bias": (H,)} | MIDDLE,
    "per_scene": ONE | PER_VIEW,
    "per_scene_thick": TWO | PER_VIEW,
    "glayer": TWO | HEAD,
}


def probe(mode: str, width: int = C, hidden: int = H) -> Probe:
    torch.manual_seed(0)
    return Probe(Shape(mode, width, hidden, G, VIEWS))


def inputs(count: int = 40) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    return 2 * torch.randn(count, C, generator=generator), torch.randint(VIEWS, (count,), generator=generator)


def test_the_authors_network() -> None:
    data, network = golden("glayer.npz"), golden_probe()
    with torch.no_grad():
        features, head = network(torch.from_numpy(data["x"]), torch.zeros(50, dtype=torch.int64))
    np.testing.assert_allclose(features, data["y_ref_true"], atol=1e-6)
    np.testing.assert_allclose(head, data["y_ref_false"], atol=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_names_and_shapes(mode: str) -> None:
    assert {name: tuple(value.shape) for name, value in probe(mode).state_dict().items()} == LAYOUTS[mode]


def test_the_released_file_has_these_shapes() -> None:
    shapes = {name: tuple(v.shape) for name, v in Probe(Shape("glayer", 768, 3072)).state_dict().items()}
    assert shapes == {
        "linear1.weight": (3072, 768),
        "linear1.bias": (3072,),
        "linear2.weight": (768, 3072),
        "linear2.bias": (768,),
        "linear_g.weight": (64, 768),
        "linear_g.bias": (64,),
    }


@pytest.mark.parametrize("mode", MODES)
def test_outputs_by_hand(mode: str) -> None:
    """The same written out with the parameters alone, point by point."""
    network, (x, views) = probe(mode), inputs(7)
    p = {name: value.double().numpy() for name, value in network.state_dict().items()}
    with torch.no_grad():
        features, head = network(x, views)
    for row, (point, view) in enumerate(zip(x.double().numpy(), views.tolist(), strict=True)):
        if f"linears.{view}.weight" in p:
            point = p[f"linears.{view}.weight"] @ point + p[f"linears.{view}.bias"]
        if mode == "per_scene":
            point = np.maximum(point, 0)
        for number in (1, 2, 3):
            if f"linear{number}.weight" in p:
                point = np.maximum(point, 0) if number > 1 else point
                point = p[f"linear{number}.weight"] @ point + p[f"linear{number}.bias"]
        point = np.maximum(point, 0) if mode == "glayer" else point
        np.testing.assert_allclose(features[row], point, atol=1e-5)
        wanted = np.maximum(p["linear_g.weight"] @ point + p["linear_g.bias"], 0) if mode == "glayer" else point
        np.testing.assert_allclose(head[row], wanted, atol=1e-5)


@pytest.mark.parametrize("mode", MODES)
def test_the_start_keeps_all_differences(mode: str) -> None:
    network, (x, views) = probe(mode), inputs()
    start_at_identity(network, x)
    with torch.no_grad():
        features = network.features(1.2 * x, views)  # somewhat beyond what it was started on
    np.testing.assert_allclose(features - features[0], 1.2 * (x - x[0]), atol=2e-5)
    assert all(torch.isfinite(value).all() for value in network.state_dict().values())


def test_the_start_lets_every_layer_learn() -> None:
    network, (x, views) = probe("glayer"), inputs()
    start_at_identity(network, x)
    network.features(x, views)[:, 0].square().sum().backward()
    for layer in network.shared_layers():
        assert layer.weight.grad is not None and layer.weight.grad.abs().sum() > 0


def test_too_narrow_for_the_start() -> None:
    with pytest.raises(ConfigError, match=r"refinement.hidden_factor: 6 hidden channels .* at least 2"):
        start_at_identity(probe("glayer", hidden=C), inputs()[0])


def test_a_view_that_training_never_saw() -> None:
    with pytest.raises(ConfigError, match="was trained on views 0 to 2, got view 3"):
        probe("per_scene").features(inputs()[0], torch.full((40,), VIEWS))


def test_no_such_mode() -> None:
    with pytest.raises(ConfigError, match="no 'thin'; known are base, thick"):
        Shape("thin", C, H)
    with pytest.raises(ConfigError, match="width must be at least 1, got 0"):
        Shape("base", 0, H)
