"""What the rules have found in the training run, as notes in plain words."""
