"""The pages that vis_features.py writes, opened."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sparsedff.visualize.pictures import write
from tests.support.browser import Watched, chromium
from tests.support.commands import vis_features

__all__ = ["chromium"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["--mode", "3Dsim_volume", "--key", "0"],
        ["--mode", "result_vis", "--key=1", "--pca", "--with_hand"],
        ["--mode", "3D_similarity", "--ref_idx", "7", "--similarity", "l2"],
    ],
)
def test_a_page_opens_without_complaint_or_network_and_shows_something(
    chromium, small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setattr(write, "draw_sheet", lambda *_, **__: None)
    assert vis_features([*arguments, f"--data_path={small_run}", f"--output={tmp_path}"]) == 0
    (page,) = tmp_path.glob("*.html")
    watched = Watched(chromium)
    watched.page.goto(page.as_uri())
    watched.page.wait_for_function("document.querySelectorAll('.gl-container canvas').length > 0", timeout=60_000)
    watched.page.wait_for_timeout(1500)
    shot = watched.page.screenshot(path=tmp_path / "shot.png", timeout=60_000)
    assert watched.complaints == []
    assert [url for url in watched.requests if not url.startswith(("file:", "data:", "blob:"))] == []
    from PIL import Image

    with Image.open(tmp_path / "shot.png") as picture:
        middle = np.asarray(picture.convert("RGB"))[150:650, 100:1180].astype(int)
    saturated = np.ptp(middle, axis=2) > 60
    assert shot and saturated.mean() > 0.003  # points and hands have colours, paper and axes have none
    watched.page.close()
