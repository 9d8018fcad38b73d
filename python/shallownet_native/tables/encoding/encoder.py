"""The transformer that makes a network's inputs of a table: numbers, gaps, categories, codes.

The work is that of `encoding`; here are scikit-learn's manners.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import (
    BaseEstimator,
    Interval,
    StrOptions,
    TransformerMixin,
    _check_feature_names_in,
    _fit_context,
    check_is_fitted,
)
from ..._native.arrays import check_dtype
from ...files import Record
from . import numbers, record
from .columns import columns_known, encoded, learned
from .frames import columns_of
from .names import output_names
from .watching import watched


class TableEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # without types
    """Make the inputs of a network from a table of numbers and categories.

    Parameters
    ----------
    categorical_features : "from_dtype", or array-like of str, int or bool, default "from_dtype"
        Which columns are categories: those whose dtype says so (category, string, bool, and objects
        that are texts), or exactly those with these names, at these positions or where the mask
        is True.
    encoding : {"plain", "piecewise"}, default "plain"
        "piecewise" adds codes for each column of numbers: how far it has come through each of its
        quantile bins.
    n_bins : int, default 16
        Bins for a column of numbers, at least 4; fewer where there would be more than 1024 codes,
        and none at all beyond 256 columns.
    dtype : float32 or float64, default float32
        Of the output.

    Attributes
    ----------
    n_features_in_ : int
    feature_names_in_ : ndarray of str, shape (n_features_in_,)
        Where the table fitted to has names, all of them strings.
    is_categorical_ : ndarray of bool, shape (n_features_in_,)
    means_, scales_ : ndarray of float64, shape (n_numeric,)
        Mean and standard deviation of the finite values; a scale of 0 is that of a constant column.
    has_missing_ : ndarray of bool, shape (n_numeric,)
        Which columns of numbers have an indicator.
    edges_ : list of ndarray of float64
        Of the bins of each column of numbers, in the column's own unit; empty where there are no
        codes. [] where the encoding is plain.
    categories_ : list of ndarray of str
        The levels of each categorical column, numbers first.
    ignored_features_ : tuple of str
        Names that `transform` passes over; all others that are new are errors. () after `fit`.

    See Also
    --------
    ShallowNetClassifier, ShallowNetRegressor : What to put behind it in a Pipeline.

    Notes
    -----
    The output is dense, and in this order:

    1. numbers x, as z / sqrt(1 + (z / 3)^2) with z = (x - mean) / sd, which nothing takes out of
       [-3, 3]; 0 where missing or constant, 3 and -3 where infinite;
    2. for each column of numbers with missing values in `fit`, 1 where it is missing, else 0
       (`age_missing`);
    3. categories: a column for each level, 1 where a row has it (`colour_red`), and of two levels
       one column, 1 for the second and -1 for the first (`sex_male`); zeros where missing or
       unknown. Cells go by their text, numbers by their value: 1, 1.0 and '1' are one level, and
       '01' is another;
    4. codes (`age_bin_1` and so on): clip((x - e_k) / (e_k+1 - e_k), 0, 1) - 1/2 with the bins'
       edges e, the mean in the place of what is missing; none for columns with fewer than three
       different edges.

    A name that comes twice ends in `_2` the second time.

    Examples
    --------
    >>> import pandas as pd
    >>> from shallownet_native import TableEncoder
    >>> table = pd.DataFrame({"age": [20, 40, None], "colour": ["red", "blue", "red"]})
    >>> encoder = TableEncoder().set_output(transform="pandas")
    >>> encoder.fit_transform(table).round(2)
        age  age_missing  colour_red
    0 -0.95          0.0         1.0
    1  0.95          0.0        -1.0
    2  0.00          1.0         1.0
    """

    __module__ = "shallownet_native"

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "categorical_features": [StrOptions({"from_dtype"}), "array-like"],
        "encoding": [StrOptions({"plain", "piecewise"})],
        "n_bins": [Interval(Integral, numbers.MIN_BINS, None, closed="left")],
        "dtype": "no_validation",
    }

    def __init__(
        self,
        *,
        categorical_features: Any = "from_dtype",
        encoding: str = "plain",
        n_bins: int = 16,
        dtype: Any = np.float32,
    ) -> None:
        self.categorical_features = categorical_features
        self.encoding = encoding
        self.n_bins = n_bins
        self.dtype = dtype

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any = None) -> TableEncoder:
        """Learn the columns of a table.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, array-like, shape (n, n_features)
            Missing are None, NaN, pandas.NA and, among texts, blanks.
        y : ignored

        Returns
        -------
        self : TableEncoder

        Raises
        ------
        ValueError
            If a parameter has no such value; if X has no rows, no columns or two of one name; if a
            column that is not among the categories holds text.
        TypeError
            If a column holds dates or times, or objects that are neither texts nor numbers; if X is
            sparse.
        """
        check_dtype(self.dtype)
        table = columns_of(X, self)
        n_bins = self.n_bins if self.encoding == "piecewise" else None
        fitted = learned(table, self.categorical_features, n_bins, numbers.MAX_CODES)
        self.__dict__.pop("feature_names_in_", None)
        self.__dict__.update(fitted)
        return self

    def transform(self, X: Any) -> npt.NDArray[np.floating[Any]]:
        """Return a table's inputs of a network.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, array-like, shape (n, n_features)
            Columns are found by name, if both tables have names.

        Returns
        -------
        ndarray of `dtype`, shape (n, n_outputs)
            Finite; `get_feature_names_out` names the columns.

        Raises
        ------
        ValueError
            If X lacks a column or has others than the table fitted to, but for `ignored_features_`;
            if a column of numbers now holds text.
        TypeError
            If a column holds dates or times, or objects that are neither texts nor numbers; if X is
            sparse.
        NotFittedError
            If `fit` has not been called.
        """
        dtype = check_dtype(self.dtype)
        check_is_fitted(self)
        table, order = columns_known(X, self, self.ignored_features_)
        with watched(len(order)):
            return encoded(self, table, order, dtype)

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Return the names of the outputs.

        Parameters
        ----------
        input_features : array-like of str, shape (n_features_in_,), optional
            The columns' names, where the table fitted to had none; otherwise the very same.

        Returns
        -------
        ndarray of str, shape (n_outputs,)
        """
        check_is_fitted(self)
        return output_names(self, _check_feature_names_in(self, input_features))

    def to_record(self) -> Record:
        """Return what a `.snet` file holds of this encoder; see `save`."""
        if type(self) is not TableEncoder:
            raise TypeError(
                f"{type(self).__name__} is a subclass of ours, which a .snet file cannot name: "
                "use pickle"
            )
        return record.pack(self)

    @classmethod
    def from_record(cls, packed: Record) -> Any:
        """Return the encoder that a file holds, or raise ModelFormatError."""
        return record.unpack(cls, packed)

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn asks of an estimator."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        # not `string`, as scikit-learn's own encoders: with it, any object would have to pass
        tags.transformer_tags.preserves_dtype = []
        return tags
