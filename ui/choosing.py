"""What the user chooses for an experiment: kept in the settings, and always something that goes together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from gradviz.app.experiment import DATASETS, FITS, LEARNING_RATES, MODELS, OPTIMIZERS
from gradviz.app.experiment_table import RECIPE
from gradviz.app.session import Session
from gradviz.app.settings import Settings

CHOICES = ("model", "data", "data_folder", "data_file", "sample", "optimizer", "learning_rate")


@dataclass
class Guest:
    """What holds for an experiment that was not made of the settings' choices, and leaves them alone."""

    sample: int
    learning_rate: float


class Choosing(QObject):
    """The choices of a lab, which says itself what to do with them."""

    choices_changed = pyqtSignal()  # not by the caller: what fits was chosen, or what failed taken back

    def __init__(self, session: Session, parent: QObject | None) -> None:
        super().__init__(parent)
        self._session = session
        self._guest: Guest | None = None

    @property
    def sample(self) -> int:
        """The sample that is recorded."""
        return (self._guest or self._session.settings).sample

    @property
    def learning_rate(self) -> float:
        """The rate that it learns at."""
        return (self._guest or self._session.settings).learning_rate

    @property
    def guest(self) -> Guest | None:
        """What holds instead of the settings' choices."""
        return self._guest

    @property
    def session(self) -> Session:
        return self._session

    @property
    def samples(self) -> int:
        """How many samples the data has; 0 while nobody knows."""
        raise NotImplementedError

    def record(self) -> None:
        """Record one more iteration."""
        raise NotImplementedError

    def start_over(self) -> None:
        """Make the model anew."""
        raise NotImplementedError

    def next_sample(self) -> None:
        """Record the sample after this one."""
        if self.samples:
            self.choose_sample((self.sample + 1) % self.samples)
            self.choices_changed.emit()

    def choose_sample(self, sample: int) -> None:
        """Record another sample with the weights as they are."""
        (self._guest or self._session.settings).sample = sample
        self.record()

    def choose_learning_rate(self, rate: float) -> None:
        """From the next iteration on, learn at another rate."""
        (self._guest or self._session.settings).learning_rate = rate

    def choose_model(self, model: str) -> None:
        """Begin anew with another model, on data that it can read."""
        settings = self._session.settings
        settings.model = model
        if settings.data not in FITS[model]:
            settings.data, settings.sample = FITS[model][0], 0
        self._begin_anew()

    def choose_data(self, data: str) -> None:
        """Begin anew with other data, and with a model that can read them."""
        settings = self._session.settings
        settings.data, settings.sample = data, 0
        if data not in FITS[settings.model]:
            settings.model = next(model for model, fitting in FITS.items() if data in fitting)
        self._begin_anew()

    def choose_folder(self, folder: str) -> None:
        """Begin anew with the MNIST files in a folder."""
        self._session.settings.data_folder = folder
        self.choose_data("mnist")

    def choose_file(self, file: str) -> None:
        """Begin anew with a table or arrays of the user's own."""
        settings = self._session.settings
        settings.data_file = file
        if settings.data != "file":
            settings.model = "mlp"  # it reads everything
        self.choose_data("file")

    def choose_optimizer(self, optimizer: str) -> None:
        """Begin anew with another optimizer, and with its usual rate unless the user has chosen one."""
        settings = self._session.settings
        if settings.learning_rate == LEARNING_RATES[settings.optimizer]:
            settings.learning_rate = LEARNING_RATES[optimizer]
        settings.optimizer = optimizer
        self._begin_anew()

    def choose_recipe(self) -> None:
        """Begin anew with LeNet on the digits, and with what makes it learn them well."""
        settings = self._session.settings
        settings.model, settings.data, settings.sample = "lenet", "digits", 0
        settings.optimizer, settings.learning_rate, _ = RECIPE
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.choices_changed.emit()
        self.start_over()


def choices_of(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in CHOICES}


def make_sense_of(settings: Settings) -> None:
    """Replace choices that this version does not know, or that do not go together."""
    usual = Settings()
    for name, table in (("model", MODELS), ("data", DATASETS), ("optimizer", OPTIMIZERS)):
        if getattr(settings, name) not in table:
            setattr(settings, name, getattr(usual, name))
    needed = {"mnist": settings.data_folder, "file": settings.data_file}
    if settings.data not in FITS[settings.model] or not needed.get(settings.data, "known"):
        settings.data, settings.sample = FITS[settings.model][0], 0
    settings.learning_rate = settings.learning_rate or usual.learning_rate
