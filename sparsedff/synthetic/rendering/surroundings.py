"""The surroundings of a scene's object: clutter, things that hide it from a camera, other tables, other light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import Rig
from sparsedff.synthetic.families.registry import FAMILIES, FIRST_FAMILIES, sample_member
from sparsedff.synthetic.pair_settings import Surroundings
from sparsedff.synthetic.rendering.places import PLACES
from sparsedff.synthetic.rendering.scene import PlacedObject, Scene, place

Float = NDArray[np.float64]

_CLUTTER_CELL_M = 0.004  # nobody looks closely
_CLUTTER_RING_M = (0.24, 0.36)  # distance of clutter from the object's middle
_TRIES = 60


def surround(placed: PlacedObject, around: Surroundings, rig: Rig, rng: np.random.Generator) -> Scene:
    """A scene of the object with these surroundings; what is drawn comes from `rng`.

    Things that find no free place in sixty tries are left out.
    """
    table, light, fixtures = PLACES.load(around.place)(placed, rng, around.tables, around.lights)
    others: list[PlacedObject] = []
    middle, reach = _footprint(placed)
    cameras = rng.permutation(len(rig.cameras))[: around.occluders]
    for index in cameras:
        eye = rig.world_from_camera(rig.cameras[index].serial)[:2, 3]
        toward = (eye - middle) / np.linalg.norm(eye - middle)
        # A box or a bottle hides most of what is behind it from a camera that looks down; put it close.
        thing = _member(str(rng.choice(["box", "bottle"])), rng)
        size = _footprint(thing)[1]
        others.append(_moved(thing, middle + toward * (reach + size + 0.03), rng.uniform(-np.pi, np.pi)))
    for _ in range(around.clutter):
        thing = _member(str(rng.choice([name for name in FIRST_FAMILIES if name != placed.shape.family])), rng)
        size = _footprint(thing)[1]
        for _ in range(_TRIES):
            angle, far = rng.uniform(-np.pi, np.pi), rng.uniform(*_CLUTTER_RING_M)
            spot = middle + far * np.array([np.cos(angle), np.sin(angle)])
            if _is_free(spot, size, [placed, *others]) and table.contains(spot[None])[0]:
                others.append(_moved(thing, spot, rng.uniform(-np.pi, np.pi)))
                break
    # What would stand on a fixture, such as a tray's rim, is left out.
    clear = [thing for thing in others if all(_apart(thing, fixture) for fixture in fixtures)]
    return Scene(placed, table, light, (*fixtures, *clear))


def _member(family: str, rng: np.random.Generator) -> PlacedObject:
    """A random member with its footprint's middle over the origin of the object frame's x and y."""
    kind = FAMILIES[family]
    return place(kind.build(sample_member(family, rng, 0.15)), 0.0, 0.0, 0.0, _CLUTTER_CELL_M)


def _moved(thing: PlacedObject, spot: Float, yaw_rad: float) -> PlacedObject:
    """The thing turned, with its footprint's middle at `spot` (2,) [m]."""
    turned = place(thing.shape, 0.0, 0.0, yaw_rad, thing.cell_m)
    shift = spot - _footprint(turned)[0]
    return place(thing.shape, float(shift[0]), float(shift[1]), yaw_rad, thing.cell_m)


def _footprint(thing: PlacedObject) -> tuple[Float, float]:
    """Middle (2,) and radius [m] of the circle around the thing's bounds on the table."""
    low, high = thing.mesh_world.bounds[:, :2]
    return 0.5 * (low + high), float(0.5 * np.linalg.norm(high - low))


def _apart(thing: PlacedObject, fixture: PlacedObject) -> bool:
    return bool(fixture.distance(thing.mesh_world.vertices[::5]).min() > 0.003)


def _is_free(spot: Float, size: float, things: list[PlacedObject]) -> bool:
    return all(np.linalg.norm(spot - middle) > size + reach for middle, reach in map(_footprint, things))
