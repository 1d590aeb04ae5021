"""SAM as a segmenter: where it is pointed, how the mask grows, what a view without prompts does."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sparsedff.capture.model import Capture, View
from sparsedff.distill.distil import segment_views
from sparsedff.distill.segmentation.base import world_points
from sparsedff.distill.segmentation.sam import segmenter as segmenter_module
from sparsedff.distill.segmentation.sam.prompts import extremes, find_prompts, prompt_groups, spread_inside
from sparsedff.distill.segmentation.sam.segmenter import SamSegmenter, grow_mask
from sparsedff.distill.settings import SamSettings, Workspace
from sparsedff.errors import DistillError
from sparsedff.geometry import look_at
from tests.support.sam_answers import tiny_predictor

SETTINGS = SamSettings(lower_reach_m=0.03)
GROUPS = UPPER, LOWER, EDGE = prompt_groups(SETTINGS)
BOX = Workspace((-0.42, 0.42), (-0.56, 0.56), (-0.2, 0.8))


def table_view(serial: str = "1", height_m: float = 0.1, side_m: float = 0.12) -> View:
    """A camera straight above a table at 1 m with a block of 12 x 12 cm on it; the image's up is the world's -y."""
    world_from_camera = look_at(np.array([0.0, 0.0, 1.0]), np.zeros(3), up=(0, 1, 0))
    intrinsics = np.array([[100.0, 0, 60], [0, 100.0, 60], [0, 0, 1]])
    depth = np.full((120, 120), 1.0, dtype=np.float32)
    top = 1.0 - height_m
    half = int(side_m / 2 * 100 / top)
    depth[60 - half : 61 + half, 60 - half : 61 + half] = top
    depth[0, :10] = 0  # no reading
    color = np.full((120, 120, 3), 90, dtype=np.uint8)
    return View(serial, color, depth, intrinsics, np.zeros(8), world_from_camera)


def test_prompts_lie_where_they_should() -> None:
    view = table_view()
    points = world_points(view)
    pixels, labels = find_prompts(points, view.depth_m > 0, GROUPS, 20, "1")
    assert labels.tolist() == [1, 1, 0, 0]  # the block's foot cannot be seen from above
    for (u, v), label in zip(pixels, labels, strict=True):
        x, y, z = points[v, u]
        assert (abs(x) < 0.2 and abs(y) < 0.2 and z > 0.02) if label else (0.37 < abs(y) < 0.46 and abs(z) < 0.02)
    assert np.linalg.norm(pixels[0] - pixels[1]) > 3 and np.linalg.norm(pixels[2] - pixels[3]) > 10


def test_clutter_and_lifted_table_are_no_object() -> None:
    """A second thing on the table, and depth noise of a foot's height beside the object and far from it."""
    view = table_view()
    depth = np.array(view.depth_m)
    depth[40:50, 45:78] = 0.97  # a sheet of 3 cm height that covers more pixels than the block
    depth[67:69, 54:67] = 0.985  # the foot: 1.5 cm high, 1.5 cm beside the block
    depth[70:76, 70:76] = 0.99  # lifted table
    points = world_points(replace(view, depth_m=depth))
    pixels, labels = find_prompts(points, depth > 0, GROUPS, 20, "1")
    block, foot = pixels[:2], pixels[2:4]
    assert labels.tolist() == [1, 1, 1, 1, 0, 0]
    assert (np.abs(block - 60) <= 7).all()
    assert ((foot[:, 1] >= 67) & (foot[:, 1] < 69) & (foot[:, 0] >= 54) & (foot[:, 0] < 67)).all()


def test_too_few_prompt_pixels_name_view_and_region() -> None:
    view = table_view("000299113912", height_m=0.01)
    with pytest.raises(DistillError) as caught:
        find_prompts(world_points(view), view.depth_m > 0, GROUPS, 20, view.serial)
    assert str(caught.value) == (
        "view 000299113912: 0 pixels of object (|x| 0 to 0.2 m, |y| 0 to 0.2 m, z 0.02 to 1.2 m), at least 20 are "
        "needed to prompt SAM; move the object there, set the ranges in section sam, or use img_preprocess=physics"
    )


@given(st.integers(0, 2**32 - 1), st.integers(0, 6), st.floats(0.02, 0.9))
def test_chosen_pixels_are_inside_distinct_and_always_the_same(seed: int, count: int, share: float) -> None:
    region = np.random.default_rng(seed).random((9, 11)) < share
    region[4, 5] = True
    chosen = spread_inside(region, count)
    assert len(chosen) <= count and len({tuple(pixel) for pixel in chosen}) == len(chosen)
    assert region[chosen[:, 1], chosen[:, 0]].all()
    assert np.array_equal(chosen, spread_inside(region, count))
    assert count == 0 or len(chosen) >= 1


def test_the_first_pixel_is_the_deepest() -> None:
    region = np.zeros((40, 60), dtype=bool)
    region[5:26, 10:31] = True
    region[35, 50] = True  # a flying pixel
    chosen = spread_inside(region, 2)
    assert chosen[0].tolist() == [20, 15] and region[chosen[1, 1], chosen[1, 0]] and chosen[1].tolist() != [50, 35]


