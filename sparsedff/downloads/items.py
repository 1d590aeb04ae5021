"""What can be fetched, and from where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sparsedff.distill.weights.files import DINOV2_FILES, SAM_FILES, OfficialFile
from sparsedff.errors import DownloadError

MIRROR = "SPARSEDFF_MIRROR"
"""Environment variable: a URL prefix or a local folder that holds the files under their names."""


@dataclass(frozen=True)
class Item:
    """One file to fetch.

    Attributes:
        file: its name on disk, and on a mirror.
        url: where its authors publish it.
        size: [bytes], and sha256: what it must be; None where nobody has published them, as for the authors' archives
            on Google Drive: such a file is checked only for being a sound archive.
        by_hand: whether its host sometimes answers with a web page, so that a person may have to fetch it.
    """

    file: str
    url: str
    size: int | None = None
    sha256: str | None = None
    by_hand: bool = False


def _weights(official: OfficialFile) -> Item:
    return Item(official.file, official.url, official.size, official.sha256)


def _drive(file: str, identity: str) -> Item:
    url = f"https://drive.usercontent.google.com/download?id={identity}&export=download&confirm=t"
    return Item(file, url, by_hand=True)


WEIGHTS = {"dinov2": _weights(DINOV2_FILES["dinov2_vitb14"]), "sam": _weights(SAM_FILES["vit_h"])}
CAPTURES = {
    "img": _drive("img_data.zip", "17fiub4POzxQMZho5qnAFkE97dlH8kTRf"),
    "pth": _drive("pth_data.zip", "1ji-SEZ8xusSmX4OmpPGVcMI4o27PEaL2"),
}


def source_of(item: Item, environment: Mapping[str, str]) -> str | Path:
    """The URL or the local file from which an item is taken.

    Raises:
        DownloadError: the mirror is a folder that does not hold the file, nothing that can be a mirror, or a plain http
            one for a file whose hash nobody has published: it could be changed on the way, and nobody would notice.
    """
    mirror = environment.get(MIRROR, "").strip()
    if not mirror:
        return item.url
    if mirror.startswith("http://") and item.sha256 is None and not _is_this_machine(mirror):
        raise DownloadError(
            f"{MIRROR}={mirror}: {item.file} has no published hash, so it is not taken over http; give an https URL or "
            "a folder"
        )
    if mirror.startswith(("http://", "https://")):
        return f"{mirror.rstrip('/')}/{item.file}"
    path = Path(mirror).expanduser() / item.file
    if not path.is_file():
        raise DownloadError(f"{MIRROR}={mirror}: there is no {path}; put the file there, or give an http(s) URL prefix")
    return path


def _is_this_machine(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")
