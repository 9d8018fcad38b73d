"""Where a training stands, kept in a file, so that a later call goes on to the same bits."""

from __future__ import annotations

from .file import FOR_GOOD, Checkpoint, CheckpointFile, Expected, check_path
from .fingerprint import Fingerprint, fingerprint_of
