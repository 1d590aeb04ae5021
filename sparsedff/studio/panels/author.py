"""The tab in which a demonstration is authored: palm gizmo, joints, presets, readouts, undo, save."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import viser
from scipy.spatial.transform import Rotation

from sparsedff.errors import SparseDFFError
from sparsedff.hands.model_hand import ModelHand
from sparsedff.studio.editor import PoseEditor
from sparsedff.studio.fingers import joints_by_finger
from sparsedff.studio.hand_view import HandView, wxyz
from sparsedff.studio.readouts import Measure
from sparsedff.studio.save import save_pose
from sparsedff.studio.source import Source

PALM = "/reference/palm"
_STEP = 0.5  # of a slider [deg or mm]
_MM, _DEG = 1e-3, np.pi / 180.0


class AuthorPanel:
    """The authored hand and everything that moves it.

    Args:
        server: the page, inside the tab.
        lock: held while anything changes.
        hand: the end effector.
        source: what is demonstrated on.
        folder: where poses are saved.
    """

    def __init__(
        self, server: viser.ViserServer, lock: threading.RLock, hand: ModelHand, source: Source, folder: Path
    ) -> None:
        self._server, self._lock, self._hand, self._folder = server, lock, hand, folder
        self.editor = PoseEditor(source.demonstration, hand)
        self._drags = 0
        self._middle, self._measure = np.zeros(3), Measure(hand, source.clouds[0].points)
        self._gizmo = server.scene.add_transform_controls(PALM, scale=0.12, line_width=3.0, depth_test=False)
        self._view = HandView(server, PALM, hand)
        gui = server.gui
        self._readouts = gui.add_markdown("")
        presets = gui.add_button_group("Fingers", tuple(hand.spec.presets))
        steps = gui.add_button_group("Pose", ("undo", "redo", "mirror"))
        show = gui.add_checkbox("Show gizmo", True)
        self._sliders: dict[str, viser.GuiSliderHandle[float]] = {}
        for finger, joints in joints_by_finger(hand).items():
            self._sliders |= self._finger(finger, joints)
        self.name = gui.add_text("Name", "my_grasp", hint="saved as ref_pose_NAME.npy")
        self._replace = gui.add_checkbox("Replace a pose of this name", False)
        save = gui.add_button("Save pose", color="green")
        self._saved = gui.add_markdown(f"Poses go to `{folder}`.")

        self._gizmo.on_update(self._dragged)
        presets.on_click(lambda _: self._do(lambda: self._preset(presets.value)))
        steps.on_click(lambda _: self._do(lambda: self._step(steps.value)))
        show.on_update(lambda _: self._show_gizmo(show.value))
        save.on_click(lambda _: self.save())
        self._written: set[Path] = set()
        self.open(source)

    def open(self, source: Source, keep_pose: bool = False) -> None:
        """Demonstrate on another object, from its own demonstration on or with the pose as it stands."""
        with self._lock:
            points = source.clouds[0].points
            self._middle = (points.min(axis=0) + points.max(axis=0)).astype(np.float64) / 2
            self._measure = Measure(self._hand, points)
            if not keep_pose:
                self.editor = PoseEditor(source.demonstration, self._hand)
            self._draw()

    def show_hand(self, shown: bool) -> None:
        """Show or hide the authored hand with its gizmo."""
        self._gizmo.visible = shown

    def save(self, again: bool = False) -> Path | None:
        """Write the pose as it stands; what is wrong with its name is said on the page.

        Args:
            again: a pose that this page has written may be written once more, as a second transfer needs it.
        """
        with self._lock:
            own = again and self._folder / f"ref_pose_{self.name.value}.npy" in self._written
            try:
                path = save_pose(self.editor.pose, self.name.value, self._folder, self._replace.value or own)
            except (SparseDFFError, OSError) as error:
                self._saved.content = f"**Not saved:** {error}"
                return None
            self._written.add(path)
            self._saved.content = f"Saved `{path}`. Use it: `hand_ref_pose_name={path}`"
            return path

    def _finger(self, finger: str, joints: tuple[str, ...]) -> dict[str, viser.GuiSliderHandle[float]]:
        sliders, fingers = {}, self._hand.spec.fingers
        shown = finger not in [each.name for each in fingers[1:-1]]
        with self._server.gui.add_folder(finger, expand_by_default=shown):
            for name in joints:
                index, unit = self._hand.layout.index(name), self._unit(name)
                low, high = (float(x) for x in (self._hand.limits_rad[index] / unit).round(1))
                label = f"{name} [{'mm' if unit == _MM else 'deg'}]"
                slider = self._server.gui.add_slider(label, low, high, _STEP, max(low, min(high, 0.0)))
                slider.on_update(lambda event, name=name: self._slid(event, name))
                sliders[name] = slider
        return sliders

    def _unit(self, name: str) -> float:
        """What a slider's 1 is in the joint's own unit [m or rad]."""
        return _MM if self._hand.model.sliding[self._hand.layout.index(name)] else _DEG

    def _slid(self, event: viser.GuiEvent[viser.GuiSliderHandle[float]], name: str) -> None:
        if event.client_id is None:  # moved by ourselves, to show what undo or a preset did
            return
        with self._lock:
            self.editor.set_joint(name, float(event.target.value * self._unit(name)), time.monotonic())
            self._draw(sliders=False, palm=False)

    def _dragged(self, event: viser.TransformControlsEvent) -> None:
        with self._lock:
            self._drags += event.phase == "start"
            rotation = Rotation.from_quat(self._gizmo.wxyz, scalar_first=True).as_matrix()
            self.editor.set_palm(np.array(self._gizmo.position), rotation, self._drags)
            self._draw(sliders=False, palm=False)

    def _do(self, change: Callable[[], object]) -> None:
        with self._lock:
            change()
            self._draw()

    def _preset(self, name: str) -> None:
        if name in self._hand.spec.presets:
            self.editor.apply_preset(name)

    def _step(self, name: str) -> None:
        steps = {"undo": self.editor.undo, "redo": self.editor.redo, "mirror": lambda: self.editor.mirror(self._middle)}
        if name in steps:  # a page may send any word
            steps[name]()

    def _show_gizmo(self, shown: bool) -> None:
        with self._lock:
            for part in ("disable_axes", "disable_sliders", "disable_rotations"):
                setattr(self._gizmo, part, not shown)

    def _draw(self, sliders: bool = True, palm: bool = True) -> None:
        """Bring the page up to the editor's pose; what the user holds in hand is left alone."""
        pose = self.editor.pose
        measured = self._measure(pose)
        with self._server.atomic():
            self._view.show(measured.palm_from_links)
            if palm:
                self._gizmo.position, self._gizmo.wxyz = pose.translation, wxyz(pose.rotation)
            if sliders:
                for name, slider in self._sliders.items():
                    angle = float(pose.joints[self._hand.layout.index(name)] / self._unit(name))
                    slider.value = min(slider.max, max(slider.min, round(angle, 1)))
            self._readouts.content = measured.markdown()
