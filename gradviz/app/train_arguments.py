"""The arguments of `gradviz train`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .experiment_table import (
    DATASETS,
    FITS,
    LEARNING_RATES,
    MODELS,
    OPTIMIZERS,
    ExperimentError,
    ExperimentSpec,
)
from .i18n import LANGUAGES, set_language, tr


def parser() -> argparse.ArgumentParser:
    """What `gradviz train` understands."""
    made = argparse.ArgumentParser(
        prog="gradviz train",
        description=tr("Train a model without a display; write its numbers, weights and a session."),
    )
    made.add_argument("--model", choices=[*MODELS], default="lenet", help=tr("the model"))
    made.add_argument("--data", choices=[*DATASETS], help=tr("the data (default: what suits the model)"))
    made.add_argument("--data-folder", default="", metavar="DIR", help=tr("where MNIST's files are"))
    made.add_argument("--optimizer", choices=[*OPTIMIZERS], default="adam", help=tr("the optimizer"))
    made.add_argument("--lr", type=float, help=tr("the learning rate (default: what suits the optimizer)"))
    made.add_argument("--momentum", type=float, default=0.9, help=tr("of SGD + momentum"))
    made.add_argument("--weight-decay", type=float, default=0.0, help=tr("how strongly weights shrink"))
    made.add_argument(
        "--clip", type=float, default=0.0, help=tr("the largest norm of the gradients (0: any)")
    )
    made.add_argument("--batch", type=int, help=tr("samples in a batch (default: what suits the model)"))
    made.add_argument("--epochs", type=int, default=3, help=tr("passes through the training samples"))
    made.add_argument("--iterations", type=int, help=tr("so many iterations instead of whole epochs"))
    made.add_argument("--seed", type=int, default=0, help=tr("equal seeds give equal numbers"))
    made.add_argument("--out", type=Path, default=Path("run"), help=tr("the folder to write to"))
    made.add_argument("--again", type=Path, metavar="DIR", help=tr("run again what a folder's run.json says"))
    made.add_argument("--language", choices=[*LANGUAGES], help=tr("the language of the messages"))
    return made


def main(arguments: Sequence[str]) -> int:
    """Train; returns the exit status."""
    made = parser()
    options = made.parse_args(list(arguments))
    if options.language:
        set_language(options.language)
    if options.epochs < 1 or (options.iterations is not None and options.iterations < 1):
        made.error(tr("train at least one epoch or iteration"))
    from .train_command import Run, read_run, train  # numpy: not needed for --help

    if options.again is not None:
        try:
            run = read_run(options.again)
        except ExperimentError as error:
            made.error(str(error))
        return train(run, options.out)
    spec = ExperimentSpec(
        model=options.model,
        data=options.data or FITS[options.model][0],
        optimizer=options.optimizer,
        learning_rate=LEARNING_RATES[options.optimizer] if options.lr is None else options.lr,
        momentum=options.momentum,
        seed=options.seed,
        train_batch=options.batch,
        data_folder=options.data_folder,
    )
    spec = replace(spec, weight_decay=options.weight_decay, clip=options.clip)
    return train(Run(spec, options.epochs, options.iterations), options.out)
