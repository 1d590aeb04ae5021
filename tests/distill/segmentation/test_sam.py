"""Segment Anything: the official numbers, a second implementation in plain NumPy, checkpoints, SAM 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sparsedff.distill.segmentation.sam import load as load_module
from sparsedff.distill.segmentation.sam.load import find_sam, load_sam
from sparsedff.distill.segmentation.sam.official import ARCHITECTURES, Architecture, build_official
from sparsedff.distill.weights.files import SAM_FILES
from sparsedff.distill.weights.weights import Weights
from sparsedff.errors import WeightsError
from tests.support import plain_sam, plain_vit
from tests.support.checkpoints import CPU, TINY_SAM, hub_folder, save, tensors
from tests.support.paths import GOLDEN_NUMBERS
from tests.support.sam_answers import CASES, plain_answer, prompts_of, tiny_predictor

RNG = np.random.default_rng(2)


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return RNG.integers(0, 256, (30, 50, 3), dtype=np.uint8)


def test_parity_with_the_official_code(golden: Path) -> None:
    weights = Weights(golden / "sam" / "sam_state.pth", Architecture(64, 2, 2, (1,)))
    given = np.load(golden / "sam" / "sam_io.npz")
    wanted = np.load(golden / "sam" / "sam_out.npz")
    predictor = load_sam(weights, CPU)
    pixels, size = predictor.pixels(given["image_u8"])
    assert size == (768, 1024)
    assert np.abs(pixels[0, :, ::8, ::8].numpy() - given["preprocessed_s8_f32"]).max() < 1e-6
    embedded = predictor.embed(given["image_u8"])
    assert np.abs(embedded.features[0, ::8, ::4, ::4].numpy() - given["features_sub_f32"]).max() < 5e-5
    points, labels, box = given["point_coords"], given["point_labels"], given["box"]
    previous = torch.from_numpy(wanted["points_low_res_f16"][given["mask_input_index"]].astype(np.float32))
    cases: dict[str, dict[str, Any]] = {
        "points": {"points": points, "labels": labels},
        "points_box": {"points": points, "labels": labels, "box": box},
        "box": {"box": box},
        "single": {"points": points[:1], "labels": labels[:1], "several": False},
        "points_prevmask": {"points": points, "labels": labels, "previous": previous},
    }
    for name, prompts in cases.items():
        logits, scores = predictor.logits(embedded, **prompts)
        whole = f"{name}_low_res_f16" in wanted
        stored = wanted[f"{name}_low_res_f16" if whole else f"{name}_low_res_s2_f16"]
        rounding = np.spacing(np.abs(stored)).astype(np.float32) / 2
        difference = np.abs((logits if whole else logits[:, ::2, ::2]).numpy() - stored.astype(np.float32))
        assert (difference - rounding).max() < 1e-4, name
        upscaled = predictor.upscaled(embedded, logits)
        assert np.abs(upscaled[:, ::8, ::8].numpy() - wanted[f"{name}_up_logits_s8_f32"]).max() < 1e-4, name
        assert np.abs(scores - wanted[f"{name}_iou"]).max() < 2e-5, name
        official = np.unpackbits(wanted[f"{name}_mask_bits"], axis=1).astype(bool)
        masks = predictor.masks(embedded, logits)
        assert (masks.reshape(len(masks), -1) != official).sum() <= 5, name


@pytest.mark.parametrize("case", CASES)
def test_plain_numpy_gives_the_same(noise: np.ndarray, case: str) -> None:
    state = plain_sam.tiny_sam()
    predictor = tiny_predictor(state)
    pixels, size = predictor.pixels(noise)
    assert size == (38, 64) and not pixels[..., 38:, :].any()
    wanted, iou = plain_answer(state, pixels[0].numpy(), case)
    prompts = prompts_of(case)
    if "previous" in prompts:
        prompts["previous"] = torch.from_numpy(prompts["previous"]).float()
    logits, scores = predictor.logits(predictor.embed(noise), **prompts)
    assert np.abs(logits.numpy() - wanted).max() < 1e-4 and np.abs(scores - iou).max() < 1e-5


def test_own_golden_numbers() -> None:
    """Written by `python -m tests.support.golden`, from the NumPy implementation in float64."""
    stored = np.load(GOLDEN_NUMBERS, allow_pickle=False)
    predictor = tiny_predictor()
    embedded = predictor.embed(stored["sam_image"])
    for case in ("points", "points_box"):
        logits, scores = predictor.logits(embedded, **prompts_of(case))
        assert np.abs(logits.numpy() - stored[f"sam_logits_{case}"]).max() < 1e-4
        assert np.abs(scores - stored[f"sam_iou_{case}"]).max() < 1e-5


@pytest.mark.parametrize("height", [1, 7, 64, 90])
def test_images_of_any_shape(height: int) -> None:
    image = RNG.integers(0, 256, (height, 64, 3), dtype=np.uint8)
    predictor = tiny_predictor()
    embedded = predictor.embed(image)
    logits, scores = predictor.logits(embedded, np.array([[3, 0]]), np.array([1]))
    assert predictor.masks(embedded, logits).shape == (3, height, 64) and scores.shape == (3,)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_matches_its_layout(name: str) -> None:
    """Names and shapes of the full-size encoders, without their memory."""
    a = ARCHITECTURES[name]
    sizes = {key: tuple(value.shape) for key, value in plain_sam.tiny_sam().items()}
    e = "image_encoder."
    shapes = {key: shape for key, shape in sizes.items() if not key.startswith(e + "blocks.")}
    shapes |= {
        e + "pos_embed": (1, 64, 64, a.width),
        e + "patch_embed.proj.weight": (a.width, 3, 16, 16),
        e + "patch_embed.proj.bias": (a.width,),
        e + "neck.0.weight": (plain_sam.HIDDEN, a.width, 1, 1),
    }
    for block in range(a.depth):
        for part, shape in {
            "norm1": (a.width,),
            "norm2": (a.width,),
            "attn.qkv": (3 * a.width, a.width),
            "attn.proj": (a.width, a.width),
            "mlp.lin1": (4 * a.width, a.width),
            "mlp.lin2": (a.width, 4 * a.width),
        }.items():
            shapes[f"{e}blocks.{block}.{part}.weight"], shapes[f"{e}blocks.{block}.{part}.bias"] = shape, shape[:1]
        table = 127 if block in a.global_blocks else 27
        for axis in "hw":
            shapes[f"{e}blocks.{block}.attn.rel_pos_{axis}"] = (table, a.width // a.heads)
    with torch.device("meta"):
        model: Any = build_official({key: torch.empty(shape) for key, shape in shapes.items()}, a, name)
    assert model.config.vision_config.image_size == 1024 and model.config.vision_config.window_size == 14
    assert a.width // a.heads in (64, 80) and name in SAM_FILES


def test_nothing_is_left_over_on_either_side() -> None:
    whole = plain_sam.tiny_sam()
    for name in list(whole)[::7]:
        with pytest.raises(WeightsError):
            build_official(tensors({key: value for key, value in whole.items() if key != name}), TINY_SAM, "w.pth")
    for extra in ("head.weight", "image_encoder.blocks.0.attn.extra", "mask_decoder.more.weight"):
        with pytest.raises(WeightsError, match="unknown"):
            build_official(tensors({**whole, extra: np.zeros(3)}), TINY_SAM, "w.pth")


def test_another_architecture_says_which(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is no Segment Anything checkpoint in the official layout"):
        build_official(tensors(plain_vit.tiny_dinov2()), TINY_SAM, "a/w.pth")
    with pytest.raises(WeightsError) as caught:
        build_official(tensors(plain_sam.tiny_sam()), ARCHITECTURES["vit_b"], "a/w.pth")
    assert str(caught.value) == (
        "a/w.pth: holds a Segment Anything of 12 channels, 2 blocks, global attention in [1], but the setting asks for "
        "768 channels, 12 blocks, global attention in [2, 5, 8, 11]"
    )
    path = save(plain_sam.tiny_sam(), tmp_path / "w.pth")
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(WeightsError, match="truncated or no checkpoint"):
        load_sam(Weights(path, TINY_SAM), CPU)


def test_missing_weights_name_file_folder_and_command(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        find_sam("vit_h", tmp_path)
    assert str(caught.value) == (
        f"sam.model=vit_h: needs sam_vit_h_4b8939.pth, which is not in {tmp_path}/; `bash pth_download.sh` brings it"
    )
    with pytest.raises(WeightsError, match=r"has no config\.json"):
        find_sam(str(tmp_path / "folder"), tmp_path)


def test_a_model_is_loaded_once_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = Weights(save(plain_sam.tiny_sam(), tmp_path / "w.pth"), TINY_SAM)
    reads: list[Path] = []
    read = load_module.read_state
    monkeypatch.setattr(load_module, "read_state", lambda path, size: reads.append(path) or read(path, size))
    assert load_sam(weights, CPU) is load_sam(weights, CPU) and reads == [weights.path]


def test_hub_folder_equals_official_file(tmp_path: Path, noise: np.ndarray) -> None:
    """Also the decoder's epsilon is the official one, whatever config.json says."""
    official = tiny_predictor()
    official.model.config.mask_decoder_config.layer_norm_eps = 1e-6
    official.model.save_pretrained(tmp_path / "sam")
    folder = load_sam(find_sam(str(tmp_path / "sam"), tmp_path), CPU)
    assert folder.side == plain_sam.SIDE and not folder.squeeze
    prompts = prompts_of("points")
    one, other = (p.logits(p.embed(noise), **prompts)[0] for p in (official, folder))
    assert torch.allclose(one, other, atol=1e-5)


