"""Small data sets as numpy arrays: digits that come with gradviz, two moons, and MNIST's own files."""

from .dataset import DataError, Dataset
from .handwriting import digits
from .idx import read_idx
from .mnist_files import mnist
from .moons import two_moons

__all__ = ["DataError", "Dataset", "digits", "mnist", "read_idx", "two_moons"]
