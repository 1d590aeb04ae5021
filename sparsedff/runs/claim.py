"""A folder of results belongs to the settings that made them: what is gone on with was begun alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sparsedff.common.atomic import write_file
from sparsedff.files.json_file import read_object
from sparsedff.files.opened import Error

SETTINGS = "settings.json"


def claim_folder(folder: Path, settings: Mapping[str, Any], error: Error) -> None:
    """Make a folder these settings' own, or find that it is.

    Args:
        folder: made if needed.
        settings: what the results in it depend on.
        error: what is raised.

    Raises:
        SparseDFFError: of the class `error`; the folder holds results of other settings, or cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = json.loads(json.dumps(dict(settings)))
    known = folder / SETTINGS
    if not known.exists():
        write_file(known, json.dumps(wanted, indent=1) + "\n")
        return
    found = read_object(known, error, "choose another --output")
    differing = sorted(key for key in {*wanted, *found} if wanted.get(key) != found.get(key))
    if differing:
        raise error(
            f"{known}: this folder holds results of other settings ({', '.join(differing)} differ); "
            "choose another --output or delete it"
        )
