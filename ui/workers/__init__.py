"""Slow work off the GUI thread: tasks in threads, layout and scripts in child processes."""
