"""The generated types of the attached methods are up to date and complete."""

import inspect

from gradviz.engine import Tensor
from gradviz.engine.api import FUNCTIONS
from gradviz.engine.make_stubs import TARGET, stub
from gradviz.engine.methods import AUGMENTED, OPERATORS, REFLECTED


def test_the_stub_is_up_to_date() -> None:
    assert TARGET.read_text("utf-8") == stub(), "run: python -m gradviz.engine.make_stubs"


def test_every_method_is_in_it_and_on_the_tensor() -> None:
    text = stub()
    names = {entry.name for entry in FUNCTIONS if {"method", "property"} & set(entry.places)}
    names |= {entry.name + "_" for entry in FUNCTIONS if "inplace" in entry.places}
    names |= {*OPERATORS, *REFLECTED, *AUGMENTED}
    for name in names:
        assert f"    def {name}(self" in text
        assert hasattr(Tensor, name)


def test_methods_are_explained() -> None:
    for entry in FUNCTIONS:
        if "method" in entry.places and not entry.name.startswith("__"):
            assert inspect.getdoc(getattr(Tensor, entry.name))
