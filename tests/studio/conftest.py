"""A run that the tests of this folder share."""

from tests.support.small_run import small_run  # noqa: F401
