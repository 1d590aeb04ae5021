"""The places where scenes happen: a table in some light, and what belongs to it.

Each is a function (object, random generator, whether to draw the table, whether to draw the light) to a `Place`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sparsedff.common.registry import Entry, Registry
from sparsedff.synthetic.rendering.scene import Light, PlacedObject, Table, place
from sparsedff.synthetic.rendering.table_texture import texture_names
from sparsedff.synthetic.shapes.assembly import at
from sparsedff.synthetic.shapes.brush import over, plain
from sparsedff.synthetic.shapes.noise import step
from sparsedff.synthetic.shapes.objects import ProceduralObject
from sparsedff.synthetic.shapes.round_box import RoundBox

Float = NDArray[np.float64]

_TRAY_GAP_M = 0.06  # between the object and the tray's rim
_RIM_M = (0.006, 0.007)  # half the width and half the height of the tray's rim
_RIM_CELL_M = 0.003


class Place(NamedTuple):
    """A table in some light.

    Attributes:
        table, light: as they are.
        fixtures: things that belong to the table; other things may stand inside their outline.
    """

    table: Table
    light: Light
    fixtures: tuple[PlacedObject, ...] = ()


MakePlace = Callable[[PlacedObject, np.random.Generator, bool, bool], Place]

_HERE = "sparsedff.synthetic.rendering.places"
PLACES: Registry[MakePlace] = Registry(
    "place",
    Entry("table", f"{_HERE}:table", "a wooden table, or what `tables` and `lights` draw"),
    Entry("breakfast", f"{_HERE}:breakfast", "a tray on a patterned cloth in warm light from the side (held out)"),
)


def table(placed: PlacedObject, rng: np.random.Generator, tables: bool, lights: bool) -> Place:
    """A wooden table under white light, or drawn ones."""
    top = _random_table(rng) if tables else Table()
    return Place(top, _random_light(rng) if lights else Light())


def breakfast(placed: PlacedObject, rng: np.random.Generator, tables: bool, lights: bool) -> Place:
    """The object in a tray on a patterned cloth, in warm light that comes low from the side.

    `sparsedff.synthetic.held_out` keeps it for the last table.
    """
    shade = rng.uniform(0.85, 1.15)
    cloth = Table(albedo=(0.42 * shade, 0.46 * shade, 0.34 * shade), texture="tiles", floor_albedo=(0.20, 0.15, 0.11))
    side, up = rng.uniform(-np.pi, np.pi), rng.uniform(0.40, 0.60)
    toward = (float(np.cos(side) * np.cos(up)), float(np.sin(side) * np.cos(up)), float(np.sin(up)))
    light = Light(toward, ambient=0.38, lamp=0.80, softness_rad=0.05, color=(1.0, 0.84, 0.62))
    return Place(cloth, light, (_tray(placed),))


def _tray(placed: PlacedObject) -> PlacedObject:
    """The rim of a tray around the object's footprint; low enough to count as table when objects are sought."""
    low, high = placed.mesh_world.bounds[:, :2]
    middle, (x, y) = 0.5 * (low + high), 0.5 * (high - low) + _TRAY_GAP_M
    half, tall = _RIM_M
    sides = {"front": (x, 0.0), "back": (-x, 0.0), "left": (0.0, y), "right": (0.0, -y)}
    parts = tuple(
        at(
            name,
            RoundBox((half, y + half, tall) if there[1] == 0.0 else (x + half, half, tall), 0.8 * half),
            (*there, tall),
        )
        for name, there in sides.items()
    )

    def paint(part: str, canonical: Float) -> Float:
        albedo = plain((0.50, 0.30, 0.12), canonical, 5, 0.3)
        return over(albedo, (0.75, 0.55, 0.20), step(canonical[:, 2], 0.6, 0.2))

    return place(ProceduralObject("tray", parts, paint), float(middle[0]), float(middle[1]), 0.0, _RIM_CELL_M)


def _random_table(rng: np.random.Generator) -> Table:
    shade = rng.uniform(0.15, 0.5)
    red, green, blue = (shade * rng.uniform(0.75, 1.25, 3)).tolist()
    return Table(albedo=(red, green, blue), texture=str(rng.choice(texture_names())))


def _random_light(rng: np.random.Generator) -> Light:
    around, up = rng.uniform(-np.pi, np.pi), rng.uniform(0.7, 1.4)
    toward = (float(np.cos(around) * np.cos(up)), float(np.sin(around) * np.cos(up)), float(np.sin(up)))
    ambient = rng.uniform(0.35, 0.6)
    return Light(toward, ambient=ambient, lamp=float(rng.uniform(0.95, 1.2) - ambient))
