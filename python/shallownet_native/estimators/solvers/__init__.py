"""The solvers of the estimators and how they go on."""

from __future__ import annotations

from .epochs import Epochs, HeldOut, History, Listener, Patience
from .lbfgs import Lbfgs
from .optimizer import Optimizer
from .outcome import attributes_after, result_of
from .resuming import fit_fingerprint
from .stochastic import Stochastic
