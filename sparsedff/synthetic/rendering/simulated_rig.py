"""The simulated rig: calibrated cameras take a capture of a scene whose geometry is known exactly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sparsedff.capture.model import Capture, Rig, RigCamera, View
from sparsedff.synthetic.rendering.rays import pixel_grid, rays_camera
from sparsedff.synthetic.rendering.render import OBJECT, Renderer
from sparsedff.synthetic.rendering.scene import Scene
from sparsedff.synthetic.rendering.sensor import SensorNoise, noisy_color, noisy_depth

Float = NDArray[np.float64]

_SUBPIXELS = np.array([[-0.25, -0.25], [0.25, -0.25], [-0.25, 0.25], [0.25, 0.25]])


class SimulatedRig:
    """A rig whose cameras look at scenes instead of the world. Images are distorted by the lenses, as real ones are.

    Args:
        rig: cameras at the wanted image size (`rays.resize_rig`).
    """

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        # The lens models are inverted once; every capture reuses the rays.
        self._rays = [rays_camera(camera, pixel_grid(camera.image_size)) for camera in rig.cameras]

    def take(
        self,
        name: str,
        scene: Scene,
        noise: SensorNoise,
        seed: int | tuple[int, ...] = 0,
        after_view: Callable[[], object] = lambda: None,
    ) -> Capture:
        """What the cameras see of a scene.

        Args:
            name: of the capture.
            scene: object, table and light.
            noise: the sensor; `sensor.NOISELESS` for exact depth.
            seed: of the noise; the same seed gives the same bytes.
            after_view: called when a view is done, for progress bars.
        """
        renderer = Renderer(scene)
        views = []
        for index, camera in enumerate(self.rig.cameras):
            rng = np.random.default_rng([*np.atleast_1d(seed), index])
            pose = self.rig.world_from_camera(camera.serial)
            views.append(_take_view(renderer, camera, pose, self._rays[index], noise, rng))
            after_view()
        return Capture(name=name, views=tuple(views))


def _take_view(
    renderer: Renderer,
    camera: RigCamera,
    world_from_camera: Float,
    rays_and_valid: tuple[Float, NDArray[np.bool_]],
    noise: SensorNoise,
    rng: np.random.Generator,
) -> View:
    width, height = camera.image_size
    rays, valid = rays_and_valid
    eye, turn = world_from_camera[:3, 3], world_from_camera[:3, :3]
    hits = renderer.cast(eye, rays @ turn.T)
    normals, albedo = renderer.normals(hits), renderer.albedo(hits)

    # The object is small and finely patterned, so the paint of its pixels, and their neighbours, is sampled four times.
    fine = ndimage.binary_dilation((hits.kind == OBJECT).reshape(height, width), iterations=2).ravel()
    if fine.any():
        pixels = pixel_grid(camera.image_size)[fine]
        samples = [rays_camera(camera, pixels + offset)[0] @ turn.T for offset in _SUBPIXELS]
        albedo[fine] = np.mean([renderer.albedo(renderer.cast(eye, sample)) for sample in samples], axis=0)
    light = renderer.light(hits, normals)[:, None] * np.asarray(renderer.scene.light.color)
    linear = np.clip(albedo * light, 0.0, 1.0)

    toward_eye = eye - hits.points
    away = np.sqrt(np.einsum("ni,ni->n", toward_eye, toward_eye))
    cosine = np.abs(np.einsum("ni,ni->n", toward_eye, normals)) / away
    seen = valid
    if noise.depth_eye_m > 0:
        depth_eye = eye + noise.depth_eye_m * turn[:, 0]
        seen = valid & ~renderer.occluded(hits.points + 1e-3 * normals, depth_eye - hits.points)
    shape = (height, width)
    depth = noisy_depth(hits.depth.reshape(shape), cosine.reshape(shape), seen.reshape(shape), noise, rng)
    color = noisy_color(linear.reshape(height, width, 3), noise, rng)
    return View(camera.serial, color, depth, camera.intrinsics, camera.distortion, world_from_camera)
