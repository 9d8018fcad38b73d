"""
From a CSV file to predictions
==============================

A file as people have them, with words, gaps and an order number: a Pipeline that takes it as it
is, what it does on orders it has not seen, and the same by the command line.

Run: python examples/tables/csv_to_predictions.py

Needs, in the project's folder: ``pip install '.[cli,plot]'``
"""

import contextlib
import os
import shlex
import sys
import tempfile

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.inspection import permutation_importance
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline

import shallownet_native as sn
from shallownet_native.cli import main

# %%
# A shop wants to know which orders will be sent back. The example writes the file itself, so that
# the rule behind it is known: young customers return shoes, what comes late comes back, who pays by
# invoice keeps it more often; and, as in life, chance has its say.

folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, "orders.csv")

random = np.random.default_rng(0)
n = 3000
table = pd.DataFrame(
    {
        "order": [f"B{k:05}" for k in range(n)],
        "item": random.choice(["shoes", "coat", "book"], n, p=[0.4, 0.3, 0.3]),
        "payment": random.choice(["card", "invoice"], n),
        "age": random.uniform(18, 80, n).round(),
        "days": random.exponential(4, n).round(1),
    }
)
score = 4.0 * ((table["age"] < 40) & (table["item"] == "shoes")) + 0.5 * (table["days"] - 5)
score -= 2.0 * (table["payment"] == "invoice") + 1.0
table["returned"] = np.where(random.uniform(size=n) < 1 / (1 + np.exp(-score)), "yes", "no")
table.loc[random.uniform(size=n) < 0.1, "age"] = np.nan  # one in ten did not say
table.to_csv(path, index=False)

with open(path, encoding="utf-8") as file:
    print(*[next(file).rstrip() for _ in range(4)], sep="\n")

# %%
# Read it, and hold out a quarter
# -------------------------------
# What is held out is chosen first, before a mean is taken or a word is seen, so that it meets the
# model as a new file would.

frame = pd.read_csv(path)
X, y = frame.drop(columns=["order", "returned"]), frame["returned"]
X, X_test, y, y_test = train_test_split(X, y, test_size=0.25, random_state=0, stratify=y)
print(f"{len(X)} orders to learn from, {len(X_test)} held out")
print(f"{(y_test == 'yes').mean():.0%} of those came back")

# %%
# A Pipeline that takes the table as it is
# ----------------------------------------
# ``sn.TableEncoder`` makes numbers of it: it scales what is a number, fills gaps by the mean and
# says in a further column that it did, and gives every word an input of its own.

model = Pipeline(
    [
        ("encoder", sn.TableEncoder()),
        ("network", sn.ShallowNetClassifier((16,), activation="tanh", learning_rate_init=0.01,
                                            early_stopping=True, random_state=0)),
    ]
)  # fmt: skip
model.fit(X, y)
print("inputs:", *model["encoder"].get_feature_names_out())
print(f"held-out accuracy {model.score(X_test, y_test):.3f}")
print(f"always 'no' would be right in {(y_test == 'no').mean():.3f}")

# %%
# What it goes by: shuffle one column of the held-out part, and see how much accuracy is lost.

lost = permutation_importance(model, X_test, y_test, n_repeats=5, random_state=0)
losses = pd.Series(lost["importances_mean"], X.columns).sort_values(ascending=False)
for name, mean in losses.items():
    print(f"without {name:8}: accuracy falls by {mean:.3f}")

# %%
# Save, load, predict
# -------------------
# The whole Pipeline goes into one file, which holds no code. New rows may have their columns in
# another order, gaps, and words that training has never seen.

sn.save(model, os.path.join(folder.name, "orders.snet"))
loaded = sn.load(os.path.join(folder.name, "orders.snet"))
print("same predictions:", bool((loaded.predict(X_test) == model.predict(X_test)).all()))

new = pd.DataFrame(
    {
        "days": [1.0, 12.5, 2.0],
        "age": [25.0, np.nan, 70.0],
        "item": ["shoes", "coat", "umbrella"],
        "payment": ["card", "card", "invoice"],
    }
)
for row, probability in enumerate(loaded.predict_proba(new)[:, 1]):
    print(f"new order {row}: comes back with probability {probability:.2f}")

# %%
# The same by the command line
# ----------------------------
# No Python needed. ``train`` holds out a fifth by itself, leaves ``order`` out, as its texts all
# differ, and says so; ``predict`` writes one line for each row, and notes what it had to fill or
# did not know. In a terminal these are
#
# .. code-block:: console
#
#     $ shallownet train orders.csv --target returned --epochs 30 --out orders.snet
#     $ shallownet predict orders.snet new.csv --probabilities
#
# and here the very same commands run inside Python, to show what they say:


def shallownet(command: str) -> None:
    """Run a command in the folder of the tables, its notes among what it prints."""
    print("$ shallownet", command)
    before = os.getcwd()
    os.chdir(folder.name)
    try:
        with contextlib.redirect_stderr(sys.stdout):
            main(shlex.split(command))
    finally:
        os.chdir(before)


new.to_csv(os.path.join(folder.name, "new.csv"), index=False)
shallownet("train orders.csv --target returned --epochs 30 --out orders.snet")
shallownet("predict orders.snet new.csv --probabilities")
folder.cleanup()

# %%
# The file that ``train`` writes holds bags of networks that need no tuning, and ``sn.load`` reads
# it; with ``--model network`` it is a Pipeline like the one above.
#
# The learning curve of the whole table; and as only networks of two numbers can be drawn as a map,
# one that knows age and days alone.

known = X["age"].notna()
two = sn.ShallowNetClassifier(
    (8,), activation="tanh", solver="lbfgs", standardize=True, alpha=1.0, random_state=0
).fit(X.loc[known, ["age", "days"]].to_numpy(), y[known])

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
sn.plotting.learning_curve(model["network"], ax=left)
left.set_title("the whole table")
sn.plotting.decision_boundary(two, X.loc[known, ["age", "days"]].to_numpy(), y[known], ax=right)
right.set(title="age and days only", xlabel="age", ylabel="days")
plt.show()
