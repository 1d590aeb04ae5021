"""Named places on an object: parts, and where on them in canonical coordinates, so that all members have them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import ConfigError
from sparsedff.synthetic.shapes.mesh import ObjectMesh
from sparsedff.synthetic.shapes.objects import ProceduralObject

Float = NDArray[np.float64]
Bounds = tuple[float, float, float]

EVERYWHERE = 1e9


@dataclass(frozen=True)
class Region:
    """Surface points of some parts within a box of canonical coordinates.

    Attributes:
        parts: names of the parts.
        low, high: corners of the box.
        radial: least and largest distance from the part's z axis in canonical units; of a turned shell, below 1 is the
            inside and above 1 the outside.
        also: further regions that belong to it.
    """

    parts: tuple[str, ...]
    low: Bounds = (-EVERYWHERE, -EVERYWHERE, -EVERYWHERE)
    high: Bounds = (EVERYWHERE, EVERYWHERE, EVERYWHERE)
    radial: tuple[float, float] = (0.0, EVERYWHERE)
    also: tuple[Region, ...] = ()

    @property
    def all_parts(self) -> tuple[str, ...]:
        """Names of the parts, those of `also` too."""
        return (*self.parts, *(name for more in self.also for name in more.all_parts))

    def contains(self, shape: ProceduralObject, mesh: ObjectMesh) -> NDArray[np.bool_]:
        """Which vertices (V,) of the object's mesh lie in the region.

        Raises:
            ConfigError: the object lacks a part, or no vertex lies there.
        """
        names = [part.name for part in shape.parts]
        missing = sorted(set(self.parts) - set(names))
        if missing:
            raise ConfigError(f"{shape.family} has no parts {missing}; it has {names}")
        rho = np.hypot(mesh.canonical[:, 0], mesh.canonical[:, 1])
        inside = np.isin(mesh.part_id, [names.index(name) for name in self.parts])
        inside &= np.all((mesh.canonical >= self.low) & (mesh.canonical <= self.high), axis=1)
        inside &= (rho >= self.radial[0]) & (rho <= self.radial[1])
        if not inside.any():
            raise ConfigError(f"{shape.family}: no point of its surface lies in {self}")
        for more in self.also:
            inside |= more.contains(shape, mesh)
        return inside
