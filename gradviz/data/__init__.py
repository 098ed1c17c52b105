"""Small data sets as numpy arrays: digits that come with gradviz, points, and MNIST's own files."""

from .dataset import DataError, Dataset
from .handwriting import digits
from .idx import read_idx
from .mnist_files import mnist, mnist_whole
from .moons import two_moons
from .own_files import OwnData, fingerprint, read_own
from .points import circles, sine, spirals, xor

__all__ = [
    "DataError",
    "Dataset",
    "OwnData",
    "circles",
    "digits",
    "fingerprint",
    "mnist",
    "mnist_whole",
    "read_idx",
    "read_own",
    "sine",
    "spirals",
    "two_moons",
    "xor",
]
