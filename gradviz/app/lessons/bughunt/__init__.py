"""The bug hunt: one backward rule or one line of a training loop is secretly wrong; the learner finds it."""
