"""HandPose and the files it travels in: reference poses (31 numbers) and result rows (30 numbers)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.common.atomic import write_file
from sparsedff.errors import HandError
from sparsedff.files.npy import read_npy
from sparsedff.hands.layout import JointLayout

CONVENTIONS = ("mjcf", "driver")


@dataclass(frozen=True, eq=False)
class HandPose:
    """Pose of the hand's palm body in the world, and its joints.

    Attributes:
        translation: (3,) float64 [m], origin of the palm body.
        rotation: (3, 3) float64 world_from_palm; fingers along +z, palm faces -y, index side +x.
        joints: (J,) float64 [rad] in the order of the hand's layout, signs of its model.

    Raises:
        HandError: wrong shape, not finite, or no rotation.
    """

    translation: NDArray[np.float64]
    rotation: NDArray[np.float64]
    joints: NDArray[np.float64]

    def __post_init__(self) -> None:
        shapes = {"translation": (3,), "rotation": (3, 3), "joints": np.shape(self.joints)[:1]}
        for field, shape in shapes.items():
            value = np.array(getattr(self, field), dtype=np.float64)
            if value.shape != shape or not np.isfinite(value).all():
                wanted = "a row of" if field == "joints" else str(shape)
                raise HandError(f"hand pose: {field} must be {wanted} finite numbers, got shape {value.shape}")
            value.flags.writeable = False
            object.__setattr__(self, field, value)
        error = np.abs(self.rotation.T @ self.rotation - np.eye(3)).max()
        if error > 1e-3 or np.linalg.det(self.rotation) < 0:
            raise HandError("hand pose: rotation is not a rotation matrix; check the order of its columns")

    @property
    def world_from_palm(self) -> NDArray[np.float64]:
        """(4, 4)."""
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = self.rotation, self.translation
        return matrix

    def moved(self, target_from_source: NDArray[np.float64]) -> HandPose:
        """The same hand carried along by a rigid transform (4, 4)."""
        rotation = target_from_source[:3, :3]
        translation = rotation @ self.translation + target_from_source[:3, 3]
        return HandPose(translation, rotation @ self.rotation, self.joints)

    def row(self) -> NDArray[np.float64]:
        """A row (8 + J,) of the result files: translation [m], rotation vector [rad], two zeros (wrist), joints [rad].

        The paper's hand has 22 joints and so rows of 30 numbers.
        """
        vector = Rotation.from_matrix(self.rotation).as_rotvec()
        return np.concatenate([self.translation, vector, np.zeros(2), self.joints])

    @staticmethod
    def from_row(row: NDArray[np.floating]) -> HandPose:
        """Inverse of `row`; the wrist entries are ignored."""
        if np.ndim(row) != 1 or np.size(row) <= 8:
            raise HandError(f"a result row has 8 numbers and one a joint, 30 for the Shadow Hand; got {np.shape(row)}")
        values = np.asarray(row, dtype=np.float64)
        return HandPose(values[:3], Rotation.from_rotvec(values[3:6]).as_matrix(), values[8:])

    def vector(self) -> NDArray[np.float64]:
        """The row (9 + J,) of a reference pose file: translation [m], rotation columns x and y, joints [rad]."""
        return np.concatenate([self.translation, self.rotation[:, 0], self.rotation[:, 1], self.joints])


def save_reference_pose(pose: HandPose, path: Path) -> None:
    """Write ref_pose_NAME.npy, (1, 9 + J) float64 in the model's signs; it appears whole or not at all."""
    content = io.BytesIO()
    np.save(content, pose.vector()[None])
    write_file(Path(path), content.getvalue())


def load_reference_pose(path: Path, layout: JointLayout, convention: str = "mjcf") -> HandPose:
    """Read ref_pose_NAME.npy, (9 + J,) or (1, 9 + J); 31 numbers for the paper's hand.

    Args:
        path: the file.
        layout: the hand's joints.
        convention: `mjcf` for the model's joint signs, `driver` for files written for the real robot. Never guessed.

    Raises:
        HandError: missing, truncated, pickled, wrong length, not finite, columns that span no rotation, or an unknown
            convention; the message names the file.
    """
    if convention not in CONVENTIONS:
        raise HandError(f"hand_ref_pose_convention must be one of {', '.join(CONVENTIONS)}, got {convention!r}")
    size = 9 + len(layout)
    values = read_npy(
        Path(path),
        HandError,
        "save the pose again, or name the hand that showed it with demonstrated_with",
        missing="no such reference pose; give hand_ref_pose_name a name or a path that exists",
        shapes=[(size,), (1, size)],
        finite=True,
        rule=f"a reference pose is ({size},) or (1, {size}) numbers (translation 3, rotation columns 6, joints "
        f"{len(layout)})",
    )
    vector = values.reshape(size).astype(np.float64)
    joints = vector[9:].copy()
    if convention == "driver":
        joints[list(layout.driver_flipped)] *= -1
    return HandPose(vector[:3], _rotation_from_columns(vector[3:6], vector[6:9], path), joints)


def _rotation_from_columns(first: NDArray, second: NDArray, path: Path) -> NDArray[np.float64]:
    """Orthonormalise two columns symmetrically (the polar factor), as the optimiser's 6D representation does."""
    columns = np.stack([first, second], axis=1)
    u, singular_values, vt = np.linalg.svd(columns, full_matrices=False)
    if singular_values.min() < 0.5 or singular_values.max() > 1.5:
        raise HandError(
            f"{path}: the two rotation columns (numbers 4 to 9) are not unit and orthogonal; save the pose again"
        )
    x, y = (u @ vt).T
    return np.stack([x, y, np.cross(x, y)], axis=1)
