"""Faults to plant where many networks are trained, for tests/campaigns/mutation.py."""

from __future__ import annotations

from campaigns.mutants import Mutant

CALLS, TRAIN = "bindings/together.hpp", "bindings/training.hpp"
ASKED, EPOCHS = "training/many/asked.py", "training/many/epochs.py"
RUNS, STARTS, TOGETHER = (f"training/many/{room}.py" for room in ("runs", "starts", "together"))
MANY = [
    Mutant(CALLS, "no signal is seen between short calls", "between.look(«thread ==> 1»);"),
    Mutant(CALLS, "a signal ends only the call that sees it",
           "if (signals.raised()) stop_.store(«true ==> false», std"),
    Mutant(CALLS, "what a handler raised is not handed on",
           "signals.error ? «py::object(signals.error->value()) ==> py::none()» : py::none();\n}"),
    Mutant(TRAIN, "a plan serves another network's rate", "|| «key != last.key ==> false»)"),
    Mutant(TRAIN, "the order left out", "«order_->of(plan_->arrays.examples) ==> "
           "plan_->arrays.examples»,"),
    Mutant(ASKED, "trained on what is left out", "kept = examples.take(np.flatnonzero("
           "«~out ==> out»), which)"),
    Mutant(ASKED, "judged by what it is shown",
           "examples._replace(weights=None).take(np.flatnonzero(«out ==> ~out»), which)"),
    Mutant(ASKED, "weights count among what is left out",
           "return kept, «examples._replace(weights=None) ==> examples».take("),
    Mutant(ASKED, "networks of one size share the first one's mask",
           "key = (shape, units, «mask ==> b\"\"», rate, l2)"),
    Mutant(ASKED, "networks of one size share the first one's rate",
           "key = (shape, units, mask, «rate ==> 0», l2)"),
    Mutant(ASKED, "networks of one size share the first one's decay",
           "key = (shape, units, mask, rate, «l2 ==> 0»)"),
    Mutant(ASKED, "patience without tol",
           "return asked._replace(rules={**asked.rules, \"patience\": «ENDLESS ==> 10»})"),
    Mutant(ASKED, "all draw from the first one's seed",
           "[random_stream(«number ==> numbers[0]») for number in numbers]"),
    Mutant(EPOCHS, "the last epoch of all, not the best",
           "if «mean < self.lowest ==> True»:"),
    Mutant(EPOCHS, "the last of equals", "if mean «< ==> <=» self.lowest:"),
    Mutant(EPOCHS, "every network's mean counts alike", "sum(«n * cost ==> cost» for n, cost"),
    Mutant(EPOCHS, "one that diverges counts for ever",
           "if self.counts[k] and «not np.isfinite(cost) ==> False»:"),
    Mutant(EPOCHS, "a network that has ended counts no longer",
           "return np.nan if «loop.ended_by == \"divergence\" ==> loop.ended_by» or"),
    Mutant(EPOCHS, "pooled patience one too short", "return self.n_stalled «> ==> >=» self"),
    Mutant(EPOCHS, "nobody ends by the callback", "loop.is_asked_to_stop = «True ==> False»"),
    Mutant(RUNS, "one call where orders are drawn",
           "not («asked.shuffles or  ==> »asked.is_adaptive"),
    Mutant(RUNS, "a loop of its own where a call is done, but nothing handed to it",
           "if «k < len(self.done) ==> False»:"),
    Mutant(RUNS, "a part of the networks trained twice",
           "in range(0, n, «size ==> max(1, size // 2)»):"),
    Mutant(RUNS, "outputs for what it was shown", "rows = np.flatnonzero(«one.out ==> ~one.out»)"),
    Mutant(STARTS, "the worst start is kept", "(np.isnan(costs[k]), «costs[k] ==> -costs[k]»)"),
    Mutant(STARTS, "one that cannot be judged is kept",
           "key=lambda k: («np.isnan(costs[k]) ==> not np.isnan(costs[k])», costs"),
    Mutant(TOGETHER, "what was done when a signal came is not taken in",
           "«self.take_in_all(error) ==> pass»\n            raise"),
    Mutant(TOGETHER, "all are said to be broken off",
           "if «done[\"status\"] == \"interrupted\" ==> True»:"),
]  # fmt: skip
