"""The small run of tests/visualize serves here too."""

from tests.visualize.conftest import small_run

__all__ = ["small_run"]
