"""The Shadow Hand's joints, in the order and with the signs of the paper's pose files (docs/files.md)."""

from __future__ import annotations

from sparsedff.hands.registry import SHADOW_HAND, end_effector

SHADOW_JOINTS = end_effector(SHADOW_HAND).layout
"""RFJ3, THJ2, THJ1 and THJ0 have the opposite sign in files of the real robot's driver."""

JOINT_NAMES = SHADOW_JOINTS.names
"""The 22 joints in file order: FFJ3..0, MFJ3..0, RFJ3..0, LFJ4..0, THJ4..0."""
