"""The graph canvas and its panel."""
