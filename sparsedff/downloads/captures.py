"""Put what the authors' archives hold where the toolkit looks for it."""

from __future__ import annotations

import shutil
from pathlib import Path

from sparsedff.capture.files.lookup import camera_folders
from sparsedff.downloads.unpack import unpack


def install(archive: Path, unpacked: Path, captures: Path, poses: Path) -> list[str]:
    """Unpack an archive and move captures and poses to their folders; says in lines what it found.

    Nothing that is there already is replaced. What is neither capture nor pose stays where it was unpacked.

    Args:
        archive: a .zip.
        unpacked: new folder for its content; if it exists, the archive was installed before.
        captures: gets a folder per capture, under its own name.
        poses: gets ref_pose_*.npy.

    Raises:
        DownloadError: see `unpack`.
    """
    if unpacked.exists():
        return [f"{archive.name}: unpacked before into {unpacked}; delete that folder to unpack it again"]
    unpack(archive, unpacked)
    lines = []
    for folder in sorted(path for path in unpacked.rglob("*") if path.is_dir() and camera_folders(path)):
        lines.append(f"capture {_move(folder, captures / folder.name)}")
    for file in sorted(unpacked.rglob("ref_pose_*.npy")):
        lines.append(f"pose {_move(file, poses / file.name)}")
    for file in sorted(unpacked.rglob("*.pth")):
        lines.append(f"network {file}, for model_path={file}")
    return lines or [f"{archive.name}: unpacked into {unpacked}; no capture, pose or network was recognised in it"]


def _move(source: Path, target: Path) -> str:
    if target.exists():
        return f"{source}, left there because {target} exists"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(str(source), str(target))
    return str(target)
