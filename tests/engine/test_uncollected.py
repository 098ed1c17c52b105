"""Work during which nobody looks for garbage."""

import gc

import pytest
from gradviz.engine.uncollected import uncollected


def fail() -> None:
    with uncollected():
        assert not gc.isenabled()
        raise ZeroDivisionError


def test_garbage_is_looked_for_again_afterwards_even_if_the_work_fails() -> None:
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError):
        fail()
    assert gc.isenabled()


def test_who_wants_no_collection_at_all_is_left_alone() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
