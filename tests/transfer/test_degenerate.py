"""Where gradients may break: points on each other, joints on their stops, 6D vectors in line. All stay finite."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from sparsedff.hands.pose import HandPose
from sparsedff.hands.rotation6d import rotation_from_6d
from sparsedff.transfer.free_variables import FreeVariables
from sparsedff.transfer.settings import AlignmentSettings
from sparsedff.transfer.terms.joint_limits import joint_limit_term
from sparsedff.transfer.terms.registry import TERMS
from tests.support.transfer_toys import demonstration, planar, toy_energy, toy_hand

EVERY = dict.fromkeys(TERMS.names, 1.0)
FLOATS = (torch.float32, torch.float64)


def gradients(pose: HandPose, **goal: Tensor) -> tuple[Tensor, ...]:
    """Of the energy with every term, by translation, rotation and joints."""
    energy = toy_energy(planar(0), EVERY)
    energy = replace(energy, goal=replace(energy.goal, **goal))
    inputs = [part.clone().requires_grad_() for part in energy.goal.hand.pose_tensors(pose)]
    total = energy.total(energy.terms(*inputs))
    assert total.isfinite().all()
    return torch.autograd.grad(total.sum(), inputs)


def test_object_points_on_the_hands_own_points_and_axes() -> None:
    """Coincident points: the object's lie on the hand's surface, on its links' origins, and twice in one place."""
    hand, pose = toy_hand(), demonstration()
    links = hand.world_from_links(*hand.pose_tensors(pose))
    on = torch.cat([torch.tensor(hand.surface_of(pose)), links[0, :, :3, 3]])
    for found in gradients(pose, object_points=torch.cat([on, on])):
        assert found.isfinite().all()


def test_a_field_that_is_asked_on_its_own_points() -> None:
    energy = toy_energy(planar(0), EVERY)
    points = energy.goal.field.points[:50].clone().requires_grad_()
    value = energy.goal.field.l1(points[None], torch.zeros(50, energy.goal.field.channels, dtype=points.dtype))
    (found,) = torch.autograd.grad(value.sum(), points)
    assert value.isfinite().all() and found.isfinite().all()


@pytest.mark.parametrize("stop", [0, 1])
def test_joints_on_their_stops_are_pushed_back(stop: int) -> None:
    limits = toy_hand().joint_limits
    for found in gradients(replace(demonstration(), joints=limits[:, stop].numpy().copy())):
        assert found.isfinite().all()
    joints = limits[:, stop][None].clone().requires_grad_()
    (slope,) = torch.autograd.grad(joint_limit_term(joints, limits).sum(), joints)
    assert (slope * (1 if stop else -1) > 0).all()  # downhill leads back into the range
    outside = (limits[:, stop] + (0.1 if stop else -0.1))[None].requires_grad_()
    (slope,) = torch.autograd.grad(joint_limit_term(outside, limits).sum(), outside)
    assert slope.isfinite().all() and (slope * (1 if stop else -1) > 0).all()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("angle", [1e-6, 1e-3, np.pi - 1e-3, np.pi - 1e-6])
def test_vectors_nearly_in_line_still_give_a_rotation_with_a_finite_gradient(dtype: torch.dtype, angle: float) -> None:
    columns = torch.tensor([[1.0, 0, 0, np.cos(angle), np.sin(angle), 0]], dtype=dtype, requires_grad=True)
    rotation = rotation_from_6d(columns)
    (found,) = torch.autograd.grad(rotation.square().sum() + rotation[0, 0, 2] + rotation[0, 1, 0], columns)
    assert rotation.isfinite().all() and found.isfinite().all()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("second", [(1.0, 0, 0), (-2.0, 0, 0), (0.0, 0, 0)])
def test_vectors_in_line_make_no_number_infinite(dtype: torch.dtype, second: tuple[float, float, float]) -> None:
    """They span no rotation (see the function); an optimiser that comes upon them must not lose its numbers."""
    columns = torch.tensor([[1.0, 0, 0, *second]], dtype=dtype, requires_grad=True)
    rotation = rotation_from_6d(columns)
    (found,) = torch.autograd.grad(rotation[0, 0, 0] + rotation[0, 1, 1] + rotation[0, 2, 2], columns)
    assert rotation.isfinite().all() and found.isfinite().all()


def test_starts_on_the_stops_have_a_gradient_in_every_joint() -> None:
    hand = toy_hand()
    poses = [replace(demonstration(), joints=hand.limits_rad[:, stop].copy()) for stop in (0, 1)]
    variables = FreeVariables(poses, hand, AlignmentSettings())
    _, _, joints = variables.decoded()
    (found,) = torch.autograd.grad(joints.sum(), variables._adam.values[2])
    assert found.isfinite().all() and (found > 0).all()
