"""The studio in a real browser: loaded, a point picked, a joint moved, a pose saved, a transfer run and used."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sparsedff.hands.pose import load_reference_pose
from sparsedff.hands.shadow.joints import JOINT_NAMES, SHADOW_JOINTS
from sparsedff.studio.app import Studio
from sparsedff.studio.source import open_run
from tests.support.browser import SIZE, Watched, chromium
from tests.support.paths import REPOSITORY
from tests.support.small_world import QUICK

__all__ = ["chromium"]
pytestmark = pytest.mark.slow


@dataclass
class Open:
    """A studio, its page in a browser, and where it saves poses."""

    studio: Studio
    watched: Watched
    poses: Path

    def tab(self, name: str) -> None:
        self.watched.page.get_by_role("tab", name=name).click()

    def shows(self, text: str, seconds: float = 30) -> None:
        self.watched.page.get_by_text(text).first.wait_for(timeout=1000 * seconds)

    def field(self, label: str):
        """The text field beside a label; viser does not tie the two together."""
        return self.watched.page.get_by_text(label, exact=True).locator("xpath=ancestor::div[2]//input")

    def pixel(self, place: np.ndarray) -> tuple[float, float]:
        """Where a position (3,) [m] of the page's world is on the screen."""
        camera = next(iter(self.studio.server.get_clients().values())).camera
        local = (place - camera.position) @ Rotation.from_quat(camera.wxyz, scalar_first=True).as_matrix()
        focal = 0.5 * SIZE[1] / np.tan(camera.fov / 2)
        return SIZE[0] / 2 + focal * local[0] / local[2], SIZE[1] / 2 + focal * local[1] / local[2]


