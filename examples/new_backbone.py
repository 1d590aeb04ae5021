"""A backbone of one's own: a class with three methods, and one line that registers it."""

from dataclasses import dataclass

import cv2
import numpy as np

import sparsedff
from sparsedff.distill.backbones.registry import BACKBONES, BackboneEntry


@dataclass(frozen=True)
class HeightAndColor:
    """Height over the table and colour in Lab: five numbers a point, enough for two objects of the same colours.

    A dataclass tells the cache by its fields what decides its features; other classes have a method `identity`.
    """

    name: str = "height_and_color"
    height_scale: float = 5.0

    def extract(self, views):
        """Raw features (rows, columns, 5) of every view, on the view's grid."""
        maps = []
        for view in views:
            u, v = (np.rint(axis).astype(int) for axis in view.cell_centres())
            lab = cv2.cvtColor(view.color_rgb, cv2.COLOR_RGB2LAB).astype(np.float32) / 255
            x_y_z = np.nan_to_num(view.points_world[v, u])
            height = self.height_scale * x_y_z[..., 2:]
            maps.append(np.concatenate([lab[v, u], height, height**2], axis=-1).astype(np.float32))
        return maps

    def fit(self, reference):
        """From raw features to the field's: scaled so that every channel varies by 1 on the reference."""
        spread = reference.features.std(axis=0) + 1e-6
        return lambda cloud: cloud.with_features(cloud.features / spread)


def make(name, settings, device):
    """What the registry calls; `settings` is the section `features`, `device` where models compute."""
    return HeightAndColor()


def main(reference="monkey_original", test="monkey_test", pose="monkey", settings=None):
    """Transfer with these features."""
    BACKBONES.add(BackboneEntry("height_and_color", f"{__name__}:make", "height and colour", pruning="raw"))
    config = sparsedff.load_config(changes={**(settings or {}), "backbone": "height_and_color"})
    result = sparsedff.transfer(reference, test, pose, config)
    print("feature energy", round(result.energies["feature"], 3), "with", result.finished.done.clouds[0].features.shape)
    return result


if __name__ == "__main__":
    main()
