"""How an estimator is fitted: its data, what is held out, its network put into `coefs_`."""

from __future__ import annotations

from .coefs import store, stored, stored_attributes, untouched
from .standardization import Standardization
