"""Small tables, one of them as people have them, and how to look at what a command says."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pandas as pd

GOOD = "size,colour,kind\n" + "".join(
    f"{k},{'red' if k % 3 else 'blue'},{'large' if k > 20 else 'small'}\n" for k in range(40)
)
TRAIN = ["train", "data.csv", "--target", "kind", "--out", "new.snet", "--epochs", "2"]
SMALL = ["--epochs", "12", "--networks", "4", "--hidden-units", "16"]
GERMAN = ["--delimiter", ";", "--decimal", ","]


def frame_of(path: str = "goods.csv") -> pd.DataFrame:
    return pd.read_csv(path, sep=";", decimal=",", dtype={"zone": str})


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def numbers(cells: list[str]) -> list[float]:
    return [float(cell.replace(",", ".")) for cell in cells]


def is_safe(text: str) -> bool:
    return text.replace("\n", "").isprintable()


def facts(command: Any, *arguments: object) -> Any:
    done = command(*arguments, "--json")
    assert done.code == 0 and done.out.count("\n") == 1
    return json.loads(done.out)
