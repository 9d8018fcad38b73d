"""training.checkpoints"""

from __future__ import annotations

from .file import Checkpoint, CheckpointFile, Expected, FOR_GOOD, check_path
from .fingerprint import Fingerprint, fingerprint
