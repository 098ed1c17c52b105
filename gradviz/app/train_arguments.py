"""The arguments of `gradviz train`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .experiment_table import (
    DATASETS,
    FITS,
    LEARNING_RATES,
    MODELS,
    OPTIMIZERS,
    RECIPE,
    ExperimentError,
    ExperimentSpec,
)
from .i18n import LANGUAGES, set_language, tr
from .paths import data_dir

if TYPE_CHECKING:
    from .train_command import Draw

FEW_EPOCHS = 3
NAMED = tuple(name for name in DATASETS if name != "file")


def parser() -> argparse.ArgumentParser:
    """What `gradviz train` understands."""
    made = argparse.ArgumentParser(
        prog="gradviz train",
        description=tr("Train a model without a display; write its numbers, weights and a session."),
    )
    made.add_argument("--model", choices=[*MODELS], help=tr("the model (default: what suits the data)"))
    names = ", ".join(NAMED)
    made.add_argument(
        "--data",
        metavar="NAME",
        help=tr("the data: {names}, or a file (.csv, .npz); default: what suits the model").format(
            names=names
        ),
    )
    made.add_argument(
        "--data-folder", default="", metavar="DIR", help=tr("where MNIST's files are, or shall be")
    )
    made.add_argument("--download", action="store_true", help=tr("load MNIST's files from the network"))
    made.add_argument("--optimizer", choices=[*OPTIMIZERS], default="adam", help=tr("the optimizer"))
    made.add_argument("--lr", type=float, help=tr("the learning rate (default: what suits the optimizer)"))
    made.add_argument("--momentum", type=float, default=0.9, help=tr("of SGD + momentum"))
    made.add_argument("--weight-decay", type=float, default=0.0, help=tr("how strongly weights shrink"))
    made.add_argument(
        "--clip", type=float, default=0.0, help=tr("the largest norm of the gradients (0: any)")
    )
    made.add_argument("--batch", type=int, help=tr("samples in a batch (default: what suits the model)"))
    text = tr("passes through the training samples (default: {n} for LeNet on the digits, else {few})")
    made.add_argument("--epochs", type=int, help=text.format(n=RECIPE[2], few=FEW_EPOCHS))
    made.add_argument("--iterations", type=int, help=tr("so many iterations instead of whole epochs"))
    made.add_argument("--seed", type=int, default=0, help=tr("equal seeds give equal numbers"))
    made.add_argument("--out", type=Path, default=Path("run"), help=tr("the folder to write to"))
    made.add_argument("--no-plots", action="store_true", help=tr("write no pictures of the plots"))
    made.add_argument("--again", type=Path, metavar="DIR", help=tr("run again what a folder's run.json says"))
    made.add_argument("--language", choices=[*LANGUAGES], help=tr("the language of the messages"))
    return made


def main(arguments: Sequence[str], draw: Draw | None = None) -> int:
    """Train; returns the exit status. `draw(log, folder)` writes the plots."""
    made = parser()
    options = made.parse_args(list(arguments))
    if options.language:
        set_language(options.language)
    if (options.epochs is not None and options.epochs < 1) or (
        options.iterations is not None and options.iterations < 1
    ):
        made.error(tr("train at least one epoch or iteration"))
    from .train_command import Run, read_run, train  # numpy: not needed for --help

    draw = None if options.no_plots else draw
    if options.again is not None:
        try:
            run = read_run(options.again)
        except ExperimentError as error:
            made.error(str(error))
        return train(run, options.out, draw)
    spec = _spec(options, made)
    if options.download and spec.data != "mnist":
        made.error(tr("--download is for --data mnist"))
    if options.download:
        from .data_command import fetch  # the network's libraries: not needed otherwise

        if not fetch(Path(spec.data_folder)):
            return 1
    usual = RECIPE[2] if (spec.model, spec.data) == ("lenet", "digits") else FEW_EPOCHS
    return train(Run(spec, options.epochs or usual, options.iterations), options.out, draw)


def _spec(options: argparse.Namespace, made: argparse.ArgumentParser) -> ExperimentSpec:
    """What is to be trained; ends with a message where it does not go together."""
    from gradviz.data import DataError, fingerprint  # numpy: not needed for --help
    from gradviz.data.own_files import SUFFIXES

    data, file, known = options.data or FITS[options.model or "lenet"][0], "", ""
    if data not in NAMED:
        if Path(data).suffix.lower() not in SUFFIXES:
            text = tr("There is no {name}; choose one of {choices}")
            made.error(text.format(name=data, choices=", ".join(NAMED)))
        data, file = "file", str(Path(data).resolve())
        try:
            known = fingerprint(file)
        except DataError as error:
            made.error(str(error))
    images = data in NAMED and data in FITS["lenet"]
    return ExperimentSpec(
        model=options.model or ("lenet" if images else "mlp"),
        data=data,
        optimizer=options.optimizer,
        learning_rate=LEARNING_RATES[options.optimizer] if options.lr is None else options.lr,
        momentum=options.momentum,
        seed=options.seed,
        train_batch=options.batch,
        data_folder=options.data_folder or (str(data_dir() / "mnist") if data == "mnist" else ""),
        weight_decay=options.weight_decay,
        clip=options.clip,
        data_file=file,
        data_hash=known,
    )
