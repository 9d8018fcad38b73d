"""The stub of the core against the core: names and order of arguments.

Most functions of the core have no signature that Python's tools can read, so `.ci/stubtest.py` sees
that they exist and no more. Their docstrings begin with the arguments: those are compared here.
"""

import ast
import inspect
import re
from pathlib import Path

import pytest

import shallownet_native
from shallownet_native._native import backend

STUB = ast.parse((Path(shallownet_native.__file__).parent / "_core.pyi").read_text("utf-8"))
FUNCTIONS = {node.name: node for node in STUB.body if isinstance(node, ast.FunctionDef)}


def test_stubs_name_every_function_of_the_core():
    assert set(FUNCTIONS) == {name for name, value in vars(backend.core).items() if callable(value)}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_stubs_give_the_arguments_that_the_core_takes(name):
    function = getattr(backend.core, name)
    if function.__text_signature__:
        names = list(inspect.signature(function).parameters)
    else:
        names = re.findall(r"[(,] ?(\w+): ", function.__doc__.splitlines()[0])
    arguments = FUNCTIONS[name].args
    assert [a.arg for a in (*arguments.posonlyargs, *arguments.args)] == names
