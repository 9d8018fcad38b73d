"""Single faults in what tables become: numbers, categories, gaps, kinds, rows, files."""

from __future__ import annotations

from .mutants import Mutant

TABLES = [
    Mutant("tables/encoding/numbers.py", "the squared part of the squash not divided by the limit",
           "result = z / «LIMIT ==> 1.0»"),
    Mutant("tables/encoding/numbers.py", "infinite numbers count in the mean",
           "finite = np.«isfinite(x) ==> isnan(x) == False»"),
    Mutant("tables/encoding/numbers.py", "a constant column keeps its distance from the mean",
           "result[scales == 0] = «0.0 ==> 1.0»"),
    Mutant("tables/encoding/numbers.py", "one bin too many",
           "np.linspace(0.0, 1.0, n_bins + «1 ==> 2»)"),
    Mutant("tables/encoding/categories.py", "of two levels the first is 1",
           "np.array([«-1, 1 ==> 1, -1», 0, 0])[places]"),
    Mutant("tables/encoding/categories.py", "an unknown level is the first",
           "places.get(text, «UNKNOWN ==> 0»)"),
    Mutant("tables/values.py", "a code is its number",
           "NUMBER.fullmatch(text)« and not CODE.match(text) ==> » else text"),
    Mutant("tables/lessons.py", "rows dropped that miss nothing",
           "kept = ~gaps.«any ==> all»(axis=1)"),
    Mutant("tables/lessons.py", "all of a class held out",
           "min(round(fraction * len(members)), len(members)« - 1 ==> »)"),
    Mutant("tables/rows.py", "a missing cell is an unknown category",
           "np.array([*are_unknown, «False ==> True»])[codes]"),
    Mutant("tables/reading/parsing.py", "short rows are filled in silence",
           "if frame.iloc[:, -1].isna().any()« ==>  and False»:"),
    Mutant("tables/reading/spellings.py", "a question mark is no missing word",
           '"null", "none", «"?" ==> "!"»})'),
    Mutant("tables/reading/defects.py", "a line too far down",
           "first = before + «1 ==> 2»"),
    Mutant("tables/reading/kinds.py", "keys become categories",
           "n_there >= MIN_ROWS and n_levels >= «NEARLY_ALL ==> 1.1» * n_there:"),
    Mutant("tables/reading/target.py", "few rows do not make a quantity of whole numbers",
           "few = len(labels) <= «min(MAX_INTEGER_CLASSES, n_rows / 2) ==> MAX_INTEGER_CLASSES»"),
    Mutant("estimators/saving/pipelines.py", "what set_output was told is lost",
           "give_output(step, «output ==> None»)"),
]  # fmt: skip
