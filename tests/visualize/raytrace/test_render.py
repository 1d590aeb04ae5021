"""Whole pictures: size, colours, reproducibility, and independence of any display."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from sparsedff.errors import SparseDFFError
from sparsedff.visualize.raytrace.camera import frame
from sparsedff.visualize.raytrace.render import render
from sparsedff.visualize.raytrace.stage import build, prepare
from sparsedff.visualize.scene import Mesh, Scene
from tests.support.shapes import BALL, BLUE, sphere, sphere_points, straight_camera, wall


def test_a_picture_has_the_cameras_size_and_shows_the_item_in_its_colour() -> None:
    picture = render(BALL, frame(build(BALL).extent(), 0.3, 0.5, (90, 70)))
    assert picture.shape == (70, 90, 3) and picture.dtype == np.uint8
    red, green, blue = picture[35, 45].astype(int)
    assert red > 100 and red > 2 * green and red > 2 * blue


def test_the_corners_of_the_page_stay_light() -> None:
    picture = render(BALL, frame(build(BALL).extent(), 0.3, 0.5, (120, 90), margin=0.3))
    assert picture[0, 0].min() > 235 and picture[0, -1].min() > 235


def test_the_table_is_darker_under_the_ball_than_beside_it() -> None:
    stage = prepare(BALL)
    assert stage.table is not None
    middle = len(stage.table.light[0]) // 2
    assert stage.table.light[0, middle, middle] < 0.6 < 0.99 < stage.table.light[0, 0, 0]


def test_a_picture_is_the_same_each_time() -> None:
    scene = Scene((*BALL.items, sphere_points(0.04)))
    camera = frame(build(scene).extent(), 1.0, 0.6, (60, 50))
    assert (render(scene, camera) == render(scene, camera)).all()


def test_without_a_table_the_page_is_blank_around_the_item() -> None:
    scene = Scene(BALL.items[:1], table=False)
    picture = render(scene, frame(build(scene).extent(), 0.0, 0.4, (80, 80), margin=0.3))
    assert len(np.unique(picture[:5].reshape(-1, 3), axis=0)) == 1


def test_no_display_and_no_opengl_are_touched() -> None:
    program = """
import sys
from tests.support.shapes import BALL
from sparsedff.visualize.pictures.result import compose_result
compose_result(BALL, BALL, "caption", 240)
loaded = [name for name in sys.modules if name.split(".")[0].lower() in
          ("opengl", "pyglet", "open3d", "pyrender", "moderngl", "vtk", "matplotlib", "tkinter", "torch", "glfw")]
assert not loaded, loaded
with open("/proc/self/maps") as maps:
    libraries = maps.read()
assert "libGL" not in libraries and "libEGL" not in libraries and "libX11" not in libraries
"""
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_missing_ray_caster_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "embreex.rtcore_scene", None)
    with pytest.raises(SparseDFFError, match="pip install embreex"):
        prepare(BALL)


def test_a_veil_mixes_with_what_is_behind_it_and_hides_nothing_in_front() -> None:
    ball, camera = sphere(0.05), straight_camera(1.0)

    def picture(*items: Mesh) -> np.ndarray:
        return render(Scene((ball, *items), table=False), camera).astype(float)[40:50, 55:65]

    plain = picture()
    slight, strong = (picture(replace(wall(0.1), opacity=a)) - plain for a in (0.2, 0.8))
    assert np.abs(strong).max() > 50
    np.testing.assert_allclose(slight, strong / 4, atol=1)  # in proportion to its opacity
    np.testing.assert_array_equal(picture(replace(wall(-0.1, half=0.02), opacity=0.5)), plain)


def test_veils_throw_no_shadow() -> None:
    lit, veiled = (
        prepare(Scene((sphere(0.05, (0, 0, 0.06)), *veil)))
        for veil in ((), (Mesh([[-1, -1, 0.3], [1, -1, 0.3], [0, 1, 0.3]], [[0, 1, 2]], BLUE, opacity=0.5),))
    )
    np.testing.assert_array_equal(lit.surface_light, veiled.surface_light)
