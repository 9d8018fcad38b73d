"""The sides of a comparison: our training, and any rival, in this process or one of its own.

A process of its own is needed where the number of threads is settled when a library starts (BLAS,
OpenMP). It is kept alive and asked over pipes, so that rivals can take turns.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .._native.backend import core
from ..training import TrainOptions
from .problems import Floats, Problem, Run, Sample, draw

Make = Callable[[Problem, Sample, int], Run]  # a rival: problem, data, number of threads -> Run


def native(problem: Problem, data: Sample, threads: int) -> Run:
    """Return the training by the core; as BLAS does, it may use fewer threads for small steps."""
    options = TrainOptions(
        hidden="tanh",
        output=problem.output,
        negative_slope=0.0,
        optimizer=problem.optimizer,
        learning_rate=problem.learning_rate,
        momentum=0.0,
        nesterov=False,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        batch_size=problem.step_size,
        n_threads=core.suggested_threads(problem.shape, problem.step_size, threads),
        cost_every=0,  # as the rivals compute no cost
    )
    state = np.zeros((core.optimizers[problem.optimizer], data.theta.size), data.theta.dtype)

    def run(n_epochs: int) -> Floats:
        orders = None if data.orders is None else data.orders[:n_epochs]
        given = (data.theta, state, problem.shape, data.x, data.y, None, orders)
        answer: Floats = core.train(*given, options.for_call(n_epochs))["theta"]
        return answer

    return run


class LocalRival:
    """A rival in this process."""

    def __init__(self, make: Make, threads: int) -> None:
        self.make, self.threads = make, threads

    def prepare(self, problem: Problem, dtype: str) -> None:
        """Set the problem up, outside the clock."""
        self.run = self.make(problem, draw(problem, dtype), self.threads)

    def answer(self, n_epochs: int) -> Floats:
        """Return the parameters after n epochs."""
        return self.run(n_epochs)

    def seconds(self, n_epochs: int) -> float:
        """Return how long n epochs take."""
        start = time.perf_counter()
        self.run(n_epochs)
        return time.perf_counter() - start

    def close(self) -> None:
        """Let go of the problem."""
        self.run = lambda n_epochs: np.empty(0)


class RemoteRival:
    """A rival in a process of its own, kept alive, that does what a LocalRival does there."""

    def __init__(self, command: Sequence[str], threads: int, **settings: str) -> None:
        self.threads = threads
        environment = {**os.environ, **thread_settings(threads), **settings}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )

    def ask(self, *question: Any) -> Any:
        """Send one question and return the answer."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            pickle.dump(question, self.process.stdin)
            self.process.stdin.flush()
            return pickle.load(self.process.stdout)
        except (EOFError, BrokenPipeError) as error:
            self.close()
            code = self.process.returncode
            raise RuntimeError(f"a rival's process ended with code {code}") from error

    def prepare(self, problem: Problem, dtype: str) -> None:
        self.ask("prepare", problem, dtype)

    def answer(self, n_epochs: int) -> Floats:
        return np.asarray(self.ask("answer", n_epochs))

    def seconds(self, n_epochs: int) -> float:
        return float(self.ask("seconds", n_epochs))

    def close(self) -> None:
        """End the process."""
        self.process.communicate()  # nothing more: it ends where its questions end


Rival = LocalRival | RemoteRival


def thread_settings(threads: int) -> dict[str, str]:
    """Return the environment that holds every BLAS and OpenMP runtime to this many threads."""
    names = ("OPENBLAS_NUM", "OMP_NUM", "MKL_NUM", "BLIS_NUM", "VECLIB_MAXIMUM", "SHALLOWNET_NUM")
    return {f"{name}_THREADS": str(threads) for name in names}


def serve(make: Make) -> None:
    """Answer the questions on standard input until it ends: the main loop of a rival's process."""
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the rival prints must not get among the answers
    rival = LocalRival(make, int(os.environ["SHALLOWNET_NUM_THREADS"]))
    while True:
        try:
            name, *arguments = pickle.load(questions)
        except EOFError:
            return
        pickle.dump(getattr(rival, name)(*arguments), answers)
        answers.flush()
