"""Settings as the functions of the API take them: a Config, changes to the defaults by key, or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from sparsedff.config.config import Config
from sparsedff.config.config import load_config as read_config
from sparsedff.config.default import DEFAULT

Settings: TypeAlias = Config | Mapping[str, Any] | None
"""A Config; changes to the defaults, as {"alignment.opt_iterations": 50}; None = the defaults."""


def load_config(file: Path | str = DEFAULT, changes: Mapping[str, Any] | None = None) -> Config:
    """The settings of a file, with changes.

    Args:
        file: a YAML file, or the name of a preset of the package: paper, release.
        changes: values by dotted key, as on the command line.

    Raises:
        ConfigError: no such file, an unknown key, a wrong type or a value out of range; names key and value.
    """
    return read_config(file, [f"{key}={json.dumps(value)}" for key, value in (changes or {}).items()])


def as_config(settings: Settings) -> Config:
    """The Config that an argument `settings` means.

    Raises:
        ConfigError: as `load_config`.
    """
    return settings if isinstance(settings, Config) else load_config(changes=settings)
