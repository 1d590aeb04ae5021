"""The ground truth of a synthetic pair of captures: both objects, where they stand, and which point is which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.errors import CaptureError
from sparsedff.files.json_file import read_object
from sparsedff.files.opened import decoding
from sparsedff.geometry import apply, check_rigid, inverse
from sparsedff.synthetic.families.cross_family import correspond_across
from sparsedff.synthetic.families.monkey import MonkeyParameters
from sparsedff.synthetic.families.registry import family_of
from sparsedff.synthetic.rendering.scene import PlacedObject
from sparsedff.synthetic.shapes.correspondence import correspond, shared_parts
from sparsedff.synthetic.shapes.objects import ProceduralObject

Float = NDArray[np.float64]

TRUTH_FILE = "ground_truth.json"


@dataclass(frozen=True)
class Truth:
    """What a synthetic pair of captures really shows.

    Attributes:
        reference, test: the objects of the two captures; their meshes in the world frame are
            `reference.mesh_world` and `test.mesh_world` (trimesh).
        grips: the tasks on reference and test object that correspond; needed where their families differ.
        turn_rad: turn of the test object about its vertical axis that is assumed, for shapes that look the same after
            it (`Family.symmetry`) [rad].
        reference_turn_rad: the same for the reference object, from before the demonstration [rad].
    """

    reference: PlacedObject
    test: PlacedObject
    grips: tuple[str, str] | None = None
    turn_rad: float = 0.0
    reference_turn_rad: float = 0.0

    def map_points(self, points_world: Float) -> Float:
        """Where points near the reference object belong on the test object.

        Args:
            points_world: (N, 3) [m] in the world of the reference capture, on the object or up to some 5 cm off.

        Returns:
            (N, 3) [m] in the world of the test capture, as far from the test object's surface as they were.
        """
        points = apply(inverse(self.reference.world_from_object), points_world) @ _about_z(self.reference_turn_rad).T
        if self.grips is None:
            # Members of one family may lack a part: what is near it alone goes with the parts that both have.
            mapped = correspond(*self._comparable(), points)
        else:
            mapped = correspond_across(self.reference.shape, self.test.shape, *self.grips, points)
        return apply(self.test.world_from_object, mapped @ _about_z(self.turn_rad).T)

    def _comparable(self) -> tuple[ProceduralObject, ProceduralObject]:
        ours, theirs = self.reference.shape, self.test.shape
        return shared_parts(ours, theirs) if ours.family == theirs.family else (ours, theirs)

    def turned(self, turn_rad: float) -> Truth:
        """The same truth for a test object turned by `turn_rad` about its vertical axis.

        Where the shape is symmetric it is just as right, since only the print differs.
        """
        return replace(self, turn_rad=turn_rad)

    def reference_turned(self, turn_rad: float) -> Truth:
        """The same truth for a reference object turned by `turn_rad` about its vertical axis, under the same hand."""
        return replace(self, reference_turn_rad=turn_rad)


def _about_z(turn_rad: float) -> Float:
    return np.asarray(Rotation.from_euler("z", turn_rad).as_matrix())


def monkey_entry(parameters: MonkeyParameters, placed: PlacedObject) -> dict[str, Any]:
    """What ground_truth.json says of one monkey; enough to rebuild it exactly."""
    return {
        "family": "monkey",
        "parameters": parameters.to_json(),
        "world_from_object": placed.world_from_object.tolist(),
        "mesh_cell_m": placed.cell_m,
    }


def load_truth(folder: Path | str, reference: str = "monkey_original", test: str = "monkey_test") -> Truth:
    """Read ground_truth.json of a sample folder and rebuild both objects.

    Raises:
        CaptureError: the file is missing or does not describe both captures; names it.
    """
    path = Path(folder) / TRUTH_FILE
    missing = "no such file; make the sample with python -m sparsedff.synthetic.sample"
    remedy = "delete the damaged file and the captures beside it and make them again"
    entries = read_object(path, CaptureError, remedy, missing=missing)
    with decoding(path, CaptureError, remedy, "does not describe both captures"):
        return Truth(_placed(entries["objects"][reference], path), _placed(entries["objects"][test], path))


def _placed(entry: dict[str, Any], path: Path) -> PlacedObject:
    family = family_of(entry["family"])
    shape = family.build(family.parameters_from_json(entry["parameters"]))
    pose = check_rigid(np.array(entry["world_from_object"]), f"{path}: world_from_object")
    return PlacedObject(shape, pose, float(entry["mesh_cell_m"]))
