"""End effectors from files: users' own in MJCF and URDF, and what is said of files that will not do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from sparsedff.errors import ConfigError, HandError
from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.registry import end_effector
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.spec_file import read_spec

URDF = """<robot name="pincer">
  <link name="base"><collision><geometry><box size="0.04 0.04 0.04"/></geometry></collision></link>
  <link name="left"><collision><origin xyz="0 0 0.03"/>
    <geometry><box size="0.01 0.02 0.06"/></geometry></collision></link>
  <link name="right"><collision><origin xyz="0 0 0.03"/>
    <geometry><sphere radius="0.01"/></geometry></collision></link>
  <joint name="bend" type="revolute"><parent link="base"/><child link="left"/><origin xyz="0.02 0 0.02"/>
    <axis xyz="0 1 0"/><limit lower="-0.5" upper="0.5" effort="1" velocity="1"/></joint>
  <joint name="copy" type="revolute"><parent link="base"/><child link="right"/><origin xyz="-0.02 0 0.02"/>
    <axis xyz="0 1 0"/><limit lower="-1" upper="0.8" effort="1" velocity="1"/></joint>
</robot>"""
FILE = {
    "meaning": "a pincer",
    "model": {"file": "pincer.urdf"},
    "root": "base",
    "approach": [0, 0, 1],
    "pointing": [0, 1, 0],
    "joints": ["bend"],
    "followers": {"copy": {"leader": "bend", "ratio": -2.0, "offset": 0.1}},
    "fingers": {
        "One": {"roles": ["index", "middle"], "tip": "left", "pad_m": [-0.004, 0, 0.05], "normal": [-1, 0, 0]},
        "Two": {"roles": "thumb", "tip": "right", "pad_m": [0.009, 0, 0.03], "normal": [1, 0, 0]},
    },
    "presets": {"shut": {"bend": -0.2}},
}


def written(folder: Path, **changes: object) -> Path:
    (folder / "pincer.urdf").write_text(URDF)
    content = {key: value for key, value in (FILE | changes).items() if value is not None}
    (folder / "pincer.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    return folder / "pincer.yaml"


def test_a_users_urdf_with_a_mimic_joint_and_its_own_axes_is_a_hand(tmp_path: Path) -> None:
    hand = ModelHand(end_effector(str(written(tmp_path))), HandSettings(pt_nums=30), dtype=torch.float64)
    # The follower reaches [-1, 0.8]: -2 bend + 0.1 keeps within it for bend in [-0.35, 0.55]; bend's own end is 0.5.
    np.testing.assert_allclose(hand.limits_rad, [[-0.35, 0.5]])
    links = hand.world_from_links(*hand.pose_tensors(HandPose(np.zeros(3), np.eye(3), np.array([0.3]))))[0].numpy()
    place = dict(zip(hand.links, links, strict=True))
    # The root looks along its z, which is the palm's -y, and its y is the palm's z.
    np.testing.assert_allclose(place["base"][:3, :3] @ [0, 0, 1], [0, -1, 0], atol=1e-9)
    np.testing.assert_allclose(place["base"][:3, :3] @ [0, 1, 0], [0, 0, 1], atol=1e-9)
    turn = place["base"][:3, :3].T @ place["right"][:3, :3]
    np.testing.assert_allclose(turn @ [0, 0, 1], [np.sin(-0.5), 0, np.cos(-0.5)], atol=1e-7)
    assert hand.spec.preset("shut", hand.limits_rad) == pytest.approx([-0.2])


WRONG = {
    "no_key": ({"root": None}, "root is missing"),
    "unknown_key": ({"rooot": "base"}, "rooot: no such key"),
    "square": ({"approach": [0, 1, 1]}, "approach and pointing must be unit vectors"),
    "joint": ({"ready": {"bent": 1.0}}, "ready: bent is none of the joints"),
    "number": ({"presets": {"shut": {"bend": "x"}}}, r"presets\.shut\.bend must be a finite number"),
    "role": (
        {"fingers": {name: {**one, "roles": "toe"} for name, one in FILE["fingers"].items()}},
        "each of the roles",
    ),
    "thumb": ({"fingers": dict(reversed(FILE["fingers"].items()))}, "the thumb must be the last"),
    "limits": ({"limits": {"speed": 0}}, "limits must be above 0"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_one_line_that_names_file_and_key(case: str, tmp_path: Path) -> None:
    changes, said = WRONG[case]
    with pytest.raises(
        HandError, match=rf"^[^\n]*pincer\.yaml: is no description[^\n]*{said}[^\n]*docs/hands\.md[^\n]*$"
    ):
        read_spec(written(tmp_path, **changes))


MODELS = {
    "root": ({"root": "wrist"}, "no link wrist, the root"),
    "left out": ({"followers": None}, "joint copy is neither in joints nor in followers"),
    "no joint": ({"joints": ["bend", "twist"]}, "lacks the joint twist"),
    "no tip": (
        {"fingers": {n: {**one, "tip": "nail"} for n, one in FILE["fingers"].items()}},
        "no link nail below base",
    ),
    "no file": ({"model": {"file": "other.urdf"}}, "no other.urdf in"),
}


@pytest.mark.parametrize("case", MODELS)
def test_a_model_that_lacks_what_the_file_names_is_one_line(case: str, tmp_path: Path) -> None:
    changes, said = MODELS[case]
    with pytest.raises(HandError, match=rf"^pincer: [^\n]*{said}[^\n]*$"):
        ModelHand(read_spec(written(tmp_path, **changes)), HandSettings(pt_nums=30))


def test_a_name_that_is_none_lists_those_there_are() -> None:
    with pytest.raises(
        ConfigError, match="no 'fist'; there are shadow_hand, parallel_gripper, allegro, leap, or the path"
    ):
        end_effector("fist")
    with pytest.raises(HandError, match=r"nowhere\.yaml: no such end effector"):
        end_effector("nowhere.yaml")
