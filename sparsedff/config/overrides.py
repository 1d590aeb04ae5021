"""Plain values of a YAML file with key=value changes from the command line; what they may be is schema.py's matter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sparsedff.common.schema_text import takes_text, to_plain
from sparsedff.config.default import presets
from sparsedff.errors import ConfigError
from sparsedff.files.opened import reason_of
from sparsedff.files.yaml_text import check_bounds, read_yaml

_LONGEST = 10_000  # characters of one override


def read_values(path: Path, overrides: Sequence[str], schema: type) -> dict[str, Any]:
    """The file's values with the overrides applied in turn and ${references} resolved.

    Args:
        path: a YAML file that holds a mapping.
        overrides: key=value with dotted keys; the value is YAML, except that text keys of the schema take it as it is.
        schema: says which keys hold text.

    Raises:
        ConfigError: no such file, no YAML, no mapping, no key=value, or a reference that leads nowhere.
    """
    sources = [(str(path), _read(path)), *((repr(override), _parse(override, schema)) for override in overrides)]
    # The defaults lie below, so that references may lead to them; as lists, for OmegaConf keeps tuples apart.
    values: Any = OmegaConf.create(json.dumps(to_plain(schema())))
    for name, source in sources:
        if "???" in _scalars(OmegaConf.to_container(source)):  # OmegaConf would pass over it in silence
            raise ConfigError(f"{name}: ??? stands for a missing value; give one or leave the key out")
        try:
            values = OmegaConf.merge(values, source)
        except (TypeError, ValueError, OmegaConfBaseException):
            raise ConfigError(f"{name}: sets a part of something that has no such parts; set the whole key") from None
    try:
        plain: Any = OmegaConf.to_container(values, resolve=True)
    except OmegaConfBaseException as error:
        where = getattr(error, "full_key", None) or "configuration"
        raise ConfigError(f"{path}: {where}: {_line(error)}") from None
    return dict(plain)


def _read(path: Path) -> Any:
    missing = f"no such configuration file; give --config FILE, or a preset's name: {', '.join(presets())}"
    values = read_yaml(path, ConfigError, "mend the file", lambda text: OmegaConf.load(StringIO(text)), missing=missing)
    if not OmegaConf.is_dict(values):
        raise ConfigError(f"{path}: must be a mapping of keys to values; configs/config.yaml is an example")
    return values


def _parse(override: str, schema: type) -> Any:
    name, equals, text = override.partition("=")
    if not equals or not name or name.startswith("-"):
        raise ConfigError(f"{override!r}: an override is key=value, as data2=my_capture or workspace.x='[-0.2, 0.2]'")
    try:
        if len(override) > _LONGEST:
            raise ValueError(f"over {_LONGEST:,} characters")
        if takes_text(schema, name) and text not in ("", "null") and text[0] not in "'\"" and "${" not in text:
            values = OmegaConf.create()
            OmegaConf.update(values, name, text)
            return values
        check_bounds(text)
        return OmegaConf.from_dotlist([override])
    except Exception as error:  # whatever OmegaConf's grammar, or YAML's, comes upon
        shown = override if len(override) < 200 else f"{override[:200]}..."
        raise ConfigError(f"{shown!r}: its key or value cannot be read ({reason_of(error)})") from None


def _scalars(values: Any) -> list[Any]:
    if isinstance(values, dict):
        values = list(values.values())
    return [leaf for value in values for leaf in _scalars(value)] if isinstance(values, list) else [values]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
