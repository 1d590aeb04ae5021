"""`sparsedff check`: measures with known truth, verdicts, the page, and the exit code."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sparsedff.capture.files.capture_folder import save_capture
from sparsedff.capture.model import Capture
from sparsedff.cli.main import main
from sparsedff.distill.settings import Workspace
from sparsedff.geometry import transform
from sparsedff.quality.measure import PairFacts, ViewFacts, pair_facts, view_facts
from sparsedff.quality.moved import Moved, Registration
from sparsedff.quality.settings import CheckSettings
from sparsedff.quality.verdict import Agreement, judge
from tests.support.box_scenes import box_scene
from tests.support.paths import REPOSITORY, kitchen
from tests.support.small_world import bare_table

WORKSPACE = Workspace((-0.3, 0.3), (-0.3, 0.3), (-0.05, 0.3))
LIMITS = CheckSettings(doubtful_m=0.01, unusable_m=0.02, min_agreeing=0.5)
BOX = [
    "workspace.x=[-0.3,0.3]",
    "workspace.y=[-0.3,0.3]",
    "workspace.z=[-0.05,0.3]",
    "img_preprocess=[physics,physics]",
]


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)


def views(lift_m: float = 0.0, noise_m: float = 0.0, box: bool = True) -> list:
    """Two views of a table, the second said to stand higher than it does: its table appears that much too high."""
    scenes = [
        box_scene(angle, noise_m, seed=i, serial=f"cam{i}", **({} if box else {"box": None}))
        for i, angle in enumerate((0.4, 1.6))
    ]
    first, second = (scene.view for scene in scenes)
    lifted = transform(np.eye(3), np.array([0.0, 0.0, lift_m])) @ second.world_from_camera
    return [first, replace(second, world_from_camera=lifted)]


def test_true_views_agree() -> None:
    pairs = pair_facts(views(), WORKSPACE, 0.05)
    assert {(pair.first, pair.second) for pair in pairs} == {("cam0", "cam1"), ("cam1", "cam0")}
    for pair in pairs:
        assert pair.disagreement_m < 0.001 and pair.agreeing > 0.85 and pair.overlap > 0.5


@pytest.mark.parametrize("lift_m", [0.005, 0.015])
def test_a_camera_said_to_stand_too_high_is_off_by_that_over_the_sine_of_its_ray(lift_m) -> None:
    seen = views(lift_m, box=False)
    for pair, other in zip(pair_facts(seen, WORKSPACE, 0.1), (seen[1], seen[0]), strict=True):
        # Along a ray that falls steeply by its angle to the table, a height of h is h / sin(angle) away.
        eye = other.world_from_camera[:3, 3]
        middle = lift_m / (eye[2] / np.linalg.norm(eye))
        assert pair.disagreement_m == pytest.approx(middle, rel=0.12)


def test_view_facts_count() -> None:
    view = views()[0]
    facts = view_facts(view, WORKSPACE, 7)
    assert facts.valid == pytest.approx((view.depth_m > 0).mean())
    assert facts.object_pixels == 7 and 0 < facts.in_workspace < facts.valid
    nowhere = view_facts(view, Workspace((5, 6), (5, 6), (5, 6)), None)
    assert nowhere.in_workspace == 0 and nowhere.object_pixels is None


def facts(in_workspace: float = 0.5, pixels: int | None = 100) -> ViewFacts:
    return ViewFacts("a", (4, 3), 0.9, in_workspace, pixels, (0.0, 0.0, 1.0))


def agreement(pairs: list[PairFacts], *off_m: float, table_m: float = 0.001) -> Agreement:
    """Pairs on the table, and cameras a, b, ... whose points are so far off."""
    cameras = tuple(Moved(name, off, 2 * off, 0.01) for name, off in zip("abcd", off_m, strict=False))
    return Agreement(pairs, pairs, [], Registration(cameras, table_m, 0.01), ())


@pytest.mark.parametrize(
    ("view", "pair", "word", "reason"),
    [
        (facts(), (0.8, 0.9, 0.002), "usable", ""),
        (
            facts(),
            (0.8, 0.9, 0.015),
            "doubtful",
            "a disagrees with the other cameras by 15.0 mm on the table, over 10",
        ),
        (
            facts(),
            (0.8, 0.9, 0.025),
            "unusable",
            "a disagrees with the other cameras by 25.0 mm on the table, over 20",
        ),
        (facts(), (0.8, 0.2, 0.002), "unusable", "only 20 % of what a and another camera see of the table agrees"),
        (facts(), (0.0, 0.0, float("nan")), "doubtful", "no two views overlap"),
        (facts(in_workspace=0), (0.8, 0.9, 0.002), "unusable", "no camera has depth inside the workspace"),
        (facts(pixels=0), (0.8, 0.9, 0.002), "doubtful", "a sees no object"),
    ],
)
def test_verdicts(view, pair, word, reason) -> None:
    verdict = judge([view], agreement([PairFacts("a", "b", *pair)]), None, LIMITS)
    assert verdict.word == word and reason in " ".join(verdict.reasons)


def test_one_camera_of_four_is_not_outvoted() -> None:
    """The median over all pairs hides it: only half of them know the camera that has moved."""
    names = "abcd"
    pairs = [PairFacts(m, n, 0.8, 0.9, 0.03 if "c" in m + n else 0.002) for m in names for n in names if m != n]
    assert np.median([pair.disagreement_m for pair in pairs]) < 0.02
    verdict = judge([facts()], agreement(pairs), None, LIMITS)
    assert verdict.word == "unusable" and verdict.reasons[0].startswith("c disagrees") and len(verdict.reasons) == 1


@pytest.mark.parametrize(
    ("off_m", "table_m", "word", "reason"),
    [
        ((0.001, 0.002, 0.003, 0.004), 0.001, "usable", ""),
        (
            (0.001, 0.002, 0.008, 0.001),
            0.001,
            "doubtful",
            "c is off by about 16 mm and 0.6 degrees (its points lie 8 mm",
        ),
        ((0.001, 0.007, 0.030, 0.001), 0.001, "unusable", "c is off by about 60 mm"),
        ((0.015, 0.015), 0.001, "unusable", "a is off by about 30 mm and 0.6 degrees"),
        ((0.001, 0.001, 0.001), 0.02, "doubtful", "the table lies up to 20 mm from z = 0 and leans by 0.6 degrees"),
    ],
)
def test_registration_decides_and_names_the_camera(off_m, table_m, word, reason) -> None:
    verdict = judge([facts()], agreement([], *off_m, table_m=table_m), None, LIMITS)
    assert verdict.word == word and reason in verdict.line and len(verdict.reasons) == (word != "usable")
    assert verdict.exit_code == ("usable", "doubtful", "unusable").index(word)
    assert ("which of the two cannot be told" in verdict.line) == (len(off_m) == 2)


def test_one_view_alone_is_usable_and_a_scene_without_object_is_not() -> None:
    assert judge([facts()], agreement([], 0.0), None, LIMITS).word == "usable"
    assert judge([facts()], agreement([], 0.0), "no object was found", LIMITS).reasons[0] == "no object was found"


@pytest.fixture
def quick_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(scenes, path, caption, width) -> None:
        assert scenes[0].items and caption
        Image.new("RGB", (8, 8)).save(path)

    monkeypatch.setattr("sparsedff.jobs.check.draw_sheet", draw)


def check(tmp_path: Path, name: str, *arguments: str) -> int:
    return main(["check", str(tmp_path / name), "--output", str(tmp_path / "out"), *BOX, *arguments])


def test_a_good_capture_gets_its_page(tmp_path, capsys, quick_pictures) -> None:
    save_capture(Capture("good", tuple(views(noise_m=0.001))), tmp_path / "good")
    assert check(tmp_path, "good") == 0
    out = capsys.readouterr().out
    assert re.search(r"cam0: 400 x 300, depth +\d+ %.*object \d+ px", out)
    assert re.search(r"usable, views agree to [0-2]\.\d mm", out)
    page = (tmp_path / "out" / "check.html").read_text()
    assert page.count("data:image/png;base64,") == 3 and ">usable<" in page and "://" not in page
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *("check.html", "cloud.html", "views.png", "cloud.png", "cameras.png")
    }


def test_an_unusable_capture_exits_2_with_the_verdict_last_and_still_has_its_page(
    tmp_path, capsys, quick_pictures
) -> None:
    save_capture(Capture("moved", tuple(views(lift_m=0.03))), tmp_path / "moved")
    assert check(tmp_path, "moved", "segmentation.min_height_m=0.05") == 2
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert re.match(r"unusable: cam[01] is off by about \d+ mm and \d\.\d degrees", last) and "calibrate" in last
    assert ">unusable<" in (tmp_path / "out" / "check.html").read_text()


def test_a_doubtful_capture_exits_1(tmp_path, capsys, quick_pictures) -> None:
    save_capture(Capture("moved", tuple(views(lift_m=0.03))), tmp_path / "moved")
    limits = ("check.moved_unusable_m=1", "check.unusable_m=1", "check.min_agreeing=0")
    assert check(tmp_path, "moved", "segmentation.min_height_m=0.05", *limits) == 1
    assert capsys.readouterr().out.strip().splitlines()[-1].startswith("doubtful: cam")


def test_a_bare_table_and_a_damaged_capture_exit_2(tmp_path, capsys, quick_pictures) -> None:
    bare_table(tmp_path, "bare")
    assert check(tmp_path, "bare") == 2
    assert capsys.readouterr().out.strip().splitlines()[-1].startswith("unusable: no object was found in any view")
    (tmp_path / "bare" / "cam0" / "depth.npy").write_bytes(b"")
    assert check(tmp_path, "bare") == 2
    assert "depth.npy: not a readable .npy, it is no .npy file" in capsys.readouterr().err


@pytest.mark.slow
def test_the_real_mug_disagrees_as_its_makers_say(tmp_path, capsys) -> None:
    box = ["workspace.x=[-0.19,0.19]", "workspace.y=[-0.19,0.19]", "workspace.z=[-0.02,0.2]"]
    arguments = ["check", str(kitchen() / "white_mug_moved"), "--output", str(tmp_path / "out"), *box, BOX[-1]]
    assert main(arguments) in (0, 1)
    off = re.findall(r"depth off by +([\d.]+) mm", capsys.readouterr().out)
    for picture in ("views.png", "cloud.png", "cameras.png"):
        assert (tmp_path / "out" / picture).stat().st_size > 50_000
    assert len(off) == 4 and all(3 < float(figure) < 9 for figure in off)  # "the views disagree by 6 to 9 mm"
