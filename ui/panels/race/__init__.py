"""The race of optimizers: who takes part, their losses, their paths on one map, and a table at the end."""
