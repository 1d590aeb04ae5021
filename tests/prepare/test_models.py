"""Which backbone and segmenters a configuration means, and why; the main job on small random checkpoints."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sparsedff.config.config import Config, load_config
from sparsedff.distill.backbones.choose import choose_backbone
from sparsedff.distill.backbones.handcrafted.backbone import HandcraftedBackbone
from sparsedff.distill.backbones.learned import backbone as learned_module
from sparsedff.distill.backbones.learned.backbone import LearnedBackbone
from sparsedff.distill.backbones.vit import official as vit_official
from sparsedff.distill.backbones.vit.backbone import VitBackbone
from sparsedff.distill.segmentation.physics import PhysicsSegmenter
from sparsedff.distill.segmentation.sam import official as sam_official
from sparsedff.distill.segmentation.sam.segmenter import SamSegmenter
from sparsedff.distill.settings import FeatureSettings
from sparsedff.distill.weights import files as weights_module
from sparsedff.errors import ConfigError, WeightsError
from sparsedff.field import build_field
from sparsedff.prepare.distiller import make_distiller
from sparsedff.prepare.threads import threads_for_models, torch_threads
from sparsedff.transfer.rank import sufficient_rank
from tests.support import plain_sam, plain_vit
from tests.support.checkpoints import TINY_SAM, TINY_VIT, save

CPU = torch.device("cpu")
FILE = Path(__file__).parents[2] / "configs" / "config.yaml"


def configured(folder: Path, *overrides: str) -> Config:
    return load_config(FILE, [f"features.weights_path={folder}", *overrides])


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small random checkpoints under the official names, taken for the real ones."""
    folder = tmp_path / "thirdparty_module"
    folder.mkdir()
    vit, sam = weights_module.DINOV2_FILES["dinov2_vitb14"], weights_module.SAM_FILES["vit_h"]
    monkeypatch.setitem(weights_module.DINOV2_FILES, "dinov2_vitb14", replace(vit, size=None))
    monkeypatch.setitem(weights_module.SAM_FILES, "vit_h", replace(sam, size=None))
    monkeypatch.setitem(vit_official.ARCHITECTURES, "dinov2_vitb14", TINY_VIT)
    monkeypatch.setitem(sam_official.ARCHITECTURES, "vit_h", TINY_SAM)
    save(plain_vit.tiny_dinov2(), folder / vit.file)
    save(plain_sam.tiny_sam(), folder / sam.file)
    return folder


def test_without_weights_the_packages_own_models_serve_and_say_why(tmp_path: Path) -> None:
    models = make_distiller(configured(tmp_path))
    assert isinstance(models.backbone, LearnedBackbone)
    assert all(isinstance(segmenter, PhysicsSegmenter) for segmenter in models.segmenters)
    assert models.reasons == (
        f"features: learned, because dinov2_vitb14_pretrain.pth is not in {tmp_path}/ "
        "(`bash pth_download.sh` brings it)",
        f"masks: physics, because {tmp_path}/sam_vit_h_4b8939.pth is not there (`bash pth_download.sh` brings it)",
    )


def test_without_its_own_weights_the_embedded_descriptors_serve_and_say_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise WeightsError("learned.safetensors: no such file; install the package again")

    monkeypatch.setattr(learned_module, "load_network", missing)
    backbone, reason = choose_backbone("auto", configured(tmp_path).distil.features, CPU)
    assert isinstance(backbone, HandcraftedBackbone)
    assert reason == "features: handcrafted, because learned.safetensors: no such file; install the package again"


@pytest.mark.parametrize(
    ("backbone", "method", "expected"),
    [
        ("handcrafted", "auto", "raw"),
        ("learned", "auto", "raw"),
        ("learned", "vote_3D", "vote_3D"),
        ("dinov2_vitb14", "auto", "vote_3D"),
    ],
)
def test_auto_prunes_features_of_foundation_models_only(
    weights: Path, backbone: str, method: str, expected: str
) -> None:
    made = make_distiller(configured(weights, f"backbone={backbone}", f"method={method}"))
    assert made.pruning.method == expected


def test_with_weights_the_papers_models_serve(weights: Path) -> None:
    models = make_distiller(configured(weights))
    assert isinstance(models.backbone, VitBackbone) and models.backbone.name == "dinov2_vitb14"
    assert all(isinstance(segmenter, SamSegmenter) for segmenter in models.segmenters)
    assert models.reasons[0] == (f"features: dinov2_vitb14, because {weights / 'dinov2_vitb14_pretrain.pth'} is there")
    record = models.record()
    assert record["backbone"] == "dinov2_vitb14" and len(record["models"]["features"]["weights_sha256"]) == 64
    json.dumps(record, allow_nan=False)


