"""A transfer whose answer is known: the test cloud is the reference cloud moved rigidly, features and all."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.geometry import apply, transform
from sparsedff.hands.pose import HandPose
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.hands.shadow.joints import JOINT_NAMES
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.fields import field_of
from sparsedff.transfer.settings import AlignmentSettings, FieldSettings, Weights
from sparsedff.transfer.starts import PALM_DOWN
from sparsedff.transfer.terms.registry import TERMS
from sparsedff.transfer.transfer import make_energy
from tests.support.hand_oracle import shadow

HAND_POINTS = 60
FEATURE_ONLY = dict.fromkeys(TERMS.names, 0.0) | {"feature": 1.0}
AS_PUBLISHED = FieldSettings(power=2.0)


def toy_hand() -> ShadowHand:
    return shadow(torch.float64, HAND_POINTS)


def demonstration() -> HandPose:
    """From above, fingers half closed around what stands at the origin."""
    joints = dict.fromkeys(JOINT_NAMES, 0.0)
    for finger in ("FF", "MF", "RF", "LF"):
        joints |= {f"{finger}J2": 0.6, f"{finger}J1": 0.5, f"{finger}J0": 0.4}
    joints |= {"THJ4": 0.1, "THJ3": 1.0, "THJ0": -0.3}
    return HandPose(np.array([0.06, 0.0, 0.17]), PALM_DOWN, np.array(list(joints.values())))


def cloud(seed: int = 0, count: int = 250) -> FeatureCloud:
    """A lopsided blob whose features are its own coordinates, bent a little, in colours of no meaning."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(count, 3))
    points *= np.array([0.04, 0.03, 0.045]) / np.linalg.norm(points, axis=1, keepdims=True)
    points += [0.0, 0.0, 0.06]
    x, y, z = (points / 0.05).T
    features = np.stack([x, y, z, np.sin(3 * x), np.cos(2 * y + x), x * y], axis=1)
    colors = np.zeros((count, 3), dtype=np.uint8)
    return FeatureCloud(points.astype(np.float32), colors, features.astype(np.float32), np.zeros(count, dtype=np.int64))


def moved_cloud(test_from_reference: np.ndarray) -> FeatureCloud:
    one = cloud()
    points = apply(test_from_reference, one.points).astype(np.float32)
    return FeatureCloud(points, one.colors, one.features, one.view_index)


def planar(yaw_deg: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    """Turned about the vertical and pushed along the table."""
    return transform(Rotation.from_euler("z", yaw_deg, degrees=True).as_matrix(), np.array([x, y, 0]))


def toy_energy(test_from_reference: np.ndarray, weights: Mapping[str, float] = FEATURE_ONLY) -> Energy:
    hand, test = toy_hand(), moved_cloud(test_from_reference)
    fields = field_of(cloud(), hand, AS_PUBLISHED), field_of(test, hand, AS_PUBLISHED)
    return make_energy(hand, fields, demonstration(), test.points, weighted(weights))


def weighted(weights: Mapping[str, float], focus_m: float = 1e9) -> AlignmentSettings:
    """Settings with these weights; all hand points count alike unless they are told to focus."""
    return AlignmentSettings(weights=Weights(**weights), focus_distance_m=focus_m)
