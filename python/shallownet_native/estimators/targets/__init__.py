"""estimators.targets"""

from __future__ import annotations

from .checks import of_validation_data