@pytest.fixture(scope="module")
def page(chromium, small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    folder = tmp_path_factory.mktemp("studio")
    source = open_run(small_run)
    settings = replace(source.config, pose_paths=(str(folder / "poses"),), output_path=str(folder / "runs"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        studio = Studio(replace(source, config=settings), port=8331)
        try:
            watched = Watched(chromium)
            watched.page.goto(studio.address)
            watched.page.get_by_text("SparseDFF studio").wait_for(timeout=60_000)
            watched.page.wait_for_timeout(3000)
            yield Open(studio, watched, folder / "poses")
        finally:
            studio.stop()


def wait(done: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


def test_the_page_needs_nothing_from_elsewhere_and_listens_only_here(page: Open) -> None:
    assert page.studio.address.startswith("http://127.0.0.1:") and page.studio.server.get_host() == "127.0.0.1"
    own = page.studio.address.removeprefix("http")
    assert all(url.startswith(("http" + own, "ws" + own, "data:", "blob:")) for url in page.watched.requests)
    assert len(page.watched.requests) >= 2 and page.watched.complaints == []


def test_a_click_on_a_point_shows_what_is_like_it(page: Open) -> None:
    page.tab("Look")
    cloud = page.studio.source.clouds[1]
    camera = next(iter(page.studio.server.get_clients().values())).camera
    places = cloud.points + page.studio.scene.offsets[1]
    nearest = int(np.linalg.norm(places - camera.position, axis=1).argmin())
    x, y = page.pixel(places[nearest])
    page.watched.page.mouse.click(x, y)
    page.shows("Most alike in the reference")
    text = page.watched.page.get_by_text("of the test scene (orange)").first.inner_text()
    index = int(text.split()[1])
    assert np.linalg.norm(cloud.points[index] - cloud.points[nearest]) < 0.015


def test_a_joint_follows_its_slider_and_the_readouts_follow_the_joint(page: Open) -> None:
    page.tab("Author")
    editor, joint = page.studio.author.editor, JOINT_NAMES.index("FFJ2")
    before, shown = editor.pose, page.watched.page.get_by_text("hand in object").first
    tips = page.watched.page.locator("table").first.inner_text()
    page.watched.page.get_by_role("slider").nth(1).focus()
    for _ in range(20):
        page.watched.page.keyboard.press("ArrowRight")
    wait(lambda: np.degrees(editor.pose.joints[joint] - before.joints[joint]) > 9.8)
    others = np.delete(editor.pose.joints - before.joints, joint)
    assert np.abs(others).max() == 0 and shown.is_visible()
    wait(lambda: page.watched.page.locator("table").first.inner_text() != tips)
    while editor.can_undo:  # once, unless this machine took a second between two of the keys
        left = len(editor._past)
        page.watched.page.get_by_role("button", name="undo").click()
        wait(lambda left=left: len(editor._past) < left)
    assert editor.pose.joints[joint] == before.joints[joint]
    slider = page.watched.page.get_by_role("slider").nth(1)
    wait(lambda: abs(float(slider.get_attribute("aria-valuenow")) - np.degrees(before.joints[joint])) < 0.06)


def test_the_palm_follows_its_gizmo(page: Open) -> None:
    page.tab("Author")
    editor = page.studio.author.editor
    before = editor.pose
    up = before.rotation[:, 1]  # the arrow along the back of the hand
    start, end = (page.pixel(before.translation + length * up) for length in (0.1, 0.15))
    mouse = page.watched.page.mouse
    mouse.move(*start)
    page.watched.page.wait_for_timeout(1000)
    mouse.down()
    mouse.move(*end, steps=8)
    page.watched.page.wait_for_timeout(1000)
    mouse.up()
    wait(lambda: np.linalg.norm(editor.pose.translation - before.translation) > 0.02)
    moved = editor.pose.translation - before.translation
    assert moved @ up > 0.95 * np.linalg.norm(moved) and np.linalg.norm(moved) < 0.09
    np.testing.assert_array_equal(editor.pose.joints, before.joints)
    page.watched.page.get_by_role("button", name="undo").click()
    wait(lambda: np.allclose(editor.pose.translation, before.translation))


def test_a_pose_saved_on_the_page_is_what_unified_optimize_takes(page: Open, tmp_path: Path) -> None:
    page.tab("Author")
    page.watched.page.get_by_role("button", name="power grasp").click()
    page.field("Name").fill("from_the_page")
    page.watched.page.get_by_role("button", name="Save pose").click()
    file = page.poses / "ref_pose_from_the_page.npy"
    wait(file.is_file)
    saved, pose = load_reference_pose(file, SHADOW_JOINTS), page.studio.author.editor.pose
    np.testing.assert_allclose(saved.vector(), pose.vector(), atol=1e-9)
    config = page.studio.source.config
    script = REPOSITORY / "scripts" / "unified_optimize.py"
    overrides = [f"data1={config.data1}", f"data2={config.data2}", f"hand_ref_pose_name={file}", *QUICK]
    overrides += [f"output_path={tmp_path / 'runs'}", f"extrinsics_path={REPOSITORY / 'configs' / 'rig'}"]
    done = subprocess.run(
        [sys.executable, str(script), "--config", str(script.parents[1] / "configs" / "config.yaml"), *overrides],
        cwd=tmp_path,  # the user's data/output stays what it is
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "runs").iterdir()
    report = json.loads((run / "result.json").read_text())
    joints = [report["demonstrated_pose"]["joints_rad"][name] for name in JOINT_NAMES]
    np.testing.assert_allclose(joints, pose.joints, atol=1e-6)


def test_a_transfer_runs_from_the_page_and_its_result_is_shown(page: Open) -> None:
    page.tab("Author")
    page.field("Name").fill("transferred")
    page.tab("Transfer")
    page.watched.page.get_by_role("button", name="Transfer", exact=True).click()
    page.shows("Done: see the hand", seconds=120)
    assert (page.poses / "ref_pose_transferred.npy").is_file()
    run = page.studio.source.run
    assert run is not None and run.folder.parent == page.poses.parent / "runs"
    np.testing.assert_allclose(run.demonstration.joints, page.studio.author.editor.pose.joints, atol=1e-6)
    page.tab("Play back")
    page.shows("Result")
    page.watched.page.get_by_role("slider").first.focus()
    page.watched.page.keyboard.press("Home")
    page.shows("starts left")
    assert page.watched.complaints == []
