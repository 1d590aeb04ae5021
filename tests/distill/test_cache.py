"""The cache of masks and clouds: the same comes back, another recipe is another entry, damage is rebuilt."""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sparsedff.capture.model import Capture
from sparsedff.distill import cache as cache_module
from sparsedff.distill.backbones.handcrafted.backbone import HandcraftedBackbone
from sparsedff.distill.cache import Form, cached, identity_of
from sparsedff.distill.cached_forms import CLOUD, VIEWS
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.distil import SegmentedView
from sparsedff.distill.segmentation.physics import PhysicsSegmenter
from sparsedff.distill.undistort import undistort
from tests.support.captures import make_capture

RECIPE = {"backbone": {"name": "x"}, "scale": 14}


Views = tuple[SegmentedView, ...]


def segmented(capture: Capture) -> Views:
    rng = np.random.default_rng(0)
    views = ((index, undistort(capture.views[index])) for index in (0, 2))
    return tuple(SegmentedView(index, view, rng.random(view.depth_m.shape) < 0.5) for index, view in views)


def distilled(capture: Capture) -> FeatureCloud:
    rng, n = np.random.default_rng(0), 20
    return FeatureCloud(
        rng.normal(size=(n, 3)).astype(np.float32),
        rng.integers(0, 256, (n, 3), dtype=np.uint8),
        rng.normal(size=(n, 9)).astype(np.float32),
        rng.choice([0, 2], n).astype(np.int64),
    )


class Maker:
    """Makes results of a form, and counts how often it is asked."""

    def __init__(self, capture: Capture, form: Form = CLOUD) -> None:
        self.capture, self.form, self.calls = capture, form, 0

    def __call__(self) -> Any:
        self.calls += 1
        return distilled(self.capture) if self.form is CLOUD else segmented(self.capture)


@pytest.fixture
def capture() -> Capture:
    return make_capture(3)


def same(one: Any, other: Any) -> bool:
    return same_cloud(one, other) if isinstance(one, FeatureCloud) else same_views(one, other)


def same_cloud(one: FeatureCloud, other: FeatureCloud) -> bool:
    return all(
        np.array_equal(getattr(one, f), getattr(other, f)) and getattr(one, f).dtype == getattr(other, f).dtype
        for f in ("points", "colors", "features", "view_index")
    )


