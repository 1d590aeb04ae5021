"""Training scenes and looks at them: exact truth, and every disturbance does what it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparsedff.learn.disturb import CLEAN, Disturbance, look_at_scene
from sparsedff.learn.scenes import LearnScene, make_scene, make_scenes
from sparsedff.learn.targets import Targets


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_same_arguments_give_the_same_scenes(scenes: list[LearnScene]) -> None:
    again = make_scenes(("pot",), 2, seed=3)  # alone: other families draw nothing away
    for one, other in zip(again, scenes[2:4], strict=True):
        np.testing.assert_array_equal(one.points, other.points)
        np.testing.assert_array_equal(one.template, other.template)


def test_points_are_on_the_template_and_face_their_camera(scenes: list[LearnScene], targets: Targets) -> None:
    for scene in scenes:
        assert len(scene.points) > 300 and set(np.unique(scene.camera)) == set(range(8))
        template = targets.templates[scene.family]
        off = np.abs(template.shape.distance(scene.template.astype(np.float64)))
        assert np.quantile(off, 0.99) < 0.003
        toward = scene.eyes[scene.camera] - scene.points
        assert (np.einsum("ni,ni->n", toward, scene.normals) > 0).mean() > 0.97


def test_an_undisturbed_look_is_what_four_cameras_saw(scenes: list[LearnScene]) -> None:
    how = replace(CLEAN, noise_m=(0.0, 0.0), normal_noise=0.0, cut_chance=0.0)
    look = look_at_scene(scenes[0], how, rng())
    np.testing.assert_allclose(look.points, scenes[0].points[look.scene_index], atol=1e-6)
    assert len(np.unique(scenes[0].camera[look.scene_index])) == 4
    np.testing.assert_allclose(look.middle_xy, scenes[0].middle_xy, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "lost"),
    [({"third_chance": 1.0}, True), ({"camera_counts": (1.0,)}, True), ({"holes_chance": 1.0, "hole_m": 0.05}, True)],
)
def test_what_is_lost_is_lost(scenes: list[LearnScene], change: dict, lost: bool) -> None:
    full, less = (look_at_scene(scenes[0], how, rng(2)) for how in (CLEAN, replace(CLEAN, **change)))
    assert (len(less.points) < len(full.points)) == lost


def test_clutter_is_marked_and_stands_beside(scenes: list[LearnScene]) -> None:
    look = look_at_scene(scenes[0], replace(CLEAN, clutter_chance=1.0, clutter_points=(50, 51)), rng())
    assert (look.scene_index < 0).sum() == 50
    assert np.linalg.norm(look.points[look.scene_index < 0].mean(axis=0) - look.points.mean(axis=0)) > 0.02


def test_stretching_takes_points_normals_and_middle_along(scenes: list[LearnScene]) -> None:
    how = replace(CLEAN, stretch=0.3, noise_m=(0.0, 0.0), normal_noise=0.0, cut_chance=0.0)
    look, scene = look_at_scene(scenes[0], how, rng(1)), scenes[0]
    original = scene.points[look.scene_index]
    assert np.abs(look.points - original).max() > 0.003
    matrix = np.linalg.lstsq(original - np.append(scene.middle_xy, 0), look.points - np.append(look.middle_xy, 0))[0]
    bent = scene.normals[look.scene_index] @ np.linalg.inv(matrix).T
    bent /= np.linalg.norm(bent, axis=1, keepdims=True)
    np.testing.assert_allclose(np.abs(np.einsum("ni,ni->n", bent, look.normals)), 1.0, atol=1e-4)


def test_looks_with_hardly_a_point_are_drawn_anew() -> None:
    scene = make_scene("flashlight", rng(8))
    for seed in range(20):
        assert len(look_at_scene(scene, Disturbance(), rng(seed)).points) >= 8
