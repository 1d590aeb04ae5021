"""The picture of a result: two columns, two rows, views that show what matters, a file that is whole or not there."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sparsedff.visualize import sheet
from sparsedff.visualize.drawing import Drawing, Mesh, Path3D
from sparsedff.visualize.overlay import legend, wrap
from sparsedff.visualize.pictures.result import draw_result
from sparsedff.visualize.raytrace.stage import build
from sparsedff.visualize.sheet import compose_sheet
from sparsedff.visualize.views import choose_views, hand_turn, visibility
from tests.support.shapes import BLUE, sphere, sphere_points, wall


def turned(mesh: Mesh, yaw: float) -> Mesh:
    c, s = np.cos(yaw), np.sin(yaw)
    return Mesh(mesh.vertices @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) + [0.3, 0, 0], mesh.faces, BLUE, mesh.name)


BALL = sphere(0.04, (0, 0, 0.05), name="object")
HAND = wall(0.06, half=0.12, name="hand")
SCENE = Drawing((BALL, HAND), "Demonstrated")


def test_the_file_is_as_wide_as_asked_and_twice_a_panel_high(tmp_path: Path) -> None:
    draw_result(SCENE, SCENE, tmp_path / "result.png", caption="what it shows " * 20, width=420)
    with Image.open(tmp_path / "result.png") as picture:
        assert picture.width == 420 and 300 < picture.height < 420
        assert picture.format == "PNG" and picture.mode == "RGB"
    assert [p.name for p in tmp_path.iterdir()] == ["result.png"]


@pytest.mark.slow
def test_the_standard_picture_is_wide_enough_for_print(tmp_path: Path) -> None:
    draw_result(SCENE, SCENE, tmp_path / "result.png")
    with Image.open(tmp_path / "result.png") as picture:
        assert picture.width >= 1600


def test_the_same_scene_twice_gives_two_equal_columns() -> None:
    bare = Drawing(SCENE.items)
    picture = compose_sheet((bare, bare), width=420).astype(int)
    gap = round(20 * 420 / 1920)
    panel = (420 - 3 * gap) // 2
    left, right = picture[30:300, gap : gap + panel - 2], picture[30:300, 2 * gap + panel : 2 * gap + 2 * panel - 2]
    assert np.abs(left - right).max() == 0 and left.std() > 5


def test_a_failure_leaves_the_old_picture(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "result.png"
    path.write_bytes(b"old")
    monkeypatch.setattr(sheet, "render", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        draw_result(SCENE, SCENE, path, width=240)
    assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "message"), [({"width": 100}, "200 px"), ({"width": 300, "views": [(0, 0)]}, "two views")]
)
def test_impossible_requests_are_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        compose_sheet((SCENE, SCENE), **arguments)


@pytest.mark.parametrize("yaw", [-2.5, 0.0, 0.4, 3.0])
def test_the_turn_between_two_hands_is_found(yaw: float) -> None:
    assert hand_turn(SCENE, Drawing((BALL, turned(HAND, yaw)))) == pytest.approx(yaw, abs=1e-9)


def test_hands_that_cannot_be_compared_are_not_turned() -> None:
    assert hand_turn(SCENE, Drawing((sphere(name="hand"),))) == 0
    assert hand_turn(SCENE, Drawing((BALL, Mesh(turned(HAND, 1.0).vertices, HAND.faces, BLUE, "gripper")))) == 0


def test_views_avoid_the_side_on_which_the_object_is_hidden() -> None:
    stage = build(SCENE)
    (first, second), _ = choose_views(stage, stage)
    assert visibility(stage, first) > 0.1 and visibility(stage, second) > 0.03
    assert visibility(stage, (0.0, 0.1)) == 0  # straight through the wall
    assert abs((first[0] - second[0] + np.pi) % (2 * np.pi) - np.pi) > 1.1


def test_the_test_scene_is_seen_from_the_same_side_of_the_hand() -> None:
    test = Drawing((turned(BALL, 1.0), turned(HAND, 1.0)))
    reference_views, test_views = choose_views(build(SCENE), build(test))
    for one, other in zip(reference_views, test_views, strict=True):
        assert other[0] - one[0] == pytest.approx(1.0, abs=1e-9) and other[1] == one[1]


def test_the_legend_names_meshes_and_paths_once() -> None:
    path = Path3D(np.zeros((2, 3)), name="approach")
    entries = legend([SCENE, Drawing((BALL, path, sphere_points()))])
    assert [name for name, _ in entries] == ["object", "hand", "approach"]


def test_captions_are_broken_to_the_width_and_lose_no_word() -> None:
    text = "one two three four five six seven\neight"
    lines = wrap(text, 20, 120)
    assert len(lines) > 3 and " ".join(lines) == text.replace("\n", " ") and lines[-1] == "eight"
