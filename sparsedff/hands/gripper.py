"""A parallel-jaw gripper from its measures: a body and two jaws that slide together and apart.

The palm's frame is that of all hands: the gripper looks along -y, and its jaws close along x. The origin lies on the
body's front, the jaws reach `finger_m` ahead of it. The one number of a pose is the opening between the pads [m].
"""

from __future__ import annotations

from collections.abc import Mapping
from math import pi

from sparsedff.errors import HandError

MEASURES = {
    "stroke_m": "greatest opening between the pads",
    "finger_m": "length of the fingers ahead of the body",
    "finger_width_m": "width of a finger across the closing direction",
    "finger_thickness_m": "thickness of a finger along the closing direction",
    "body_m": "length of the body",
    "body_radius_m": "radius of the body",
    "force_n": "greatest closing force [N]",
}
"""What describes a gripper [m where nothing else is said]."""


def gripper_mjcf(measures: Mapping[str, float]) -> str:
    """The gripper as MJCF.

    Args:
        measures: all of MEASURES, above zero.

    Raises:
        HandError: one is missing, unknown or not above zero.
    """
    for name in (*measures, *MEASURES):
        if name not in MEASURES or not measures.get(name, 0.0) > 0:
            raise HandError(f"a gripper is described by {', '.join(MEASURES)}, all above 0; look at {name}")
    half_thick, half_wide, half_long = (
        0.5 * measures[name] for name in ("finger_thickness_m", "finger_width_m", "finger_m")
    )
    half_stroke, radius, half_body = 0.5 * measures["stroke_m"], measures["body_radius_m"], 0.5 * measures["body_m"]
    # The fingers' carriages run in front of the body, out to where the open fingers stand.
    rail = half_stroke + measures["finger_thickness_m"]
    straight, rise, force = max(half_body - radius, 1e-4), 0.25 * radius, measures["force_n"]
    jaws = "".join(
        f"""
      <body name="{side}_jaw" pos="{sign * half_thick:.9g} {-half_long:.9g} 0">
        <joint name="{side}_slide" type="slide" axis="{sign} 0 0" range="0 {half_stroke:.9g}"/>
        <geom type="box" size="{half_thick:.9g} {half_long:.9g} {half_wide:.9g}" mass="0.05"/>
      </body>"""
        for side, sign in (("left", 1), ("right", -1))
    )
    return f"""<mujoco model="parallel gripper">
  <compiler angle="radian" autolimits="true"/>
  <default>
    <joint damping="5" armature="0.1"/>
    <geom condim="4" friction="0.9 0.005 0.0001"/>
  </default>
  <worldbody>
    <body name="body">
      <geom type="capsule" size="{radius:.9g} {straight:.9g}" pos="0 {half_body:.9g} 0"
        euler="{0.5 * pi} 0 0" mass="0.8"/>
      <geom type="box" size="{rail:.9g} {rise:.9g} {half_wide:.9g}" pos="0 {rise:.9g} 0" mass="0.1"/>{jaws}
    </body>
  </worldbody>
  <contact>
    <exclude body1="left_jaw" body2="right_jaw"/>
  </contact>
  <tendon>
    <fixed name="opening">
      <joint joint="left_slide" coef="1"/>
      <joint joint="right_slide" coef="1"/>
    </fixed>
  </tendon>
  <equality>
    <joint joint1="right_slide" joint2="left_slide" polycoef="0 1 0 0 0" solref="0.005 1"/>
  </equality>
  <actuator>
    <position name="opening" tendon="opening" kp="1000" forcerange="{-force:.9g} {force:.9g}"/>
  </actuator>
</mujoco>
"""
