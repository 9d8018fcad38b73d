"""What the command line knows of a table beside a model: the attribute `table_`, and its check."""

from __future__ import annotations

from typing import Any

from ...files import ModelFormatError
from ...tables import value_text


def check_facts(facts: Any) -> dict[str, Any]:
    """Return what is known of a table, or raise TypeError or ValueError."""
    from ...tables import reading

    return reading.check_facts(facts)


def check_fit(facts: dict[str, Any], encoder: Any, network: Any, *, is_classifier: bool) -> None:
    """Raise ModelFormatError unless what is known of a table fits what has learned from it.

    Parameters
    ----------
    facts : dict
    encoder : TableEncoder
    network : estimator
        What predicts.
    is_classifier : bool
    """
    from ...tables import reading

    if is_classifier != (facts["task"] == "classification"):
        raise ModelFormatError("the network does not fit the table's task")
    if hasattr(encoder, "n_features_in_"):
        is_category = [kind == "category" for kind in facts["columns"].values()]
        named = list(getattr(encoder, "feature_names_in_", ()))
        if named != list(facts["columns"]) or encoder.is_categorical_.tolist() != is_category:
            raise ModelFormatError("the encoder does not fit the table's columns")
    classes = [value_text(label) for label in getattr(network, "classes_", ())]
    if classes and classes != reading.class_texts(facts):
        raise ModelFormatError("the network does not fit the table's labels")