def test_sam2_answers_through_the_same_protocol(tmp_path: Path, noise: np.ndarray) -> None:
    from transformers import Sam2Config, Sam2HieraDetConfig, Sam2MaskDecoderConfig, Sam2Model, Sam2VisionConfig

    hiera = Sam2HieraDetConfig(
        hidden_size=12,
        num_attention_heads=1,
        image_size=[128, 128],
        blocks_per_stage=[1, 1, 2, 1],
        embed_dim_per_stage=[12, 24, 48, 96],
        num_attention_heads_per_stage=[1, 2, 4, 8],
        window_size_per_stage=[4, 2, 2, 2],
        global_attention_blocks=[3],
        window_positional_embedding_background_size=[4, 4],
    )
    vision = Sam2VisionConfig(
        backbone_config=hiera.to_dict(),
        backbone_channel_list=[96, 48, 24, 12],
        backbone_feature_sizes=[[32, 32], [16, 16], [8, 8]],
        fpn_hidden_size=32,
    )
    config = Sam2Config(
        vision_config=vision.to_dict(),
        prompt_encoder_config={"hidden_size": 32, "image_size": 128},
        mask_decoder_config=Sam2MaskDecoderConfig(hidden_size=32, mlp_dim=40, iou_head_hidden_dim=16).to_dict(),
    )
    torch.manual_seed(0)
    Sam2Model(config).save_pretrained(tmp_path / "sam2")
    predictor = load_sam(find_sam(str(tmp_path / "sam2"), tmp_path), CPU)
    assert (predictor.side, predictor.squeeze) == (128, True)
    embedded = predictor.embed(noise)
    logits, scores = predictor.logits(embedded, np.array([[5.0, 6.0], [20.0, 3.0]]), np.array([1, 0]))
    assert logits.shape == (3, 32, 32) and scores.shape == (3,) and torch.isfinite(logits).all()
    assert predictor.masks(embedded, logits).shape == (3, 30, 50)


def test_other_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"holds a model of type 'dinov2'; sam\.model takes sam and sam2"):
        load_sam(find_sam(str(hub_folder(tmp_path / "dinov2", "dinov2")), tmp_path), CPU)
