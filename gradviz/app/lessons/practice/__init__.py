"""Practice: exercises on fresh random graphs for each rule, and when what was missed comes back."""
