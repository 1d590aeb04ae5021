"""A feature field asked in space: where on the new object is what the demonstrated fingertip touches?"""

import numpy as np
import torch

import sparsedff


def main(reference="monkey_original", test="monkey_test", pose="monkey", settings=None):
    """Returns the point on the reference object and the most similar one on the test object, (3,) [m] each."""
    shown, new = sparsedff.load_capture(reference), sparsedff.load_capture(test)
    hand_pose = sparsedff.load_pose(pose)
    clouds = (
        sparsedff.distil(shown, hand_pose, settings=settings),
        sparsedff.distil(new, reference=shown, settings=settings),  # comparable: reduced as on the reference
    )
    touched = clouds[0].points[np.linalg.norm(clouds[0].points - hand_pose.translation, axis=1).argmin()]
    fields = [sparsedff.make_field(cloud, settings) for cloud in clouds]
    wanted = fields[0].values(torch.tensor(touched[None], dtype=fields[0].points.dtype))
    found = fields[1].values(torch.tensor(clouds[1].points, dtype=fields[0].points.dtype))
    match = clouds[1].points[int((found - wanted).abs().mean(dim=1).argmin())]
    print("nearest to the palm:", touched.round(3), "m; most like it on the new object:", match.round(3), "m")
    return touched, match


if __name__ == "__main__":
    main()
