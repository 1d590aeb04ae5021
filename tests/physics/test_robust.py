"""Lifts with the object off: even directions, one seed, none where none are asked for."""

import numpy as np
import pytest

from sparsedff.physics import robust
from sparsedff.physics.settings import LiftSettings


def test_the_object_is_moved_evenly_along_the_table(monkeypatch):
    seen = []

    def lift(mesh, path, settings, seed, world_from_object, effector=None):
        seen.append((seed, world_from_object))
        return type("Report", (), {"success": len(seen) in (1, 4)})

    monkeypatch.setattr(robust, "lift_trial", lift)
    where = np.eye(4)
    where[:3, 3] = 0.2, -0.1, 0.05
    assert robust.robustness(None, (), LiftSettings(), 7, where, 5, 0.01) == pytest.approx(0.4)
    offsets = np.array([pose[:3, 3] - where[:3, 3] for _, pose in seen])
    np.testing.assert_allclose(np.linalg.norm(offsets, axis=1), 0.01)
    np.testing.assert_allclose(offsets[:, 2], 0)
    np.testing.assert_allclose(offsets.sum(axis=0), 0, atol=1e-12)
    assert {seed for seed, _ in seen} == {7}
    assert np.isnan(robust.robustness(None, (), LiftSettings(), 7, where, 0, 0.01)) and len(seen) == 5
