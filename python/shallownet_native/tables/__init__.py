"""Tables: from a file or a DataFrame to what a network learns from and predicts.

`reading` reads files, `encoding` makes inputs, `values` is what a label goes by; `lessons` are the
rows learned from and held out, `rows` those predicted, `old_models` what version 0.1 wrote.
Imports `network`, `files`, `_native`, `_extras`, `_messages`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .._extras.importing import import_optional
from .lessons import Lesson, read_lesson
from .old_models import Model
from .rows import Inputs, read_inputs
from .values import value_text

if TYPE_CHECKING:
    from .encoding import TableEncoder as TableEncoder

__all__ = [
    "Inputs", "Lesson", "Model", "TableEncoder", "read_inputs", "read_lesson", "value_text",
]  # fmt: skip
__dir__ = sorted(__all__).copy


def __getattr__(name: str) -> Any:
    # the encoder alone needs scikit-learn
    if name != "TableEncoder":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import_optional("sklearn", extra="sklearn", purpose=name)
    return importlib.import_module(".encoding", __name__).TableEncoder