def same_views(one: Views, other: Views) -> bool:
    return all(
        a.index == b.index
        and np.array_equal(a.mask, b.mask)
        and np.array_equal(a.view.color_rgb, b.view.color_rgb)
        and np.array_equal(a.view.depth_m, b.view.depth_m)
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("form", [VIEWS, CLOUD])
def test_the_same_comes_back_without_work(tmp_path: Path, capture: Capture, form: Form) -> None:
    make = Maker(capture, form)
    first = cached(tmp_path / "deep" / "cache", capture, RECIPE, form, make)
    second = cached(tmp_path / "deep" / "cache", capture, RECIPE, form, make)
    assert make.calls == 1 and same(first, second)
    cached(None, capture, RECIPE, form, make)
    assert make.calls == 2


def test_masks_and_clouds_are_entries_of_their_own(tmp_path: Path, capture: Capture) -> None:
    for form in (VIEWS, CLOUD):
        cached(tmp_path, capture, RECIPE, form, Maker(capture, form))
    assert len(list(tmp_path.glob("*.npz"))) == 2


def changed_pixel(capture: Capture) -> Capture:
    color = np.array(capture.views[1].color_rgb)
    color[0, 0, 0] ^= 1
    return replace(capture, views=(capture.views[0], replace(capture.views[1], color_rgb=color), capture.views[2]))


def changed_depth(capture: Capture) -> Capture:
    depth = np.array(capture.views[0].depth_m)
    depth[1, 1] += 0.001
    return replace(capture, views=(replace(capture.views[0], depth_m=depth), *capture.views[1:]))


def changed_pose(capture: Capture) -> Capture:
    pose = np.array(capture.views[2].world_from_camera)
    pose[0, 3] += 1e-6
    return replace(capture, views=(*capture.views[:2], replace(capture.views[2], world_from_camera=pose)))


def changed_lens(capture: Capture) -> Capture:
    lens = np.array(capture.views[2].distortion) + 1e-6
    return replace(capture, views=(*capture.views[:2], replace(capture.views[2], distortion=lens)))


@pytest.mark.parametrize("change", [changed_pixel, changed_depth, changed_pose, changed_lens])
def test_another_capture_is_another_entry(
    tmp_path: Path, capture: Capture, change: Callable[[Capture], Capture]
) -> None:
    make = Maker(capture)
    cached(tmp_path, capture, RECIPE, CLOUD, make)
    cached(tmp_path, change(capture), RECIPE, CLOUD, make)
    assert make.calls == 2 and len(list(tmp_path.glob("*.npz"))) == 2


def test_another_recipe_or_other_code_is_another_entry(
    tmp_path: Path, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker(capture)
    for recipe in (RECIPE, {**RECIPE, "scale": 15}, {**RECIPE, "backbone": {"name": "x", "weights_sha256": "1"}}):
        cached(tmp_path, capture, recipe, CLOUD, make)
    monkeypatch.setattr(cache_module, "_code", lambda: {"sparsedff": "other"})
    cached(tmp_path, capture, RECIPE, CLOUD, make)
    assert make.calls == 4
    cached(tmp_path, replace(capture, name="renamed"), RECIPE, CLOUD, make)  # the name decides nothing
    assert make.calls == 4


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def other_text(path: Path) -> None:
    path.write_bytes(b"not an archive")


def rewritten(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def apply(path: Path) -> None:
        with np.load(path) as file:
            arrays = dict(file)
        change(arrays)
        with path.open("wb") as target:
            np.savez(target, **arrays)

    return apply


def other_feature(arrays: dict[str, Any]) -> None:
    arrays["features"][3, 3] += 1


def other_recipe(arrays: dict[str, Any]) -> None:
    arrays["recipe"] = np.frombuffer(b"{}", np.uint8)


def lost_mask(arrays: dict[str, Any]) -> None:
    del arrays["mask_2"]


def lost_recipe(arrays: dict[str, Any]) -> None:
    del arrays["recipe"]


def pickled(arrays: dict[str, Any]) -> None:
    arrays["points"] = np.array([{"a": 1}], dtype=object)


@pytest.mark.parametrize(
    ("damage", "form"),
    [
        *((damage, form) for damage in (truncated, emptied, other_text) for form in (VIEWS, CLOUD)),
        *((rewritten(change), CLOUD) for change in (other_feature, other_recipe, lost_recipe, pickled)),
        *((rewritten(change), VIEWS) for change in (lost_mask, lost_recipe)),
    ],
)
def test_what_does_not_check_out_is_rebuilt(
    tmp_path: Path, capture: Capture, damage: Callable[[Path], None], form: Form, caplog: pytest.LogCaptureFixture
) -> None:
    make = Maker(capture, form)
    first = cached(tmp_path, capture, RECIPE, form, make)
    (entry,) = tmp_path.glob("*.npz")
    damage(entry)
    with caplog.at_level(logging.WARNING):
        assert same(cached(tmp_path, capture, RECIPE, form, make), first)
    assert make.calls == 2 and "does not check out" in caplog.text and "\n" not in caplog.messages[0]
    cached(tmp_path, capture, RECIPE, form, make)
    assert make.calls == 2


def test_a_folder_that_cannot_be_written_does_not_stop_the_run(
    tmp_path: Path, capture: Capture, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        assert len(cached(tmp_path / "file" / "cache", capture, RECIPE, CLOUD, Maker(capture))) > 0
    assert "cannot be written" in caplog.text


def test_the_oldest_entries_go(tmp_path: Path, capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "MAX_ENTRIES", 2)
    make = Maker(capture)
    for index, scale in enumerate((1, 2, 1, 3)):  # 1 is used again, so 2 is the oldest
        cached(tmp_path, capture, {"scale": scale}, CLOUD, make)
        for path in tmp_path.glob("*.npz"):
            if path.stat().st_mtime > 1_000_000:
                os.utime(path, (1000 + index, 1000 + index))
    assert make.calls == 3 and len(list(tmp_path.glob("*.npz"))) == 2
    cached(tmp_path, capture, {"scale": 1}, CLOUD, make)
    assert make.calls == 3


def test_files_of_the_users_own_stay(tmp_path: Path, capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder with 70 .npz of somebody else's a write once deleted seven of them."""
    monkeypatch.setattr(cache_module, "MAX_ENTRIES", 2)
    for index in range(5):
        np.savez(tmp_path / f"mine_{index}.npz", a=np.arange(3))
        np.savez(tmp_path / f"{index:040x}.npz", a=np.arange(3))  # named as an entry is, and still none
        np.savez(tmp_path / f"{index + 16:040x}.npz", recipe=np.frombuffer(b"{}", np.uint8))
    (tmp_path / f"{7:040x}.npz").symlink_to("mine_0.npz")
    (tmp_path / f"{8:040x}.npz").mkdir()
    mine = {path.name for path in tmp_path.iterdir()}
    for path in tmp_path.glob("*.npz"):
        os.utime(path, (1000, 1000))
    for scale in range(4):
        cached(tmp_path, capture, {"scale": scale}, CLOUD, Maker(capture))
    left = {path.name for path in tmp_path.iterdir()}
    assert mine <= left and len(left) == len(mine) + 2


def _worker(folder: str, start: float, results: Any) -> None:
    capture = make_capture(3)
    while time.time() < start:
        pass
    found = [cached(Path(folder), capture, {"scale": i % 3}, CLOUD, lambda: distilled(capture)) for i in range(12)]
    results.put(all(same(one, found[0]) for one in found))


def test_processes_share_a_folder(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    results: Any = context.Queue()
    start = time.time() + 0.3
    workers = [context.Process(target=_worker, args=(str(tmp_path), start, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert all(results.get(timeout=5) for _ in workers)
    assert len(list(tmp_path.iterdir())) == 3


def test_identities_say_what_decides() -> None:
    assert identity_of(HandcraftedBackbone()) != identity_of(HandcraftedBackbone(components=8))
    assert identity_of(PhysicsSegmenter())["class"] == "PhysicsSegmenter"
    with pytest.raises(TypeError, match="must be a dataclass or say by identity"):
        identity_of(object())
