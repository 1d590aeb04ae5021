"""The rig and the board that all tests of calibration share."""

from tests.support.known_rig import board, rig, still_poses, stills_folder  # noqa: F401
