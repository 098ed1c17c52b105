"""Every command of the window: its key, its picture, and its words in the interface's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gradviz.app.i18n import tr


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `keys` in Qt's portable notation, the first one is shown in menus."""

    icon: str = ""
    keys: tuple[str, ...] = ()
    checkable: bool = False
    repeats: bool = False  # while its key is held


COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        # File
        "open": Command("open", ("Ctrl+O",)),
        "open-data": Command("data"),
        "open-mnist": Command(""),
        "download-mnist": Command(""),
        "save": Command("save", ("Ctrl+S",)),
        "export": Command("export", ("Ctrl+E",)),
        "export-pytorch": Command("code"),
        "quit": Command("", ("Ctrl+Q",)),
        # Edit
        "undo": Command("undo", ("Ctrl+Z",)),
        "redo": Command("redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
        "check-gradient": Command("check", ("G",)),
        "nudge": Command("nudge", ("N",)),
        "change-value": Command("edit", ("F2",)),
        "predict": Command("predict", ("P",), checkable=True),
        "breakpoint": Command("breakpoint", ("F9",)),
        "breakpoint-nonfinite": Command("", (), checkable=True),
        "clear-breakpoints": Command(),
        # Run
        "step-forward": Command("step-forward", ("Right",), repeats=True),
        "step-back": Command("step-back", ("Left",), repeats=True),
        "module-forward": Command("module-forward", ("Shift+Right",), repeats=True),
        "module-back": Command("module-back", ("Shift+Left",), repeats=True),
        "phase-end": Command("phase-end", ("End",)),
        "phase-start": Command("phase-start", ("Home",)),
        "phase-forward": Command("", ("PgDown",)),
        "phase-back": Command("", ("PgUp",)),
        "last": Command("", ("Ctrl+End",)),
        "first": Command("", ("Ctrl+Home",)),
        "play": Command("play", ("Space",)),
        "play-back": Command("", ("Shift+Space",)),
        "to-breakpoint": Command("to-breakpoint", ("F5",)),
        "back-to-breakpoint": Command("", ("Shift+F5",)),
        "find-origin": Command("warning", ("F8",)),
        "diagnosis": Command("info", ("Ctrl+I",)),
        "fork": Command("", ("K",)),
        "record": Command("record", ("Ctrl+R",)),
        "train": Command("train", ("Ctrl+T",)),
        "next-sample": Command("next", ("Ctrl+D",)),
        "draw": Command("brush", ("Ctrl+Shift+D",)),
        "race": Command("plots", ("Ctrl+Shift+R",)),
        "go-to-iteration": Command("", ("Ctrl+G",)),
        "start-over": Command("reset"),
        "cancel": Command("stop", ("Ctrl+.",)),
        # View
        "toggle-module": Command("unfold", ("Return", "Enter")),
        "open-all": Command("unfold", ("Ctrl+Shift+O",)),
        "close-all": Command("fold", ("Ctrl+Shift+C",)),
        "focus-node": Command("focus", ("F",)),
        "microscope": Command("microscope", ("E",)),
        "fit": Command("fit", ("0",)),
        "theme-system": Command("", (), checkable=True),
        "theme-light": Command("", (), checkable=True),
        "theme-dark": Command("", (), checkable=True),
        "switch-theme": Command("theme"),
        "text-larger": Command("text-larger", ("Ctrl++", "Ctrl+=")),
        "text-smaller": Command("text-smaller", ("Ctrl+-",)),
        "text-normal": Command("", ("Ctrl+0",)),
        "reduced-motion": Command("", (), checkable=True),
        "memory-strip": Command("", (), checkable=True),
        "memory-peak": Command(),
        "reset-layout": Command("layout"),
        # Lessons, help
        "lessons": Command("lesson", ("Ctrl+L",)),
        "practice": Command("reset"),
        "present": Command("", ("F11",), checkable=True),
        "export-lesson": Command("export"),
        "hunt": Command("check"),
        "gallery": Command("warning"),
        "shortcuts": Command("keyboard", ("F1",)),
        "about": Command("help"),
    }
)


def words() -> dict[str, tuple[str, str]]:
    """For each command its name and what it does, in the interface's language."""
    return {**_work_words(), **_walk_words(), **_view_words()}


