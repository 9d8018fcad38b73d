"""Where a training stands, kept in a file, so that a later call goes on to the same bits.

`record` is a state as what a file holds, checked, `single_values` how its numbers are read;
`stream_state` that of a stream of random numbers; `file` writes and reads; `fingerprint` says whose
it is; `resuming` joins a loop and its file. Imports `files`, `network`, `_native`, `_messages`.
"""

from __future__ import annotations

from .file import CheckpointFile, check_path
from .fingerprint import Fingerprint, fingerprint_of
from .resuming import go_on, keep_train, spec_of
