"""Optional packages: imported at the moment of use, and a clear error where one is absent.

The extras named here are those of `pyproject.toml`.
"""

from __future__ import annotations

import importlib
from types import ModuleType


class MissingPackageError(ModuleNotFoundError):
    """An optional package is not installed; the message names the extra that installs it."""


def import_optional(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import a module that only an extra brings.

    Parameters
    ----------
    module : str
        Full name of the module, for example ``"sklearn.datasets"``.
    extra : str
        The extra of this package that installs it.
    purpose : str
        What needs it: the beginning of the error's sentence.

    Returns
    -------
    module

    Raises
    ------
    MissingPackageError
        If the package is not installed; the message is one line and names the command that
        installs it. A package that is present but broken raises its own error, unchanged.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name != package:
            raise
        raise MissingPackageError(
            f"{purpose} needs {_DISTRIBUTIONS.get(package, package)}, which is not installed: "
            f"pip install 'shallownet-native[{extra}]'",
            name=package,
        ) from error


_DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn"}
