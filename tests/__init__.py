"""The tests; a package, so that `tests.guards` means this folder whatever else is installed."""
