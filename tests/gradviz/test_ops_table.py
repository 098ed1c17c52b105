"""The table of ops in the docs, the registries and the public names agree with each other."""

from __future__ import annotations

import inspect

import pytest
from gradviz.engine.api import FUNCTIONS, Public
from gradviz.engine.composite import COMPOSITES
from gradviz.engine.methods import OPERATORS
from gradviz.engine.op import REGISTRY
from gradviz.engine.tensor import Tensor

import gradviz
from gradviz import make_ops_table, nn, optim
from gradviz.compat import MODULES
from gradviz.nn import functional
from tests.reach import reached

gradviz.tensor(0)  # loads every op
PUBLIC = {(entry.name, entry.places): entry for entry in FUNCTIONS}


def test_the_table_is_up_to_date() -> None:
    assert make_ops_table.TARGET.read_text("utf-8") == make_ops_table.table(), (
        "run: python -m gradviz.make_ops_table"
    )


def test_the_table_lists_every_op_and_composed_function_once() -> None:
    text = make_ops_table.table()
    for name in REGISTRY:
        assert text.count(f"| **{name}**") == 1
    for name in COMPOSITES:
        assert text.count(f"| **{name} ▣**") == 1


def test_every_row_has_four_cells_and_whole_formulas() -> None:
    rows = [line for line in make_ops_table.table().splitlines() if line.startswith("| **")]
    assert len(rows) == len(REGISTRY) + len(COMPOSITES)
    for row in rows:
        assert row.count("|") == 5, row
        assert row.count("$") % 2 == 0, row


def test_functions_of_nn_functional_are_those_that_say_so() -> None:
    said = {entry.name for entry in FUNCTIONS if "F" in entry.places}
    assert said <= set(functional.__all__)
    for name in functional.__all__:
        assert callable(getattr(functional, name)), name


def test_all_names_exist() -> None:
    for name in gradviz.__all__:
        assert getattr(gradviz, name) is not None
    for module in (functional, nn, optim):
        assert len(set(module.__all__)) == len(module.__all__)


# What makes tensors from nothing, asks about them, or hands over the same values: no instruction runs.
WITHOUT_OPS = set(
    """
    arange as_tensor asarray cpu element_size empty empty_like eye from_numpy full full_like is_floating_point
    is_tensor linspace logspace new_empty new_full new_ones new_tensor new_zeros normal numel ones ones_like
    positive rand rand_like randint randint_like randn randn_like randperm retains_grad tensor zeros
    zeros_like real
    """.split()  # noqa: SIM905  (easier to read)
)
MADE_AT_RUN_TIME = {"take_max", "take_min", "cummax_indices", "cummin_indices"}  # f"take_{name}"
IDS = [f"{name}-{'-'.join(places)}" for name, places in PUBLIC]


@pytest.mark.parametrize("entry", PUBLIC.values(), ids=IDS)
def test_every_public_function_leads_to_an_op(entry: Public) -> None:
    asks = inspect.signature(entry.function).return_annotation in ("bool", "int", "str")
    if not asks and entry.name not in WITHOUT_OPS:
        assert reached(entry.function), f"{entry.name} leads to no op"


def test_every_op_is_reached_from_a_public_function() -> None:
    methods = [vars(Tensor).get(name) for name in OPERATORS]
    modules = [getattr(nn, name) for name in nn.__all__]
    found = reached(*(entry.function for entry in FUNCTIONS), *methods, Tensor, *modules)
    found |= MADE_AT_RUN_TIME
    for module in MODULES.values():
        found |= reached(*vars(module).values())
    differentiable = {name for name, op in REGISTRY.items() if any(op.vjps)}
    assert differentiable - found == set()
    assert set(REGISTRY) - found == set()
    assert set(COMPOSITES) - found == set()


def test_the_reader_of_code_tells_what_is_reached() -> None:
    assert "exp" in reached(gradviz.exp)
    assert "matmul" not in reached(gradviz.exp)
    assert reached(len) == set()
    assert {"nll_loss", "log_softmax", "nll_loss_backward"} <= reached(functional.cross_entropy)