def test_each_scene_has_its_segmenter(weights: Path) -> None:
    models = make_distiller(configured(weights, "img_preprocess=[physics,sam]", "backbone=handcrafted"))
    assert [type(segmenter) for segmenter in models.segmenters] == [PhysicsSegmenter, SamSegmenter]
    assert models.reasons == (
        "features: handcrafted, as asked for",
        "masks: physics, as asked for",
        "masks: sam vit_h, as asked for",
    )


def test_asking_for_absent_weights_says_what_where_and_how(tmp_path: Path) -> None:
    for override, words in (
        ("backbone=dinov2_vitb14", "backbone=dinov2_vitb14: needs dinov2_vitb14_pretrain.pth, which is not in"),
        ("img_preprocess=[physics,sam]", "sam.model=vit_h: needs sam_vit_h_4b8939.pth, which is not in"),
    ):
        with pytest.raises(WeightsError) as caught:
            make_distiller(configured(tmp_path, override))
        assert str(caught.value) == f"{words} {tmp_path}/; `bash pth_download.sh` brings it"


def test_a_file_of_the_wrong_size_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "dinov2_vitb14_pretrain.pth").write_bytes(b"half a download")
    for override in ("backbone=auto", "backbone=dinov2_vitb14"):
        with pytest.raises(WeightsError, match=r"has 15 bytes instead of 346,378,731, so it is truncated or another"):
            make_distiller(configured(tmp_path, override))


def test_unknown_backbones_list_the_known_ones(tmp_path: Path) -> None:
    for name in ("dino", "dinov2_vitb16", "facebook/dinov2-base", "thirdparty_module/absent"):
        with pytest.raises(ConfigError, match=f"backbone: no '{name}'; known are auto, handcrafted, dinov2_vitb14, "):
            choose_backbone(name, FeatureSettings(), CPU)
    with pytest.raises(WeightsError, match=r"has no config\.json"):
        choose_backbone(str(tmp_path), FeatureSettings(), CPU)


def test_settings_reach_the_backbone(weights: Path) -> None:
    config = configured(
        weights, "features.preprocessing=imagenet", "features.precision=bfloat16", "features.enlarge=false"
    )
    backbone = make_distiller(config).backbone
    assert isinstance(backbone, VitBackbone)
    assert (backbone.preprocessing, backbone.precision, backbone.enlarge) == ("imagenet", "bfloat16", False)
    assert choose_backbone("handcrafted", FeatureSettings(), CPU)[1] == "features: handcrafted, as asked for"


def test_threads_are_given_back() -> None:
    before = torch.get_num_threads()
    with pytest.raises(KeyError), torch_threads(threads_for_models(2)):
        assert torch.get_num_threads() == 2
        raise KeyError
    assert torch.get_num_threads() == before


def test_rank_keeps_the_error_asked_for() -> None:
    rng = np.random.default_rng(0)
    spectrum = 0.8 ** np.arange(400)
    features = torch.from_numpy((rng.normal(size=(900, 400)) * spectrum) @ rng.normal(size=(400, 400)) + 3).float()
    spread = float(features.var(dim=0, correction=0).sum()) ** 0.5
    for error in (0.3, 0.05, 0.01):
        rank = sufficient_rank(features, error)
        assert rank is not None and rank % 16 == 0
        for r, within in ((rank, True), (rank - 16, False)):
            if r <= 0:
                continue
            field = build_field(torch.zeros(900, 3), features, rank=r)
            assert field.basis is not None
            left = float((features - field.coefficients @ field.basis).square().sum() / 900) ** 0.5
            assert (left <= error * spread * 1.001) == within or (not within and rank == 16)
    assert sufficient_rank(torch.from_numpy(rng.normal(size=(900, 400))).float(), 0.05) is None  # full rank: exact
    assert sufficient_rank(features[:, :68], 0.5) is None  # the embedded features stay as they are
    assert sufficient_rank(features[:100], 0.5) is None


@pytest.mark.slow
def test_the_main_job_on_random_weights(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Real code paths from images to pose; the features mean nothing, so only the run is judged."""
    from sparsedff.pipeline import run

    config = configured(
        weights,
        f"output_path={tmp_path / 'runs'}",
        f"cache_path={tmp_path / 'cache'}",
        "img_preprocess=[physics,physics]",
        "alignment.opt_iterations=3",
        "alignment.drop_at=[]",
        "alignment.keep_starts=[]",
        "alignment.starts=2",
        "hand_model.pt_nums=60",
    )
    folder = run(config)
    said = capsys.readouterr().err
    assert "features: dinov2_vitb14, because" in said
    report = json.loads((folder / "result.json").read_text())
    assert report["backbone"] == "dinov2_vitb14" and report["channels"] == plain_vit.WIDTH
    assert report["models"]["features"]["preprocessing"] == "paper"
    assert len(list((tmp_path / "cache").glob("*.npz"))) == 4, "masks and a cloud of each scene"
    assert np.load(folder / "features_0.npy").shape[1] == plain_vit.WIDTH
    again = json.loads((run(config) / "result.json").read_text())  # from the cache: the same numbers
    assert again["energy"] == report["energy"]