@given(st.integers(0, 2**32 - 1))
def test_extremes_are_the_outermost_pixels_of_the_mask(seed: int) -> None:
    mask = np.random.default_rng(seed).random((7, 9)) < 0.2
    mask[3, 4] = True
    found = extremes(mask)
    rows, columns = np.nonzero(mask)
    assert mask[found[:, 1], found[:, 0]].all()
    assert (found[0, 1], found[1, 1]) == (rows.min(), rows.max())
    assert (found[2, 0], found[3, 0]) == (columns.min(), columns.max())


class Scripted:
    """Answers with masks of a list of (three masks, scores) and notes the prompts it gets."""

    def __init__(self, answers: list[tuple[np.ndarray, list[float]]]) -> None:
        self.answers, self.prompts = answers, []

    def embed(self, image: np.ndarray) -> None:
        return None

    def logits(self, embedded: Any, pixels: np.ndarray, labels: np.ndarray) -> tuple[torch.Tensor, np.ndarray]:
        masks, scores = self.answers[min(len(self.prompts), len(self.answers) - 1)]
        self.prompts.append((pixels.tolist(), labels.tolist()))
        return torch.from_numpy(masks.astype(np.float32) - 0.5), np.array(scores)

    def masks(self, embedded: Any, logits: torch.Tensor) -> np.ndarray:
        return logits.numpy() > 0


def boxes(*corners: tuple[int, int, int, int]) -> np.ndarray:
    masks = np.zeros((len(corners), 20, 20), dtype=bool)
    for mask, (top, bottom, left, right) in zip(masks, corners, strict=True):
        mask[top:bottom, left:right] = True
    return masks


def test_largest_first_then_best_rated_with_extremes_added() -> None:
    first = boxes((5, 7, 5, 7), (4, 10, 4, 12), (5, 8, 5, 8)), [0.9, 0.1, 0.5]  # the largest has the lowest score
    second = boxes((0, 20, 0, 20), (4, 11, 4, 13), (5, 8, 5, 8)), [0.2, 0.8, 0.5]  # the best rated is not the largest
    predictor: Any = Scripted([first, second])
    pixels, labels = np.array([[6, 6], [1, 1]]), np.array([1, 0])
    mask = grow_mask(predictor, None, pixels, labels, 2)  # type: ignore[arg-type]
    assert np.array_equal(mask, second[0][1])
    assert [len(prompt) for prompt, _ in predictor.prompts] == [2, 6, 10]
    added, kinds = predictor.prompts[1][0][2:], predictor.prompts[1][1]
    assert kinds == [1, 0, 1, 1, 1, 1]
    assert [v for _, v in added[:2]] == [4, 9] and [u for u, _ in added[2:]] == [4, 11]


def test_an_empty_answer_ends_the_search() -> None:
    predictor: Any = Scripted([(boxes((0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0)), [0.1, 0.2, 0.3])])
    mask = grow_mask(predictor, None, np.array([[3, 3]]), np.array([1]), 4)  # type: ignore[arg-type]
    assert not mask.any() and len(predictor.prompts) == 1


def make(predictor: Any, monkeypatch: pytest.MonkeyPatch) -> SamSegmenter:
    monkeypatch.setattr(segmenter_module, "load_sam", lambda *_: predictor)
    return SamSegmenter(None, torch.device("cpu"), SETTINGS)  # type: ignore[arg-type]


def test_masks_stay_in_the_workspace_and_on_valid_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = np.ones((3, 120, 120), dtype=bool), [0.1, 0.2, 0.3]
    view = table_view()
    mask = make(Scripted([everything]), monkeypatch).mask(view, Workspace((-0.1, 0.1), (-0.2, 0.2), (0.05, 0.5)))
    points = world_points(view)
    assert mask.any() and (points[mask][:, 2] > 0.05).all() and (np.abs(points[mask][:, 0]) < 0.1).all()
    assert not (mask & (view.depth_m == 0)).any()


def test_real_model_runs_on_a_view(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = make(tiny_predictor(), monkeypatch).mask(table_view(), BOX)
    assert mask.shape == (120, 120) and mask.dtype == bool


def test_one_bad_view_is_a_warning_all_are_an_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    block = boxes((5, 15, 5, 15))
    answer = np.pad(block, ((0, 0), (50, 50), (50, 50))).repeat(3, axis=0), [0.1, 0.2, 0.3]
    sam = make(Scripted([answer]), monkeypatch)
    good, bad = table_view("good"), table_view("flat", height_m=0.01)
    with caplog.at_level(logging.WARNING):
        seen = segment_views(Capture("toy", (bad, good)), sam, BOX)
    assert [s.index for s in seen] == [1]
    assert "capture toy, view flat: 0 pixels of object" in caplog.text and "the other views are used" in caplog.text
    with pytest.raises(DistillError, match=r"capture toy: no view is usable; view flat: 0 pixels of object"):
        segment_views(Capture("toy", (bad,)), sam, BOX)
