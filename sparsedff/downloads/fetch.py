"""Fetch one file: skip it if it is there and right, else bring it, check size and SHA-256, give it its name."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pooch

from sparsedff.downloads.disk import check_room
from sparsedff.downloads.items import Item, source_of
from sparsedff.downloads.stream import Transfer
from sparsedff.errors import DownloadError
from sparsedff.files.sha256 import remember_sha256


def fetch(item: Item, folder: Path, environment: Mapping[str, str], **settings: Any) -> Path:
    """The path of the item's file in `folder`, which is made if need be.

    A file of this name that is already there and has the right hash is left alone; one that has another is replaced,
    but only once the right one has come.

    Args:
        item: what to fetch.
        folder: where to.
        environment: may name a mirror.
        settings: of `Transfer`, for tests.

    Raises:
        DownloadError: see `Transfer`; or the content is not the official one.
    """
    target = folder / item.file
    if target.is_file() and item.sha256 is None:
        return target
    source = source_of(item, environment)
    folder.mkdir(parents=True, exist_ok=True)
    transfer = Transfer(target, item.size, by_hand=item.by_hand, **settings)
    have = transfer.part.stat().st_size if transfer.part.exists() else 0
    if item.size is not None and not target.exists():
        check_room(folder, item.size - have)
    # What pooch says at this level, we say ourselves.
    pooch.get_logger().setLevel(logging.WARNING)
    try:
        pooch.retrieve(
            str(source),
            known_hash=f"sha256:{item.sha256}" if item.sha256 else None,
            fname=item.file,
            path=folder,
            downloader=transfer,
        )
    except ValueError:  # pooch's word for another hash; what came is deleted by then
        raise DownloadError(
            f"{source}: its content is not the official {item.file} (SHA-256 differs), so it was thrown away; "
            "check the source and run this again"
        ) from None
    if item.sha256:
        remember_sha256(target, item.sha256)
    return target
