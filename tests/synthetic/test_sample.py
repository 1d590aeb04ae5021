"""The packaged sample: whole, deterministic, made once, never over somebody's captures."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from sparsedff.capture.files.capture_folder import load_capture
from sparsedff.errors import CaptureError
from sparsedff.synthetic.sample import MONKEYS, ensure_sample, make_sample
from sparsedff.synthetic.truth import TRUTH_FILE, load_truth

WIDTH_PX = 160


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    start = time.perf_counter()
    folder = ensure_sample(tmp_path_factory.mktemp("sample"), seed=1, width_px=WIDTH_PX)
    print(f"sample at {WIDTH_PX} px: {time.perf_counter() - start:.1f} s")
    return folder


def test_captures_load_and_hold_the_objects(sample):
    truth = load_truth(sample)
    for name, placed in zip(MONKEYS, (truth.reference, truth.test), strict=True):
        capture = load_capture(sample / name)
        assert len(capture.views) == 4 and capture.views[0].image_size == (160, 90)
        for view in capture.views:
            assert (view.depth_m > 0).mean() > 0.6
        assert placed.mesh_world.bounds[0, 2] == pytest.approx(0.0, abs=1e-9)
    assert not [path.name for path in sample.iterdir() if path.name.startswith(".")]


def test_truth_rebuilds_the_objects_exactly(sample, truth):
    loaded = load_truth(sample)
    points = np.random.default_rng(0).uniform((-0.1, -0.1, 0.0), (0.1, 0.1, 0.2), (200, 3))
    np.testing.assert_array_equal(loaded.map_points(points), truth.map_points(points))


def test_same_seed_same_bytes_and_existing_samples_are_kept(sample, tmp_path):
    make_sample(tmp_path, seed=1, width_px=WIDTH_PX)
    files = sorted(path.relative_to(sample) for path in sample.rglob("*.npy"))
    assert len(files) == 32
    for file in [*files, Path(TRUTH_FILE)]:
        assert (sample / file).read_bytes() == (tmp_path / file).read_bytes(), file
    before = (sample / TRUTH_FILE).stat().st_mtime_ns
    ensure_sample(sample, seed=1, width_px=WIDTH_PX)
    assert (sample / TRUTH_FILE).stat().st_mtime_ns == before


def test_other_seed_or_half_a_sample_is_made_again(tmp_path):
    ensure_sample(tmp_path, seed=2, width_px=48)
    depth = next((tmp_path / "monkey_test").rglob("depth.npy"))
    first = np.load(depth)
    (tmp_path / "monkey_original").rename(tmp_path / "gone")  # as if killed between the two renames
    ensure_sample(tmp_path, seed=3, width_px=48)
    assert (tmp_path / "monkey_original").is_dir()
    assert (np.load(depth) != first).mean() > 0.5


def test_captures_of_somebody_else_are_not_touched(tmp_path):
    (tmp_path / "monkey_test").mkdir()
    (tmp_path / "monkey_test" / "mine.txt").write_text("precious")
    with pytest.raises(CaptureError, match="monkey_test"):
        ensure_sample(tmp_path, width_px=48)
    assert (tmp_path / "monkey_test" / "mine.txt").read_text() == "precious"


def test_missing_or_damaged_truth_is_named(tmp_path):
    with pytest.raises(CaptureError, match=TRUTH_FILE):
        load_truth(tmp_path)
    for text in ("{", '{"objects": {}}', '{"objects": {"monkey_original": {"family": "mug"}}}'):
        (tmp_path / TRUTH_FILE).write_text(text)
        with pytest.raises(CaptureError, match="damaged"):
            load_truth(tmp_path)
