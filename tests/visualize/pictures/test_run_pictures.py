"""vis_features.py: what every mode writes, and that the colours are those of the numbers."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from sparsedff.cli.main import main
from sparsedff.common.registry import Entry
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.runs.read import load_run
from sparsedff.visualize.pca import pca_colors
from sparsedff.visualize.pictures import write
from sparsedff.visualize.pictures.registry import PICTURES
from sparsedff.visualize.similarity import find_similarity
from tests.support.commands import vis_features


@pytest.fixture
def looking(small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run vis_features.py on the small run with small pictures; returns the files by ending."""
    monkeypatch.setattr(write, "draw_sheet", functools.partial(write.draw_sheet, width=240))

    def run(*arguments: str) -> dict[str, list[Path]]:
        output = tmp_path / "visualize"
        assert vis_features([*arguments, f"--data_path={small_run}", f"--output={output}"]) == 0
        written = sorted(output.iterdir())
        return {ending: [p for p in written if p.suffix == ending] for ending in (".html", ".png", ".ply")}

    return run


def test_similarity_colours_every_point_by_its_distance(small_run: Path, looking) -> None:
    files = looking("--mode", "3D_similarity", "--ref_idx", "7", "--similarity", "l2")
    assert [p.name for p in files[".html"]] == ["3D_similarity_ref7_l2.html"] and len(files[".ply"]) == 2
    run, kind = load_run(small_run), find_similarity("l2")
    values = [kind.of(cloud.features, run.clouds[0].features[7]) for cloud in run.clouds]
    scale = kind.scale(values)
    for path, cloud, value in zip(files[".ply"], run.clouds, values, strict=True):
        saved = trimesh.load(path)
        np.testing.assert_allclose(saved.vertices, cloud.points, atol=1e-6)
        np.testing.assert_array_equal(np.asarray(saved.colors)[:, :3], scale.rgb(value))
    text = files[".html"][0].read_text()
    assert "L2 distance of features, 0 = same [feature units]" in text and "point 7 of the reference" in text
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", text)
    with Image.open(files[".png"][0]) as picture:
        assert picture.width == 240


def test_result_vis_shows_one_scene_in_the_colours_of_its_features(small_run: Path, looking) -> None:
    files = looking("--mode", "result_vis", "--key=1", "--pca", "--with_hand")
    run = load_run(small_run)
    (cloud,) = (trimesh.load(path) for path in files[".ply"])
    expected = pca_colors([part.features for part in run.clouds])[1]
    np.testing.assert_array_equal(np.asarray(cloud.colors)[:, :3], expected)
    text = files[".html"][0].read_text()
    assert "Test: test" in text and "Reference: shown" not in text and '"name":"hand"' in text


def test_the_volume_has_shells_and_the_point_that_the_hand_touches(small_run: Path, looking) -> None:
    files = looking("--mode", "3Dsim_volume", "--key", "0")
    text = files[".html"][0].read_text()
    assert len(re.findall(r'"name":"field under [\d.]+"', text)) == 3
    run = load_run(small_run)
    surface = ShadowHand().surface_of(run.demonstration)
    apart = np.linalg.norm(run.clouds[0].points[:, None] - surface[None], axis=2).min(axis=1)
    assert files[".html"][0].name == f"3Dsim_volume_key0_ref{apart.argmin()}_l2.html" and len(files[".png"]) == 1


def test_several_points_give_several_pages_and_the_old_mode_is_the_new_one(looking) -> None:
    files = looking("--mode", "3Dsim_point", "--ref_idx", "3", "5", "--key", "1", "--similarity", "cosine")
    names = [p.name for p in files[".html"]]
    assert names == ["3D_similarity_key1_ref3_cosine.html", "3D_similarity_key1_ref5_cosine.html"]


def test_the_command_offers_every_registered_picture_and_says_what_it_shows(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["features", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert all(f"{entry.name} = {entry.meaning}" in shown for entry in PICTURES)
    assert PICTURES.load("3Dsim_point") is PICTURES.load("3D_similarity")


def test_a_picture_is_one_function_and_one_entry(small_run: Path, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "count_points.py").write_text(
        "def draw(run, options, folder):\n"
        "    folder.mkdir(parents=True)\n"
        "    (folder / 'count.txt').write_text(f'{len(run.clouds[0])} {options.pca}')\n"
        "    return [folder / 'count.txt']\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(PICTURES, "_entries", dict(PICTURES._entries))
    PICTURES.add(Entry("count", "count_points:draw", "how many points there are"))
    output = tmp_path / "visualize"
    assert vis_features(["--mode", "count", "--pca", f"--data_path={small_run}", f"--output={output}"]) == 0
    assert (output / "count.txt").read_text() == f"{len(load_run(small_run).clouds[0])} True"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--mode", "3D_similarity", "--ref_idx", "100000"], "choose 0 to"),
        (["--mode", "3Dsim_volume", "--ref_idx=-1"], "choose 0 to"),
        (["--mode", "result_vis", "--similarity", "near"], "l2, dot, cosine"),
        (["--mode", "result_vis", "sed=3"], "did you mean seed"),
    ],
)
def test_faults_end_in_one_line(small_run: Path, tmp_path: Path, capsys, arguments, message: str) -> None:
    code = main(["features", *arguments, f"--data_path={small_run}", f"--output={tmp_path / 'out'}"])
    captured = capsys.readouterr()
    assert code == 2 and message in captured.err and captured.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
