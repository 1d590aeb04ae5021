"""Plain values of a YAML file with key=value changes from the command line; what they may be is schema.py's matter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from sparsedff.common.schema_text import takes_text, to_plain
from sparsedff.errors import ConfigError


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
    try:
        values = OmegaConf.load(path)
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such configuration file; run from the repository's root or give --config FILE"
        ) from None
    except (YAMLError, ValueError, RecursionError, OmegaConfBaseException) as error:
        raise ConfigError(f"{path}: is not valid YAML ({_line(error)}); mend the file") from None
    except OSError as error:  # also what OmegaConf raises for a file that holds a single word
        raise ConfigError(f"{path}: cannot be read as a configuration ({error.strerror or error})") from None
    if not OmegaConf.is_dict(values):
        raise ConfigError(f"{path}: must be a mapping of keys to values; configs/config.yaml is an example")
    return values


def _parse(override: str, schema: type) -> Any:
    name, equals, text = override.partition("=")
    if not equals or not name or name.startswith("-"):
        raise ConfigError(f"{override!r}: an override is key=value, as data2=my_capture or workspace.x='[-0.2, 0.2]'")
    try:
        if takes_text(schema, name) and text not in ("", "null") and text[0] not in "'\"" and "${" not in text:
            values = OmegaConf.create()
            OmegaConf.update(values, name, text)
            return values
        return OmegaConf.from_dotlist([override])
    except (YAMLError, ValueError, TypeError, RecursionError, OmegaConfBaseException) as error:
        raise ConfigError(f"{override!r}: its key or value cannot be read ({_line(error)})") from None


def _scalars(values: Any) -> list[Any]:
    if isinstance(values, dict):
        values = list(values.values())
    return [leaf for value in values for leaf in _scalars(value)] if isinstance(values, list) else [values]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
