"""A loop with a robot: one demonstration, many scenes, and a rule when not to move. The robot here only prints."""

import numpy as np

import sparsedff

FARTHEST_M = 0.02
"""A finger that touched in the demonstration and is farther than this from the new object: leave it."""


class PrintingRobot:
    """Stands for a driver: takes palm poses in its base frame and joint angles, one after the other."""

    base_from_world = np.eye(4)  # `sparsedff calibrate hand-eye` finds yours (cam2base in transform.yaml)

    def __init__(self):
        self.sent = []

    def move_to(self, base_from_palm, joints):
        """Send one pose."""
        self.sent.append((base_from_palm, joints))

    def close(self, joints):
        """Close the hand: a position controller that presses a little beyond the pose."""
        print(f"closing after {len(self.sent)} poses")


def main(reference="monkey_original", tests=("monkey_test",), pose="monkey", settings=None):
    """Grasp the object of every scene; returns the robot and how many scenes were left."""
    robot, left = PrintingRobot(), 0
    demonstration = sparsedff.demonstrate(reference, pose, settings)  # models and reference: once
    for name in tests:  # in a real loop: a capture of now, from sparsedff.make_capture
        try:
            result = demonstration.transfer(name)
        except sparsedff.SparseDFFError as error:  # no object on the table, a camera that saw nothing
            print(f"{name}: {error}")
            left += 1
            continue
        farthest = max((contact.found_m for contact in result.contact), default=0.0)
        if farthest > FARTHEST_M:
            print(f"{name}: a finger is {100 * farthest:.1f} cm from the object; not executed")
            left += 1
            continue
        for step in result.trajectory:
            robot.move_to(robot.base_from_world @ step.world_from_palm, step.joints)
        robot.close(result.pose.joints)
    return robot, left


if __name__ == "__main__":
    main()
