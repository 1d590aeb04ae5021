"""The one exception tree of the toolkit.

Every message says what is wrong, where (file, key or view) and what to do about it, on one line: the command line
prints it as it is and exits with code 2.
"""


class SparseDFFError(Exception):
    """Root of every error a user can cause or mend."""


class ConfigError(SparseDFFError):
    """A key, type or value in the configuration is not allowed."""


class CaptureError(SparseDFFError):
    """A capture folder, or one file in it, cannot be used."""


class CameraError(SparseDFFError):
    """A camera or a recording is not there, cannot be opened, or has stopped giving images."""


class CalibrationError(SparseDFFError):
    """Camera or table calibration is missing, malformed or singular."""


class DistillError(SparseDFFError):
    """No feature cloud can be made: no object found, too few points, unknown method."""


class HandError(SparseDFFError):
    """A hand model or a hand pose cannot be used."""


class TransferError(SparseDFFError):
    """The optimisation cannot start or has left the finite numbers."""


class PhysicsError(SparseDFFError):
    """An object cannot take part in a lift trial."""


class StudioError(SparseDFFError):
    """The studio cannot do what is asked of it now."""


class MissingPackageError(SparseDFFError):
    """A package or program that only some commands need is not installed."""


class TrainingError(SparseDFFError):
    """The training of a refinement network has left the finite numbers."""


class WeightsError(SparseDFFError):
    """A model's weights are missing, damaged, or of another model than the one asked for."""


class DownloadError(SparseDFFError):
    """A file cannot be fetched, is not what was asked for, or cannot be unpacked."""


class BopError(SparseDFFError):
    """A BOP data set, a file in it, or a table of results cannot be used."""


class EvaluationError(SparseDFFError):
    """A benchmark cannot run, or its results cannot be used."""


class OutputError(SparseDFFError):
    """What a command has to say cannot be written, or it has no folder to work in."""


class RunError(SparseDFFError):
    """A saved run cannot be read, or lacks what is asked of it."""
