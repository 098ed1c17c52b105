"""Where PyTorch is not installed, nothing here is even read."""

from importlib.util import find_spec

if find_spec("torch") is None:
    collect_ignore_glob = ["test_*.py"]
