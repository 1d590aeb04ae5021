"""Options that many verbs share: the configuration's file and changes to it."""

from __future__ import annotations

import argparse
import logging
from typing import TYPE_CHECKING

from sparsedff.config.default import DEFAULT

if TYPE_CHECKING:
    from sparsedff.config.config import Config


def add_settings(parser: argparse.ArgumentParser, example: str) -> None:
    """Add --config FILE and key=value; call it last, because the words of key=value follow all other words.

    Args:
        parser: of the verb.
        example: a key=value that users of the verb may want.
    """
    parser.add_argument(
        "--config", default=DEFAULT, metavar="FILE", help="settings: a file, or paper or release (default: %(default)s)"
    )
    parser.add_argument("overrides", nargs="*", metavar="key=value", help=f"settings to change, as {example}")


def load(options: argparse.Namespace, *more: str) -> Config:
    """The configuration that the options mean, with `more` key=value changes; log lines are shown from here on.

    Raises:
        ConfigError: see `load_config`.
    """
    from sparsedff.common.progress import AboveBars
    from sparsedff.config.config import load_config

    config = load_config(options.config, [*options.overrides, *more])
    level = logging.INFO if config.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(message)s", handlers=[AboveBars()])
    return config


def part_words(options: argparse.Namespace, named: list[str]) -> list[str]:
    """The words that name things; those with an equals sign become settings.

    argparse gives all words to the first of two lists of positionals, so a verb that has names before `add_settings`
    finds them mixed.

    Args:
        options: whose overrides are changed.
        named: what argparse took for names.
    """
    words = [*named, *options.overrides]
    options.overrides = [word for word in words if "=" in word]
    return [word for word in words if "=" not in word]
