"""An authored pose as a file: read back alike, never over another by accident."""

from pathlib import Path

import numpy as np
import pytest

from sparsedff.errors import HandError
from sparsedff.hands.pose import load_reference_pose
from sparsedff.hands.shadow.joints import SHADOW_JOINTS
from sparsedff.studio.save import save_pose
from tests.support.transfer_toys import demonstration


def test_what_was_saved_is_read(tmp_path: Path) -> None:
    path = save_pose(demonstration(), "from_above-2", tmp_path / "poses")
    assert path == tmp_path / "poses" / "ref_pose_from_above-2.npy"
    np.testing.assert_allclose(load_reference_pose(path, SHADOW_JOINTS).vector(), demonstration().vector(), atol=1e-12)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_taken_name_is_refused_unless_it_may_be_replaced(tmp_path: Path) -> None:
    path = save_pose(demonstration(), "mine", tmp_path)
    path.write_bytes(b"precious")
    with pytest.raises(HandError, match="exists"):
        save_pose(demonstration(), "mine", tmp_path)
    assert path.read_bytes() == b"precious"
    save_pose(demonstration(), "mine", tmp_path, replace=True)
    load_reference_pose(path, SHADOW_JOINTS)


@pytest.mark.parametrize("name", ["", "../up", "a b", "ä", "x" * 81, "a/b"])
def test_names_that_are_no_file_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(HandError, match="letters, digits"):
        save_pose(demonstration(), name, tmp_path)
    assert not list(tmp_path.iterdir())
