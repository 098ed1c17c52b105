"""Lessons: folders of text, setup code and steps that are anchored to the recorded program by name."""
