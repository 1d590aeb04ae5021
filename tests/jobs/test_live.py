"""Capture at run time: the fresh capture is saved, named and transferred to; cameras are given back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sparsedff import finished, pipeline
from sparsedff.capture.cameras.simulated import SimulatedCamera
from sparsedff.capture.files.capture_folder import load_capture, rig_from_views
from sparsedff.capture.model import Capture
from sparsedff.config.config import Config, load_config
from sparsedff.errors import CameraError, ConfigError
from sparsedff.jobs import live, session
from tests.support.box_scenes import box_scene, capture_of
from tests.support.commands import unified_optimize
from tests.support.paths import REPOSITORY
from tests.support.small_world import make_world


class Table:
    """Two cameras over a table on which a test puts things; counts who is open."""

    def __init__(self) -> None:
        self.box: np.ndarray | None = np.array([[-0.05, -0.04, 0.0], [0.05, 0.04, 0.12]])
        self.open = self.shots = 0
        self.fail_at: int | None = None

    def views(self, seed: int) -> list:
        return [box_scene(a, 0.001, box=self.box, seed=seed + i, serial=f"cam{i}") for i, a in enumerate((0.4, 1.6))]

    def capture(self) -> Capture:
        return capture_of(*self.views(0), name="rig")

    def make(self) -> list:
        cameras = []
        for index, camera in enumerate(rig_from_views(self.capture()).cameras):
            simulated = SimulatedCamera(camera, lambda shot, i=index: self.take(shot, i))
            simulated.close = self.closed
            self.open += 1
            cameras.append(simulated)
        return cameras

    def take(self, shot: int, index: int):
        if self.fail_at == shot:
            raise CameraError(f"camera cam{index}: has stopped answering")
        self.shots += 1
        return self.views(10 * shot)[index].view

    def closed(self) -> None:
        self.open -= 1


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Table:
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setattr(finished, "draw_result", lambda *_, caption="": None)
    table = Table()
    from sparsedff.capture.cameras.group import Cameras

    monkeypatch.setattr(session, "cameras_of", lambda config: Cameras(table.make, 1.0))
    monkeypatch.setattr(session, "rig_of", lambda config: rig_from_views(table.capture()))
    return table


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load_config(REPOSITORY / "configs" / "config.yaml", arguments(tmp_path))


def arguments(tmp_path: Path) -> list[str]:
    captures = f"camera.capture_path={tmp_path / 'captures'}"
    return [*(a for a in make_world(tmp_path) if not a.startswith("data2=")), "data2=null", captures]


def test_the_fresh_capture_is_saved_named_and_transferred_to(table, config, tmp_path) -> None:
    outcome = live.transfer_now(config)
    assert table.open == 0 and table.shots == 2
    assert [path for path in (tmp_path / "captures").iterdir()] == [outcome.capture]
    assert len(load_capture(outcome.capture).views) == 2
    report = json.loads((outcome.run / "result.json").read_text())
    assert report["captures"] == [str(tmp_path / "shown"), str(outcome.capture)]
    assert report["seconds"]["shutter_to_pose"] == pytest.approx(outcome.seconds, abs=1e-3)
    assert outcome.capture.name in outcome.run.name
    # The same as a transfer to that capture as it was saved.
    again = pipeline.run(
        load_config(
            REPOSITORY / "configs" / "config.yaml", [*arguments(tmp_path / "again"), f"data2={outcome.capture}"]
        )
    )
    # Depth is rounded to millimetres when it is saved.
    np.testing.assert_allclose(np.load(again / "best_X.npy")[:3], np.load(outcome.run / "best_X.npy")[:3], atol=0.02)


def test_a_loop_goes_on_after_a_scene_without_object_and_ends_with_its_camera(table, config, tmp_path) -> None:
    said: list[str] = []

    def keys():
        yield "x"  # means nothing
        table.box = None
        yield "\n"
        table.box = np.array([[-0.05, -0.04, 0.0], [0.05, 0.04, 0.12]])
        yield "\n"
        yield "\n"
        table.fail_at = 3
        yield "\n"

    with pytest.raises(CameraError, match="has stopped answering"):
        for line in live.loop(config, keys()):
            said.append(line)
    assert said[0].startswith("ready")
    assert sum(line.startswith("error: ") and "no view shows an object" in line for line in said) == 1
    assert sum(line.startswith("from shutter to pose: ") for line in said) == 2
    assert table.open == 0
    assert len(list((tmp_path / "runs").iterdir())) == 2 and len(list((tmp_path / "captures").iterdir())) == 3


def test_cameras_are_given_back_when_the_reference_fails(table, tmp_path) -> None:
    broken = load_config(
        REPOSITORY / "configs" / "config.yaml", [*arguments(tmp_path), "segmentation.min_object_pixels=1000000"]
    )
    with pytest.raises(Exception, match="no view shows an object"):
        live.transfer_now(broken)
    assert table.open == 0


def test_a_camera_that_is_not_there_ends_before_any_work(table, config, monkeypatch) -> None:
    def none(config: Config):
        from sparsedff.capture.cameras.group import Cameras

        def fail() -> list:
            raise CameraError("kinect: no camera found")

        return Cameras(fail, 1.0)

    monkeypatch.setattr(session, "cameras_of", none)
    monkeypatch.setattr(session, "make_distiller", lambda *_: pytest.fail("models were loaded"))
    with pytest.raises(CameraError, match="no camera found"):
        live.transfer_now(config)


def test_data2_decides(config, tmp_path) -> None:
    with pytest.raises(ConfigError, match="data2: is 'x'; only with data2=null"):
        session.Session(load_config(REPOSITORY / "configs" / "config.yaml", ["data2=x"]))
    with pytest.raises(ConfigError, match=r"data2: null .capture now. is for transfers only"):
        pipeline.run(config)


def test_the_command_line_loops(table, tmp_path, monkeypatch, capsys) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("\nq\n"))
    assert unified_optimize([*arguments(tmp_path), "--loop"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("ready; Enter captures") and "from shutter to pose: " in out
    assert unified_optimize(arguments(tmp_path / "other")) == 0
    assert capsys.readouterr().out.count("capture: ") == 1
