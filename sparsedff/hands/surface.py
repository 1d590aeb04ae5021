"""Surface points of a hand: farthest-point sampled per link, more where hands touch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray

from sparsedff.errors import HandError
from sparsedff.hands.base import LinkMesh

Float = NDArray[np.float64]

MIDDLE_TO_DISTAL = 0.8
"""Middle links get 0.8 of the distal links' emphasis: 3.2 where the published 4 is (docs/method.md, section 8)."""
_DRAWS = 4000  # that tell how much of a mesh is seen


@dataclass(frozen=True, eq=False)
class SurfacePoints:
    """Points fixed to links: links[i] names the link of points_link[i] (N, 3) [m], which is in that link's frame."""

    links: tuple[str, ...]
    points_link: NDArray[np.float64]


def sample_surface(
    meshes: Sequence[LinkMesh],
    count: int,
    tip_emphasis: float,
    seed: int = 0,
    tips: Collection[str] = (),
    middles: Collection[str] = (),
    inside: Callable[[LinkMesh, Float], NDArray[np.bool_]] | None = None,
) -> SurfacePoints:
    """Spread `count` points over the links' meshes, by area times emphasis, each link farthest-point sampled.

    Args:
        meshes: visual meshes in link frames, one a link.
        count: number of points, at least one a link.
        tip_emphasis: area factor of the fingertips (`hand_model.tip_aug`); middle links get 0.8 of it, at least 1.
        seed: of the dense sampling that farthest points are chosen from; the result is deterministic in it.
        tips, middles: names of the links that are emphasised.
        inside: which points (N, 3) of a mesh lie inside of it, where it is made of solids that reach into each other;
            None for meshes that are one surface.

    Raises:
        HandError: fewer points than links.
    """
    if count < len(meshes):
        raise HandError(f"hand_model.pt_nums must be at least {len(meshes)}, one point a link; got {count}")
    areas = {mesh.link: _area(mesh, inside) for mesh in meshes}
    middle_emphasis = max(1.0, MIDDLE_TO_DISTAL * tip_emphasis)
    factor = dict.fromkeys(middles, middle_emphasis) | dict.fromkeys(tips, tip_emphasis)
    counts = apportion({link: area * factor.get(link, 1.0) for link, area in areas.items()}, count)
    links: list[str] = []
    points: list[Float] = []
    for mesh in meshes:
        wanted = counts[mesh.link]
        dense = _dense(mesh, max(20 * wanted, 200), seed, inside)
        points.append(dense[farthest_points(dense, wanted)])
        links += [mesh.link] * wanted
    return SurfacePoints(tuple(links), np.concatenate(points))


def _dense(mesh: LinkMesh, count: int, seed: int, inside: Callable | None) -> Float:
    """About `count` random points (N, 3) of what is seen of a mesh."""
    found, _ = trimesh.sample.sample_surface(
        trimesh.Trimesh(mesh.vertices, mesh.faces, process=False), count, seed=seed
    )
    dense = np.asarray(found)
    return dense if inside is None else dense[~inside(mesh, dense)]


def _area(mesh: LinkMesh, inside: Callable | None) -> float:
    """Area [m^2] of what is seen of a mesh."""
    whole = float(trimesh.Trimesh(mesh.vertices, mesh.faces, process=False).area)
    return whole if inside is None else whole * len(_dense(mesh, _DRAWS, 0, inside)) / _DRAWS


def apportion(weights: Mapping[str, float], count: int) -> dict[str, int]:
    """Share `count` whole points among the keys by weight, at least one each, largest remainders first."""
    total = sum(weights.values())
    spare = count - len(weights)
    exact = {key: spare * weight / total for key, weight in weights.items()}
    shares = {key: 1 + int(value) for key, value in exact.items()}
    by_remainder = sorted(exact, key=lambda key: exact[key] - int(exact[key]), reverse=True)
    for key in by_remainder[: count - sum(shares.values())]:
        shares[key] += 1
    return shares


def farthest_points(points: NDArray[np.floating], count: int) -> NDArray[np.int64]:
    """Indices (count,) of greedy farthest-point sampling of points (N, 3), begun farthest from the mean."""
    chosen = np.empty(count, dtype=np.int64)
    chosen[0] = np.argmax(((points - points.mean(0)) ** 2).sum(-1))
    nearest = ((points - points[chosen[0]]) ** 2).sum(-1)
    for i in range(1, count):
        chosen[i] = np.argmax(nearest)
        nearest = np.minimum(nearest, ((points - points[chosen[i]]) ** 2).sum(-1))
    return chosen
