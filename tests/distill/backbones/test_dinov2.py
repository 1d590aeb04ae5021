"""DINOv2: the official numbers, a second implementation in plain NumPy, and every checkpoint that is not one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from sparsedff.distill.backbones.vit.backbone import patch_features, resampled
from sparsedff.distill.backbones.vit.images import patch_size_of, prepare
from sparsedff.distill.backbones.vit.load import find_vit, load_vit
from sparsedff.distill.backbones.vit.official import ARCHITECTURES, Architecture, build_official, renamed
from sparsedff.distill.weights.files import DINOV2_FILES, read_state
from sparsedff.distill.weights.weights import Weights
from sparsedff.errors import WeightsError
from tests.support import plain_vit
from tests.support.checkpoints import CPU, TINY_VIT, save, tensors
from tests.support.paths import GOLDEN_NUMBERS

SIZES = [(518, 518), (224, 224), (28, 42), (182, 98), (14, 14)]
OFFICIAL = {"plain": Architecture(48, 3, 3), "reg4": Architecture(48, 3, 3, registers=4)}


@pytest.mark.parametrize("kind", OFFICIAL)
def test_parity_with_the_official_code(golden: Path, kind: str) -> None:
    architecture = OFFICIAL[kind]
    model = build_official(read_state(golden / "dinov2" / f"dino_{kind}_state.pth"), architecture, kind)
    image = np.load(golden / "dinov2" / "dino_input.npz")["image_u8"]
    wanted = np.load(golden / "dinov2" / f"dino_{kind}_out.npz")
    for height, width in SIZES:
        pixels = torch.from_numpy((image[:height, :width].astype(np.float32) - 128) / 64).permute(2, 0, 1)[None]
        with torch.inference_mode():
            tokens = model(pixels).last_hidden_state[0].numpy()
        patches = tokens[1 + architecture.registers :]
        assert np.abs(patches - wanted[f"patch_{height}x{width}"]).max() < 2e-5, (height, width)
        assert np.abs(tokens[0] - wanted[f"cls_{height}x{width}"]).max() < 2e-5, (height, width)
        if architecture.registers:
            assert np.abs(tokens[1:5] - wanted[f"reg_{height}x{width}"]).max() < 2e-5
    mask = torch.from_numpy(wanted["masked_mask_28x42"])[None]
    pixels = torch.from_numpy((image[:28, :42].astype(np.float32) - 128) / 64).permute(2, 0, 1)[None]
    with torch.inference_mode():
        masked = model(pixels, bool_masked_pos=mask).last_hidden_state[0].numpy()
    assert np.abs(masked[1 + architecture.registers :] - wanted["masked_patch_28x42"]).max() < 2e-5


def test_published_feature_function(golden: Path) -> None:
    wanted = np.load(golden / "sparsedff" / "dino_features.npz")
    weights = Weights(golden / "dinov2" / "dino_plain_state.pth", OFFICIAL["plain"])
    image = wanted["image_u8"]
    size = patch_size_of(*image.shape[:2], 14)
    pixels = prepare(image, size, "paper")
    assert np.abs(pixels.permute(1, 2, 0).numpy() - wanted["resized_f32"]).max() < 1e-6
    features = patch_features(load_vit(weights, CPU), [pixels], "float32")[0]
    for scale in (14, 6):
        grid = (image.shape[0] // scale, image.shape[1] // scale)
        assert np.abs(resampled(features, grid).numpy() - wanted[f"features_scale{scale}"]).max() < 2e-5


@pytest.mark.parametrize("size", [(70, 70), (14, 14), (28, 98), (112, 42), (84, 84)])
@pytest.mark.parametrize(("registers", "gated"), [(0, False), (4, False), (0, True), (4, True)])
def test_plain_numpy_gives_the_same(size: tuple[int, int], registers: int, gated: bool) -> None:
    """Position grid 5 x 5: kept at 70 x 70, otherwise shrunk, enlarged and stretched."""
    state = plain_vit.tiny_dinov2(registers, gated)
    architecture = Architecture(plain_vit.WIDTH, plain_vit.DEPTH, plain_vit.HEADS, registers, gated)
    model = build_official(tensors(state), architecture, "tiny")
    image = np.random.default_rng(1).normal(size=(3, *size)).astype(np.float32)
    with torch.inference_mode():
        tokens = model(torch.from_numpy(image)[None]).last_hidden_state[0].numpy()
    assert np.abs(tokens - plain_vit.forward(state, image.astype(np.float64))).max() < 2e-5


def test_own_golden_numbers() -> None:
    """Written by `python -m tests.support.golden`, from the NumPy implementation in float64."""
    stored = np.load(GOLDEN_NUMBERS, allow_pickle=False)
    for registers in (0, 4):
        state = plain_vit.tiny_dinov2(registers)
        architecture = Architecture(plain_vit.WIDTH, plain_vit.DEPTH, plain_vit.HEADS, registers)
        model = build_official(tensors(state), architecture, "tiny")
        with torch.inference_mode():
            tokens = model(torch.from_numpy(stored["vit_image"])[None]).last_hidden_state[0].numpy()
        assert np.abs(tokens - stored[f"vit_tokens_{registers}"]).max() < 2e-5


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_matches_its_layout(name: str) -> None:
    """Names and shapes of the full-size models, without their memory."""
    a = ARCHITECTURES[name]
    hidden = (int(4 * a.width * 2 / 3) + 7) // 8 * 8 if a.gated else 4 * a.width
    with torch.device("meta"):
        shapes = {
            "cls_token": (1, 1, a.width),
            "pos_embed": (1, 1370, a.width),
            "mask_token": (1, a.width),
            "patch_embed.proj.weight": (a.width, 3, 14, 14),
            "patch_embed.proj.bias": (a.width,),
            "norm.weight": (a.width,),
            "norm.bias": (a.width,),
        }
        if a.registers:
            shapes["register_tokens"] = (1, a.registers, a.width)
        for block in range(a.depth):
            sizes = {"norm1": (a.width,), "norm2": (a.width,)}
            weights = {"attn.qkv": (3 * a.width, a.width), "attn.proj": (a.width, a.width)}
            weights |= {"mlp.w12": (2 * hidden, a.width), "mlp.w3": (a.width, hidden)} if a.gated else {}
            weights |= {} if a.gated else {"mlp.fc1": (hidden, a.width), "mlp.fc2": (a.width, hidden)}
            for part, shape in {**sizes, **weights}.items():
                shapes[f"blocks.{block}.{part}.weight"] = shape
                shapes[f"blocks.{block}.{part}.bias"] = shape[:1]
            shapes |= {f"blocks.{block}.ls{i}.gamma": (a.width,) for i in (1, 2)}
        model = build_official({key: torch.empty(shape) for key, shape in shapes.items()}, a, name)
    assert model.config.num_attention_heads * 64 == a.width
    assert name in DINOV2_FILES


def test_truncated_checkpoint(tmp_path: Path) -> None:
    path = save(plain_vit.tiny_dinov2(), tmp_path / "w.pth")
    for size in (0, 10, path.stat().st_size // 2, path.stat().st_size - 1):
        cut = tmp_path / f"cut{size}.pth"
        cut.write_bytes(path.read_bytes()[:size])
        with pytest.raises(WeightsError, match="truncated or no checkpoint") as caught:
            load_vit(Weights(cut, TINY_VIT, size=346_378_731), CPU)
        assert "of 346,378,731 bytes" in str(caught.value) and "\n" not in str(caught.value)


class _Code:
    def __reduce__(self) -> tuple[object, ...]:
        return (print, ("code ran",))


def test_pickled_code_never_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save({"cls_token": _Code()}, tmp_path / "w.pth")
    with pytest.raises(WeightsError):
        load_vit(Weights(tmp_path / "w.pth", TINY_VIT), CPU)
    assert "code ran" not in capsys.readouterr().out


def test_another_architecture_says_which(tmp_path: Path) -> None:
    for state, words in (
        (plain_vit.tiny_dinov2(width=48), "holds a DINOv2 of 48 channels, 2 blocks, 0 registers, MLP, but"),
        (plain_vit.tiny_dinov2(depth=3), "24 channels, 3 blocks"),
        (plain_vit.tiny_dinov2(registers=4), "24 channels, 2 blocks, 4 registers"),
        (plain_vit.tiny_dinov2(gated=True), "SwiGLU, but the setting asks for 24 channels, 2 blocks, 0 registers, MLP"),
        ({"image_encoder.pos_embed": np.zeros((1, 8, 8, 4))}, "is no DINOv2 checkpoint in the official layout"),
    ):
        with pytest.raises(WeightsError, match=words) as caught:
            build_official(tensors(state), TINY_VIT, "a/w.pth")
        assert str(caught.value).startswith("a/w.pth: ") and "\n" not in str(caught.value)


def test_nothing_is_left_over_on_either_side() -> None:
    whole = plain_vit.tiny_dinov2()
    for name in whole:
        part = {key: value for key, value in whole.items() if key != name}
        with pytest.raises(WeightsError):
            build_official(tensors(part), TINY_VIT, "w.pth")
    for extra in ("head.weight", "blocks.0.attn.extra.weight", "blocks.9.norm1.weight"):
        with pytest.raises(WeightsError):
            build_official(tensors({**whole, extra: np.zeros(24)}), TINY_VIT, "w.pth")
    with pytest.raises(WeightsError, match="wrong size"):
        build_official(tensors({**whole, "norm.bias": np.zeros(23)}), TINY_VIT, "w.pth")
    assert renamed(tensors(whole))[1] == []


def test_other_things_than_named_tensors(tmp_path: Path) -> None:
    for content in ([1, 2], {}, {"model": {"a": torch.zeros(1)}}, {"epoch": 3}):
        torch.save(content, tmp_path / "w.pth")
        with pytest.raises(WeightsError, match="flat dictionary of tensors"):
            read_state(tmp_path / "w.pth")


def test_missing_weights_name_file_folder_and_command(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        find_vit("dinov2_vitb14", tmp_path)
    assert str(caught.value) == (
        f"backbone=dinov2_vitb14: needs dinov2_vitb14_pretrain.pth, which is not in {tmp_path}/; "
        "`bash pth_download.sh` brings it"
    )
    with pytest.raises(WeightsError, match=r"download it from https://.*/dinov2_vits14_reg4_pretrain.pth"):
        find_vit("dinov2_vits14_reg", tmp_path)
