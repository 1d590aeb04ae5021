"""Small scenes whose pictures are known in closed form."""

import numpy as np

from sparsedff.geometry import look_at
from sparsedff.visualize.raytrace.camera import Camera
from sparsedff.visualize.scene import Mesh, Path3D, Points, Scene

RED, GREEN, BLUE = (200, 30, 30), (30, 160, 30), (30, 30, 200)


def straight_camera(distance: float = 1.0, focal: float = 200.0, size: tuple[int, int] = (120, 90)) -> Camera:
    """A camera on the +x axis that looks at the origin from `distance` [m]."""
    width, height = size
    intrinsics = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1.0]])
    return Camera(look_at(np.array([distance, 0, 0]), np.zeros(3)), intrinsics, width, height)


def sphere(radius: float = 0.1, center: tuple[float, float, float] = (0, 0, 0), color=RED, name="sphere") -> Mesh:
    """A finely triangulated sphere of about 10000 triangles, counter-clockwise seen from outside."""
    rows, columns = 50, 100
    polar = np.linspace(0, np.pi, rows + 1)[:, None]
    angle = 2 * np.pi * np.arange(columns) / columns
    rim = [np.sin(polar) * np.cos(angle), np.sin(polar) * np.sin(angle), np.cos(polar) * np.ones(columns)]
    vertices = radius * np.stack(rim, axis=-1).reshape(-1, 3) + np.array(center)
    i, j = (a.ravel() for a in np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"))
    a, b = i * columns + j, i * columns + (j + 1) % columns
    c, d = a + columns, b + columns
    faces = np.concatenate([np.stack([a, c, d], axis=1), np.stack([a, d, b], axis=1)])
    return Mesh(vertices, faces, color, name)


def wall(x: float, half: float = 0.1, color=BLUE, name="wall") -> Mesh:
    """A square in the plane x = const, facing +x, with edges of 2 `half` [m]."""
    corners = np.array([[x, -half, -half], [x, half, -half], [x, half, half], [x, -half, half]])
    return Mesh(corners, np.array([[0, 1, 2], [0, 2, 3]]), color, name)


def wall_points(x: float, half: float = 0.1, count: int = 60, color=GREEN, name="cloud") -> Points:
    """The same square as a grid of points."""
    y, z = (a.ravel() for a in np.meshgrid(*[np.linspace(-half, half, count)] * 2))
    return Points(np.stack([np.full(y.size, x), y, z], axis=1), color, name=name)


def sphere_points(radius: float = 0.1, count: int = 6000, color=GREEN) -> Points:
    """Points spread evenly on a sphere around the origin."""
    index = np.arange(count) + 0.5
    z = 1 - 2 * index / count
    angle = index * np.pi * (3 - 5**0.5)
    rim = np.sqrt(1 - z * z)
    return Points(radius * np.stack([rim * np.cos(angle), rim * np.sin(angle), z], axis=1), color, name="cloud")


def sphere_silhouette(radius: float, distance: float, focal: float) -> float:
    """Area [px^2] of the projection of a sphere straight ahead: a disc as wide as the cone that touches the sphere."""
    return np.pi * (focal * radius) ** 2 / (distance**2 - radius**2)


BALL = Scene((sphere(0.05, (0, 0, 0.06)), Path3D(np.array([[0, 0, 0.1], [0.05, 0, 0.15]]))), "ball")
