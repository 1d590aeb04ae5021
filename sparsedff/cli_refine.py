"""The verbs of the refinement network: `sparsedff read`, `sparsedff train`, `sparsedff consistency`."""

from __future__ import annotations

import argparse
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparsedff.config import Config

READ = "Distil a capture into training data of the refinement network."
TRAIN = "Train the refinement network; a killed training goes on when called again."
CONSISTENCY = "Measure how well the views agree before and after a refinement network, on what it has not seen."
_CONFIG = "configs/config.yaml"
_MODES = ("base", "thick", "juicy", "per_scene", "per_scene_thick", "glayer")


def add_read_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `read.py`, those of the paper's release among them."""
    parser.add_argument("--img_data_path", required=True, metavar="NAME", help="the capture: a name, or a path")
    parser.add_argument("--dir_path", metavar="DIR", help="folder that it lies in (default: config's capture_paths)")
    parser.add_argument("--extrinsics_path", metavar="DIR", help="the rig's calibration (default: config's)")
    parser.add_argument(
        "--scale", type=int, metavar="PX", help="one feature per square of this size (default: config's)"
    )
    _add_common(parser)
    parser.set_defaults(run=_read)


def add_train_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `train_linear_probe.py`."""
    parser.add_argument("--mode", default="glayer", choices=_MODES, help="which network (default: %(default)s)")
    parser.add_argument("--fresh", action="store_true", help="forget an interrupted or finished training")
    parser.add_argument("--tensorboard", action="store_true", help="write logs; needs pip install 'sparsedff[train]'")
    parser.add_argument("--consistency", action="store_true", help="train nothing, measure the network that is there")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="with --consistency: measure this network")
    _add_common(parser)
    parser.set_defaults(run=_train)


def add_consistency_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `sparsedff consistency`."""
    parser.add_argument("--mode", default="glayer", choices=_MODES, help="whose network (default: %(default)s)")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="another network, such as the authors'")
    _add_common(parser)
    parser.set_defaults(run=_consistency)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--key", type=_number, default=0, metavar="N", help="which data and networks (default: 0)")
    parser.add_argument("--config", default=_CONFIG, metavar="FILE", help="settings (default: %(default)s)")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="settings to change, as refinement.steps=800")


def _number(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def _load(options: argparse.Namespace, *more: str) -> Config:
    from sparsedff.config import load_config
    from sparsedff.progress import AboveBars

    config = load_config(options.config, [*options.overrides, *more])
    level = logging.INFO if config.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(message)s", handlers=[AboveBars()])
    return config


def _read(options: argparse.Namespace) -> None:
    given = {"extrinsics_path": options.extrinsics_path, "scale": options.scale}
    config = _load(options, *(f"{name}={value}" for name, value in given.items() if value is not None))
    if options.dir_path is not None:
        config = replace(config, capture_paths=(options.dir_path,))

    from sparsedff.training.data import read_capture

    path, made = read_capture(config, options.img_data_path, options.key)
    print(f"training data: {path}{'' if made else ' (there already, made in the same way)'}")


def _train(options: argparse.Namespace) -> None:
    if options.consistency:
        _consistency(options)
        return
    config = _load(options)

    from sparsedff.training.probe import train_probe

    for line in train_probe(config, options.mode, options.key, options.fresh, options.tensorboard):
        print(line)


def _consistency(options: argparse.Namespace) -> None:
    config = _load(options)

    from sparsedff.refine.storage import key_folder
    from sparsedff.training.measure import measure_consistency
    from sparsedff.training.probe import NETWORK

    own = key_folder(Path(config.refinement.path), options.key) / options.mode / NETWORK
    print("\n".join(measure_consistency(config, options.key, options.checkpoint or own)))
