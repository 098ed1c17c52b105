"""Formulas on the screen: mathtext as vector outlines, in labels, in pictures, in Markdown."""
