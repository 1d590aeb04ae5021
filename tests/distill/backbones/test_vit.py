"""Vision transformers as backbones: images, batches, hub folders, other models, loading once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sparsedff.distill.backbones.base import ObjectView
from sparsedff.distill.backbones.vit import load as load_module
from sparsedff.distill.backbones.vit.backbone import TYPICAL_L1, VitBackbone, patch_features
from sparsedff.distill.backbones.vit.images import as_rgb, patch_size_of, prepare
from sparsedff.distill.backbones.vit.load import find_vit, load_vit
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.weights import files as weights_module
from sparsedff.distill.weights.precision import autocast
from sparsedff.distill.weights.weights import Weights
from sparsedff.errors import ConfigError, DistillError, WeightsError
from sparsedff.files.sha256 import sha256_of_file
from tests.support import plain_vit
from tests.support.checkpoints import CPU, TINY_VIT, hub_folder, save, tensors

RNG = np.random.default_rng(0)


@pytest.fixture
def official(tmp_path: Path) -> Weights:
    return Weights(save(plain_vit.tiny_dinov2(), tmp_path / "tiny.pth"), TINY_VIT)


def object_view(height: int, width: int, grid: tuple[int, int], pixels_per_metre: float = 1860.0) -> ObjectView:
    image = RNG.integers(0, 256, (height + 10, width + 20, 3), dtype=np.uint8)
    box = (15, 5, 15 + width, 5 + height)
    mask = np.zeros(image.shape[:2], dtype=bool)
    mask[5 : 5 + height, 15 : 15 + width] = True
    return ObjectView(image, np.zeros(image.shape), mask, box, grid, pixels_per_metre)


def test_images_of_all_kinds_become_rgb() -> None:
    gray = RNG.integers(0, 256, (4, 5), dtype=np.uint8)
    alpha = RNG.integers(0, 256, (4, 5, 4), dtype=np.uint8)
    assert np.array_equal(as_rgb(gray), np.stack([gray] * 3, axis=-1))
    assert np.array_equal(as_rgb(gray[..., None]), as_rgb(gray))
    assert np.array_equal(as_rgb(alpha), alpha[..., :3])
    for wrong in (gray.astype(float), np.zeros((4, 5, 2), np.uint8), np.zeros((0, 5, 3), np.uint8), np.uint8(3)):
        with pytest.raises(DistillError, match="image: must be"):
            as_rgb(wrong)


@pytest.mark.parametrize(
    ("height", "width", "factor", "wanted"),
    [
        (100, 153, 1, (98, 140)),
        (14, 28, 1, (14, 28)),
        (13, 1, 1, (14, 14)),
        (7, 15, 2, (14, 28)),
        (27, 41, 1.0, (14, 28)),
        (70, 70, 4.0, (280, 280)),
    ],
)
def test_sizes_are_whole_patches(height: int, width: int, factor: float, wanted: tuple[int, int]) -> None:
    assert patch_size_of(height, width, 14, factor) == wanted


def test_preprocessings() -> None:
    image = RNG.integers(0, 256, (28, 28, 3), dtype=np.uint8)
    paper, imagenet = prepare(image, (28, 28), "paper"), prepare(image, (28, 28), "imagenet")
    assert torch.allclose(paper.permute(1, 2, 0), torch.from_numpy(image / 255).float(), atol=1e-6)
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    assert torch.allclose(imagenet.permute(1, 2, 0) * std + mean, paper.permute(1, 2, 0), atol=1e-6)


def test_features_of_views_are_those_of_their_crops(official: Weights) -> None:
    """Odd sizes, one smaller than a patch, two that share a batch; against the plain NumPy model."""
    views = [
        object_view(33, 47, (2, 3)),
        object_view(5, 9, (1, 1)),
        object_view(33, 47, (2, 3)),
        object_view(70, 71, (9, 4)),
    ]
    backbone = VitBackbone("tiny", official, CPU, precision="float32")
    maps = backbone.extract(views)
    assert [m.shape for m in maps] == [(*view.grid, plain_vit.WIDTH) for view in views]
    assert all(m.dtype == np.float32 for m in maps)
    for view, found, size in zip(views[:3], maps, [(28, 42), (14, 14), (28, 42)], strict=False):
        left, top, right, bottom = view.box
        pixels = prepare(view.color_rgb[top:bottom, left:right], size, "paper").numpy().astype(np.float64)
        wanted = plain_vit.forward(plain_vit.tiny_dinov2(), pixels)[1:].reshape(size[0] // 14, size[1] // 14, -1)
        assert np.abs(found - wanted).max() < 2e-5


def test_coarse_cameras_are_enlarged_only_when_asked(official: Weights) -> None:
    view = object_view(30, 30, (4, 4), pixels_per_metre=465.0)  # a quarter of the authors' scale
    sizes: list[tuple[int, ...]] = []
    for enlarge in (True, False):
        backbone = VitBackbone("tiny", official, CPU, enlarge=enlarge)
        sizes.append(tuple(backbone._input(view, 14).shape))
    assert sizes == [(3, 112, 112), (3, 28, 28)]


def test_batches_change_nothing(official: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    vit = load_vit(official, CPU)
    images = [torch.from_numpy(RNG.normal(size=(3, 28, 42)).astype(np.float32)) for _ in range(5)]
    together = patch_features(vit, images, "float32")
    monkeypatch.setattr("sparsedff.distill.backbones.vit.backbone.MAX_TOKENS", 13)  # two images of six patches
    sizes: list[int] = []
    tokens = load_module.Vit.tokens

    def counted(self: Any, batch: torch.Tensor) -> torch.Tensor:
        sizes.append(len(batch))
        return tokens(self, batch)

    monkeypatch.setattr(load_module.Vit, "tokens", counted)
    apart = patch_features(vit, images, "float32")
    assert sizes == [2, 2, 1]
    for one, other in zip(together, apart, strict=True):
        assert torch.allclose(one, other, atol=2e-6) and not one.requires_grad


def test_a_model_is_loaded_once_a_process(official: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []
    read = weights_module.read_state

    def counted(path: Path, size: int | None = None) -> dict[str, torch.Tensor]:
        reads.append(path)
        return read(path, size)

    monkeypatch.setattr(load_module, "read_state", counted)
    for _ in range(2):
        VitBackbone("tiny", official, CPU).extract([object_view(20, 20, (1, 1))])
    assert reads == [official.path]
    save(plain_vit.tiny_dinov2(seed=8), official.path)  # other weights under the same name are noticed
    VitBackbone("tiny", official, CPU).extract([object_view(20, 20, (1, 1))])
    assert reads == [official.path] * 2


def test_bfloat16_is_near_and_auto_is_exact_on_the_cpu(official: Weights) -> None:
    vit = load_vit(official, CPU)
    image = torch.from_numpy(RNG.normal(size=(3, 70, 42)).astype(np.float32))
    exact, auto, half = (patch_features(vit, [image], p)[0] for p in ("float32", "auto", "bfloat16"))
    assert torch.equal(exact, auto)
    assert half.dtype == torch.float32 and 0 < (half - exact).abs().mean() < 0.05
    with pytest.raises(ConfigError, match="precision: must be one of auto, float32, bfloat16"):
        autocast(CPU, "float8")


def test_fit_is_one_factor_for_both_scenes(official: Weights) -> None:
    def cloud(n: int, seed: int) -> FeatureCloud:
        features = np.random.default_rng(seed).normal(size=(n, 24)).astype(np.float32) * 40
        zeros = np.zeros((n, 3))
        return FeatureCloud(zeros.astype(np.float32), zeros.astype(np.uint8), features, np.zeros(n, dtype=np.int64))

    reference, test = cloud(300, 0), cloud(200, 1)
    reduce = VitBackbone("tiny", official, CPU).fit(reference)
    a, b = np.random.default_rng(5).integers(300, size=(2, 4000))
    scaled = reduce(reference).features
    assert np.abs(scaled[a] - scaled[b]).mean() == pytest.approx(TYPICAL_L1, rel=0.05)
    ratio = reduce(test).features / test.features
    assert np.allclose(ratio, ratio[0, 0], rtol=1e-4) and np.allclose(
        scaled / reference.features, ratio[0, 0], rtol=1e-4
    )
    same = reference.with_features(np.ones((300, 24)))
    assert np.array_equal(VitBackbone("tiny", official, CPU).fit(same)(same).features, same.features)


@pytest.mark.parametrize("registers", [0, 4])
def test_hub_folder_equals_official_file(tmp_path: Path, registers: int) -> None:
    """The same weights in both layouts give the same tokens, also where transformers resamples positions otherwise."""
    state = plain_vit.tiny_dinov2(registers)
    architecture = type(TINY_VIT)(TINY_VIT.width, TINY_VIT.depth, TINY_VIT.heads, registers)
    official = load_vit(Weights(save(state, tmp_path / "w.pth"), architecture), CPU)
    official.model.save_pretrained(tmp_path / "folder")  # type: ignore[operator]
    folder = load_vit(find_vit(str(tmp_path / "folder"), tmp_path), CPU)
    image = torch.from_numpy(RNG.normal(size=(1, 3, 28, 98)).astype(np.float32))
    with torch.inference_mode():
        assert torch.allclose(official.tokens(image), folder.tokens(image), atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "patch"), [("dinov2", 14), ("registers", 14), ("dinov3", 16), ("vit", 8), ("clip", 8)]
)
def test_other_vision_transformers(tmp_path: Path, kind: str, patch: int) -> None:
    vit = load_vit(find_vit(str(hub_folder(tmp_path / kind, kind)), tmp_path), CPU)
    assert vit.patch == patch
    image = torch.from_numpy(RNG.normal(size=(2, 3, 3 * patch, 5 * patch)).astype(np.float32))
    with torch.inference_mode():
        tokens = vit.tokens(image)
        assert tokens.shape == (2, 3, 5, 24)
        everything = vit.model(image, **({"interpolate_pos_encoding": True} if kind in ("vit", "clip") else {}))
    assert torch.equal(tokens.reshape(2, 15, 24), everything.last_hidden_state[:, -15:])


def test_what_is_no_vision_transformer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="only vision transformers"):
        load_vit(find_vit(str(hub_folder(tmp_path / "resnet", "resnet")), tmp_path), CPU)


def test_broken_folders(tmp_path: Path) -> None:
    folder = hub_folder(tmp_path / "dinov2", "dinov2")
    whole = (folder / "model.safetensors").read_bytes()
    config = json.loads((folder / "config.json").read_text())

    def refused(words: str) -> None:
        with pytest.raises(WeightsError, match=words) as caught:
            load_vit(find_vit(str(folder), tmp_path), CPU)
        assert str(folder) in str(caught.value) and "\n" not in str(caught.value)

    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    refused("cannot be loaded")
    (folder / "model.safetensors").write_bytes(whole)
    (folder / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))
    refused("do not fit config.json: lacks")
    (folder / "config.json").write_text(json.dumps({**config, "hidden_size": 48}))
    refused("cannot be loaded|do not fit")
    (folder / "config.json").write_text("{")
    refused("is not valid JSON")
    (folder / "config.json").unlink()
    refused("has no config.json")
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    refused("has no .*safetensors; pickled weights are not read")
    (folder / "pytorch_model.bin").unlink()
    with pytest.raises(WeightsError, match=r"has no config\.json"):
        find_vit(str(tmp_path / "nowhere"), tmp_path)


def test_hub_name_without_network_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unreachable(name: str, **_: Any) -> str:
        raise OSError("We couldn't connect\nto the hub")

    monkeypatch.setattr("huggingface_hub.snapshot_download", unreachable)
    with pytest.raises(
        WeightsError, match=r"^hub:facebook/dinov2-base: cannot be fetched .*couldn't connect to the hub"
    ):
        find_vit("hub:facebook/dinov2-base", tmp_path)
    folder = hub_folder(tmp_path / "dinov2", "dinov2")
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda name, **_: str(folder))
    assert find_vit("hub:owner/name", tmp_path).path == folder


def test_fingerprints_follow_the_content(tmp_path: Path) -> None:
    path = save(plain_vit.tiny_dinov2(), tmp_path / "w.pth")
    first = Weights(path, TINY_VIT).sha256()
    assert first == Weights(path, TINY_VIT).sha256() and len(first) == 64
    torch.save({**tensors(plain_vit.tiny_dinov2()), "cls_token": torch.zeros(1, 1, 24)}, path)
    assert Weights(path, TINY_VIT).sha256() != first
    folder = hub_folder(tmp_path / "dinov2", "dinov2")
    before = Weights(folder).sha256()
    (folder / "config.json").write_text((folder / "config.json").read_text() + " ")
    assert Weights(folder).sha256() != before


def test_a_large_file_is_hashed_once(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "big.pth"
    content = bytes(17 << 20)
    path.write_bytes(content)
    assert sha256_of_file(path, WeightsError, "") == hashlib.sha256(content).hexdigest()
    note = tmp_path / ".big.pth.sha256"
    remembered = json.loads(note.read_text())
    note.write_text(json.dumps({**remembered, "sha256": "0" * 64}))
    assert sha256_of_file(path, WeightsError, "") == "0" * 64  # taken from the note
    for damaged in ("", "[]", '{"sha256": 1, "size": 2}'):
        note.write_text(damaged)
        assert sha256_of_file(path, WeightsError, "") == hashlib.sha256(content).hexdigest()
    path.write_bytes(content + b"1")
    assert sha256_of_file(path, WeightsError, "") == hashlib.sha256(content + b"1").hexdigest()
