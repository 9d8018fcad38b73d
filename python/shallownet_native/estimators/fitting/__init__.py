"""estimators.fitting"""

from __future__ import annotations

from .coefs import store, stored, stored_attributes, untouched
from .standardization import Standardization
