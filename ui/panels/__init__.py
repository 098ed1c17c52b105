"""The panels of the window: one file or package each."""
