"""The Shadow Hand's joints, in the order and with the signs of the paper's pose files (docs/files.md)."""

from __future__ import annotations

from sparsedff.hands.layout import JointLayout

JOINT_NAMES = tuple(
    f"{finger}J{index}"
    for finger, top in (("FF", 3), ("MF", 3), ("RF", 3), ("LF", 4), ("TH", 4))
    for index in range(top, -1, -1)
)
"""The 22 joints in file order: FFJ3..0, MFJ3..0, RFJ3..0, LFJ4..0, THJ4..0."""

SHADOW_JOINTS = JointLayout(JOINT_NAMES, driver_flipped=(8, 19, 20, 21))
"""RFJ3, THJ2, THJ1 and THJ0 have the opposite sign in files of the real robot's driver."""
