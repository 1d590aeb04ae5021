"""Own arrays to a grasp: colour, depth, intrinsics and poses of the cameras, as NumPy arrays."""

import sparsedff


def arrays_of_yours(name):
    """Here they come from a capture of the packaged sample; yours come from your cameras."""
    views = sparsedff.load_capture(name).views
    colors = [view.color_rgb for view in views]  # (H, W, 3) uint8, RGB
    depths = [view.depth_m for view in views]  # (H, W), metres as floats or millimetres as integers, 0 = no reading
    intrinsics = [view.intrinsics for view in views]  # (3, 3) [px]
    poses = [view.world_from_camera for view in views]  # (4, 4): z up from the table, metres
    distortions = [view.distortion for view in views]  # OpenCV's k1 k2 p1 p2 k3 k4 k5 k6
    return colors, depths, intrinsics, poses, distortions


def main(reference="monkey_original", test="monkey_test", pose="monkey", settings=None):
    """Transfer, save and return the result."""
    shown = sparsedff.make_capture("shown", *arrays_of_yours(reference))
    new = sparsedff.make_capture("new", *arrays_of_yours(test))
    result = sparsedff.transfer(shown, new, sparsedff.load_pose(pose), settings)
    print("palm at", result.pose.translation.round(3), "m, after", len(result.trajectory), "poses of the approach")
    print("saved in", result.save())
    return result


if __name__ == "__main__":
    main()
