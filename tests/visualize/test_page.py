"""The interactive page carries everything within it."""

import re
import webbrowser
from pathlib import Path

import numpy as np
import pytest

from sparsedff.visualize.drawing import Drawing, Path3D, Points
from sparsedff.visualize.page import open_page, write_page
from tests.support.shapes import sphere, wall_points

SCENE = Drawing(
    (sphere(name="the hand"), wall_points(0.1, count=200), Path3D(np.eye(3), name="the approach")), "First scene"
)


def test_a_page_needs_no_network_and_holds_both_scenes(tmp_path: Path) -> None:
    write_page((SCENE, Drawing((sphere(),), "Second scene")), tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", text)
    for word in ("First scene", "Second scene", "the hand", "the approach", '"aspectmode":"manual"', "z [m]", "mesh3d"):
        assert word in text
    assert len(text) < 9e6  # 40000 points were thinned
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_both_scenes_have_equal_axes_and_the_same_scale_whatever_strays_there_are(tmp_path: Path) -> None:
    stray = Points(np.concatenate([wall_points(0.1).positions, [[5, 5, 5]]]), (0, 0, 0))
    write_page((SCENE, Drawing((stray,), table=False)), tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    sides = []
    for name in ("scene", "scene2"):
        layout = text[text.index(f'"{name}":{{"domain"') :]
        ratio, ranges = [], []
        for axis in "xyz":
            ratio.append(float(re.search(rf'"aspectratio":{{[^}}]*"{axis}":([-\d.e]+)', layout)[1]))
            low, high = re.search(rf'"{axis}axis":{{.*?"range":\[([-\d.e]+),([-\d.e]+)\]', layout).groups()
            ranges.append(float(high) - float(low))
        assert np.allclose(np.array(ratio) / ranges, ratio[0] / ranges[0])
        sides.append(ranges)
    assert np.allclose(*sides) and max(sides[0]) < 0.4


def test_without_a_browser_the_place_is_printed(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert not open_page(tmp_path / "page.html")
    assert (tmp_path / "page.html").as_uri() in capsys.readouterr().out


@pytest.mark.parametrize("taken", [True, False])
def test_with_a_display_the_browser_is_asked(tmp_path: Path, monkeypatch, capsys, taken: bool) -> None:
    asked = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "open", lambda address: asked.append(address) or taken)
    assert open_page(tmp_path / "page.html") is taken
    assert asked == [(tmp_path / "page.html").as_uri()]
    assert ("page.html" in capsys.readouterr().out) is not taken
