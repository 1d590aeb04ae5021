"""HandPose and the files it travels in: reference poses (31 numbers) and result rows (30 numbers)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.common.atomic import write_file
from sparsedff.errors import HandError

JOINT_NAMES = tuple(
    f"{finger}J{index}"
    for finger, top in (("FF", 3), ("MF", 3), ("RF", 3), ("LF", 4), ("TH", 4))
    for index in range(top, -1, -1)
)
"""The 22 joints in file order: FFJ3..0, MFJ3..0, RFJ3..0, LFJ4..0, THJ4..0."""

DRIVER_FLIPPED = (8, 19, 20, 21)
"""RFJ3, THJ2, THJ1, THJ0: the real robot's driver has their sign opposite to the MJCF's (DESIGN section 3)."""

CONVENTIONS = ("mjcf", "driver")


@dataclass(frozen=True, eq=False)
class HandPose:
    """Pose of the hand's palm body in the world, and its joints.

    Attributes:
        translation: (3,) float64 [m], origin of the palm body.
        rotation: (3, 3) float64 world_from_palm; fingers along +z, palm faces -y, index side +x.
        joints: (22,) float64 [rad] in the order of JOINT_NAMES, signs of the MJCF.

    Raises:
        HandError: wrong shape, not finite, or no rotation.
    """

    translation: NDArray[np.float64]
    rotation: NDArray[np.float64]
    joints: NDArray[np.float64]

    def __post_init__(self) -> None:
        shapes = {"translation": (3,), "rotation": (3, 3), "joints": (len(JOINT_NAMES),)}
        for field, shape in shapes.items():
            value = np.array(getattr(self, field), dtype=np.float64)
            if value.shape != shape or not np.isfinite(value).all():
                raise HandError(f"hand pose: {field} must be {shape} finite numbers, got shape {value.shape}")
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

    def row30(self) -> NDArray[np.float64]:
        """A row (30,) of the result files: translation [m], rotation vector [rad], two zeros (wrist), joints [rad]."""
        vector = Rotation.from_matrix(self.rotation).as_rotvec()
        return np.concatenate([self.translation, vector, np.zeros(2), self.joints])

    @staticmethod
    def from_row30(row: NDArray[np.floating]) -> HandPose:
        """Inverse of `row30`; the wrist entries are ignored."""
        if np.shape(row) != (30,):
            raise HandError(f"a result row has 30 numbers, got shape {np.shape(row)}")
        values = np.asarray(row, dtype=np.float64)
        return HandPose(values[:3], Rotation.from_rotvec(values[3:6]).as_matrix(), values[8:])

    def vector31(self) -> NDArray[np.float64]:
        """The row (31,) of a reference pose file: translation [m], first two columns of the rotation, joints [rad]."""
        return np.concatenate([self.translation, self.rotation[:, 0], self.rotation[:, 1], self.joints])


def save_reference_pose(pose: HandPose, path: Path) -> None:
    """Write ref_pose_NAME.npy, (1, 31) float64 in MJCF signs; it appears whole or not at all."""
    content = io.BytesIO()
    np.save(content, pose.vector31()[None])
    write_file(Path(path), content.getvalue())


def load_reference_pose(path: Path, convention: str = "mjcf") -> HandPose:
    """Read ref_pose_NAME.npy, (31,) or (1, 31).

    Args:
        path: the file.
        convention: `mjcf` for the model's joint signs, `driver` for files written for the real robot. Never guessed.

    Raises:
        HandError: missing, truncated, pickled, wrong length, not finite, columns that span no rotation, or an unknown
            convention; the message names the file.
    """
    if convention not in CONVENTIONS:
        raise HandError(f"hand_ref_pose_convention must be one of {', '.join(CONVENTIONS)}, got {convention!r}")
    try:
        values = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise HandError(
            f"{path}: no such reference pose; give hand_ref_pose_name a name or a path that exists"
        ) from None
    except (ValueError, OSError, EOFError, MemoryError, SyntaxError, TypeError, OverflowError, BadZipFile) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise HandError(f"{path}: not a readable .npy of numbers ({reason}); save the pose again") from None
    if not isinstance(values, np.ndarray):
        raise HandError(f"{path}: an archive of arrays, not a .npy of numbers; save the pose alone")
    if values.shape not in ((31,), (1, 31)) or values.dtype.kind not in "fiu":
        raise HandError(
            f"{path}: a reference pose is (31,) or (1, 31) numbers (translation 3, rotation columns 6, joints 22), "
            f"got {values.dtype} of shape {values.shape}"
        )
    vector = values.reshape(31).astype(np.float64)
    if not np.isfinite(vector).all():
        raise HandError(f"{path}: contains NaN or infinity; save the pose again")
    joints = vector[9:].copy()
    if convention == "driver":
        joints[list(DRIVER_FLIPPED)] *= -1
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