def _work_words() -> dict[str, tuple[str, str]]:
    return {
        "open": (tr("Open…"), tr("Open a Python script or a recording")),
        "open-data": (tr("Open data…"), tr("Train on a table (.csv) or arrays (.npz) of your own")),
        "open-mnist": (tr("Open MNIST folder…"), tr("Choose a folder with MNIST's files")),
        "download-mnist": (tr("Download MNIST"), tr("Load MNIST's files from the network and train on them")),
        "save": (tr("Save recording…"), tr("Save what is recorded, with every number, to a file")),
        "export": (tr("Export graph…"), tr("Save the graph as SVG or PNG")),
        "export-pytorch": (
            tr("Export as PyTorch script…"),
            tr("Write what is recorded as a script that runs with PyTorch alone"),
        ),
        "quit": (tr("Quit"), tr("Close the window")),
        "undo": (tr("Undo"), tr("Take back the last folding, breakpoint or changed number")),
        "redo": (tr("Redo"), tr("Do again what was taken back")),
        "check-gradient": (
            tr("Check gradient"),
            tr("Compare the gradient of the shown element with a finite difference"),
        ),
        "nudge": (
            tr("Nudge"),
            tr("Move the shown element a little, and see on every node what that does"),
        ),
        "change-value": (
            tr("Change number…"),
            tr("Give the shown element of an input or parameter another value"),
        ),
        "predict": (
            tr("Predict, then reveal"),
            tr("Hide what is looked at until you have said what it is"),
        ),
        "breakpoint": (tr("Toggle breakpoint"), tr("Set or clear a breakpoint on the selected node")),
        "breakpoint-nonfinite": (
            tr("Stop at NaN or infinity"),
            tr("Stop where a number stops being finite"),
        ),
        "clear-breakpoints": (tr("Clear all breakpoints"), tr("Remove every breakpoint")),
        "record": (tr("Record"), tr("Run and record one more iteration of training")),
        "train": (tr("Train"), tr("Train for some iterations without recording each operation")),
        "race": (
            tr("Optimizer race…"),
            tr("Let several optimizers train the same network from the same start"),
        ),
        "draw": (tr("Draw a digit…"), tr("Draw a digit and watch what the network makes of it")),
        "next-sample": (tr("Next sample"), tr("Record with the next sample of the data")),
        "go-to-iteration": (tr("Go to iteration …"), tr("Show a past iteration of training as it was")),
        "start-over": (tr("Start over"), tr("Give the model fresh weights and record its first iteration")),
        "cancel": (tr("Stop"), tr("Stop what is running")),
        "lessons": (tr("Lessons"), tr("Show the lessons")),
        "present": (
            tr("Present the lesson"),
            tr("Large type, a clicker's keys, a spotlight"),
        ),
        "export-lesson": (tr("Export lesson…"), tr("Write the open lesson as a web page and a PDF")),
        "practice": (tr("Practice"), tr("Exercises with fresh numbers, and what you have mastered")),
        "hunt": (tr("Bug hunt"), tr("Find what is secretly wrong in a program")),
        "gallery": (
            tr("Gallery of broken runs…"),
            tr("Training runs that fail, one for each rule, to watch and to repair"),
        ),
        "diagnosis": (tr("Diagnosis"), tr("Show what rules have found in the training run")),
        "shortcuts": (tr("Keyboard shortcuts"), tr("Show all keys")),
        "about": (tr("About gradviz"), tr("Version, licences and thanks")),
    }


def _walk_words() -> dict[str, tuple[str, str]]:
    return {
        "step-forward": (tr("One instruction on"), tr("Run the next instruction")),
        "step-back": (tr("One instruction back"), tr("Go back before the last instruction")),
        "module-forward": (tr("One module on"), tr("Go on to where the next module begins")),
        "module-back": (tr("One module back"), tr("Go back to where the module began")),
        "phase-end": (tr("End of the phase"), tr("Go to the end of this phase")),
        "phase-start": (tr("Start of the phase"), tr("Go to the start of this phase")),
        "phase-forward": (tr("Next phase"), tr("Go to the start of the next phase")),
        "phase-back": (tr("Previous phase"), tr("Go to the start of the previous phase")),
        "fork": (
            tr("Fork and compare…"),
            tr("Run on from this moment with one thing changed, and see how far both runs are apart"),
        ),
        "find-origin": (
            tr("Find where it started"),
            tr("Go to where the first NaN, infinity, exploding or vanishing gradient began"),
        ),
        "last": (tr("Very end"), tr("Go to the end of the last iteration")),
        "first": (tr("Very start"), tr("Go to the start of the first iteration")),
        "play": (tr("Play or pause"), tr("Step by itself, at the chosen speed")),
        "play-back": (tr("Play backwards"), tr("Step back by itself, at the chosen speed")),
        "to-breakpoint": (tr("Run to breakpoint"), tr("Run on to the next breakpoint")),
        "back-to-breakpoint": (tr("Run back to breakpoint"), tr("Go back to the breakpoint before")),
    }


def _view_words() -> dict[str, tuple[str, str]]:
    return {
        "toggle-module": (tr("Open or close module"), tr("Open or close the selected module in place")),
        "open-all": (tr("Open all modules"), tr("Show every operation")),
        "close-all": (tr("Close all modules"), tr("Fold every module")),
        "focus-node": (tr("Show the current operation"), tr("Bring the current operation into view")),
        "microscope": (
            tr("Element microscope"),
            tr("Open the chosen element as a graph of the numbers that it is made from"),
        ),
        "fit": (tr("Fit the graph"), tr("Show the whole graph")),
        "theme-system": (tr("Like the system"), tr("Light or dark as the system is")),
        "theme-light": (tr("Light"), tr("Dark text on a light ground")),
        "theme-dark": (tr("Dark"), tr("Light text on a dark ground")),
        "switch-theme": (tr("Light or dark"), tr("Switch between the light and the dark theme")),
        "text-larger": (tr("Larger text"), tr("Make all text larger")),
        "text-smaller": (tr("Smaller text"), tr("Make all text smaller")),
        "text-normal": (tr("Normal text"), tr("Show text at its usual size")),
        "reduced-motion": (tr("Less motion"), tr("Jump instead of gliding")),
        "memory-strip": (
            tr("Memory and cost"),
            tr("Show below the timeline what is in memory and what each instruction costs"),
        ),
        "memory-peak": (
            tr("Where most is in memory"),
            tr("Go to the moment of this iteration with the most in memory"),
        ),
        "reset-layout": (tr("Reset layout"), tr("Put all panels back where they were at first")),
    }
