"""Small data sets as numpy arrays: digits that come with gradviz, points, and MNIST's own files."""

from .dataset import DataError, Dataset
from .handwriting import digits
from .idx import read_idx
from .mnist_files import mnist
from .moons import two_moons
from .points import circles, sine, spirals, xor

__all__ = [
    "DataError",
    "Dataset",
    "circles",
    "digits",
    "mnist",
    "read_idx",
    "sine",
    "spirals",
    "two_moons",
    "xor",
]
