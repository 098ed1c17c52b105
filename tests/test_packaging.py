"""What is installed: the package list, the wheel, and peace with a learner's own engine.py and ui.py."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import gradviz

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FOLDERS = {"gradviz": "gradviz", "gradviz.engine": "engine", "gradviz.ui": "ui", "gradviz.assets": "assets"}
CODE = ("gradviz", "engine", "ui")

LEARNERS_FILES = {
    "engine.py": "class Value: owner = 'the learner'",
    "ui.py": "window = 'the learner'",
    "assets.py": "picture = 'the learner'",
}
SCRIPT = """
import json, sys
import gradviz, gradviz.engine, gradviz.ui, gradviz.assets, gradviz.data
import engine, ui, assets
assert len(gradviz.data.digits(scale=8)) == 1797
print(json.dumps({
    "ours": [gradviz.__file__, gradviz.engine.__file__, gradviz.ui.__file__, gradviz.assets.__file__],
    "theirs": [engine.__file__, ui.__file__, assets.__file__],
    "owners": [engine.Value.owner, ui.window, assets.picture],
}))
"""


def shipped_files() -> set[str]:
    """Each file of the four folders as it is called in a wheel."""
    names = set()
    for package, folder in FOLDERS.items():
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                names.add(f"{package.replace('.', '/')}/{path.relative_to(ROOT / folder).as_posix()}")
    return names


def test_the_package_list_matches_the_folders() -> None:
    found = []
    for package, folder in FOLDERS.items():
        for init in (ROOT / folder).rglob("__init__.py"):
            inner = init.parent.relative_to(ROOT / folder).parts
            found.append(".".join([package, *inner]))
    listed = PROJECT["tool"]["setuptools"]["packages"]
    assert sorted(found) == sorted(listed), "pyproject.toml, [tool.setuptools] packages"
    assert PROJECT["tool"]["setuptools"]["package-dir"] == FOLDERS


def test_every_folder_with_code_is_a_package() -> None:
    bare = {
        str(path.parent.relative_to(ROOT))
        for folder in CODE
        for path in (ROOT / folder).rglob("*.py")
        if not (path.parent / "__init__.py").is_file()
    }
    assert bare == set(), "without an __init__.py it would be missing from the wheel"


def test_the_version_is_the_same_everywhere() -> None:
    assert PROJECT["project"]["version"] == gradviz.__version__


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the sources, so that nothing is left in the checkout."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE", *FOLDERS.values()):
        if (ROOT / name).exists():
            (source / name).symlink_to(ROOT / name)
    target = tmp_path_factory.mktemp("wheel")
    build = f"from setuptools.build_meta import build_wheel; build_wheel({str(target)!r})"
    result = subprocess.run([sys.executable, "-c", build], cwd=source, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing in it but what the wheel installs."""
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def test_the_wheel_holds_everything_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    code = {name for name in names if ".dist-info/" not in name}
    assert code == shipped_files()
    licences = {Path(name).name for name in names if "/licenses/" in name}
    assert {"LICENSE", "Inter-OFL.txt", "JetBrainsMono-OFL.txt", "NotoSans-OFL.txt"} <= licences


@pytest.fixture
def learner(tmp_path: Path) -> Path:
    """A folder with a learner's own files, among them three with names like our folders."""
    folder = tmp_path / "learner"
    folder.mkdir()
    for name, content in LEARNERS_FILES.items():
        (folder / name).write_text(content)
    (folder / "lesson.py").write_text(SCRIPT)
    return folder


@pytest.fixture
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str, cwd: Path, path: list[Path]) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60)

    return run


Run = Callable[..., subprocess.CompletedProcess[str]]


def check_peace(result: subprocess.CompletedProcess[str], ours: Path, theirs: Path) -> None:
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert all(Path(name).is_relative_to(ours.resolve()) for name in found["ours"]), found
    assert all(Path(name).is_relative_to(theirs.resolve()) for name in found["theirs"]), found
    assert found["owners"] == ["the learner"] * 3


@pytest.mark.parametrize(
    "arguments", [["lesson.py"], ["-m", "lesson"], ["-c", SCRIPT]], ids=["file", "-m", "-c"]
)
def test_a_learners_engine_beside_a_checkout(run: Run, learner: Path, arguments: list[str]) -> None:
    check_peace(run(*arguments, cwd=learner, path=[ROOT]), ROOT, learner)


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_a_learners_engine_beside_an_installation(
    run: Run, learner: Path, installed: Path, first: str
) -> None:
    path = [installed, learner] if first == "ours" else [learner, installed]
    check_peace(run("-c", SCRIPT, cwd=learner.parent, path=path), installed, learner)


def test_no_engine_for_whom_has_none(run: Run, installed: Path, tmp_path: Path) -> None:
    for name in ("engine", "ui", "assets"):
        result = run("-c", f"import gradviz\nimport {name}", cwd=tmp_path, path=[installed])
        assert f"ModuleNotFoundError: No module named '{name}'" in result.stderr


def test_a_checkout_wins_in_its_own_folder(run: Run, installed: Path) -> None:
    code = "import gradviz, gradviz.engine; print(gradviz.__file__); print(gradviz.engine.__file__)"
    result = run("-c", code, cwd=ROOT, path=[installed])
    assert result.returncode == 0, result.stderr
    assert [Path(line).parent for line in result.stdout.split()] == [ROOT / "gradviz", ROOT / "engine"]


def test_an_editable_installation_hides_our_folders(run: Run, learner: Path) -> None:
    try:
        distribution = importlib.metadata.distribution("gradviz-desktop")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("gradviz is not installed here, only checked out")
    source = json.loads(distribution.read_text("direct_url.json") or "{}").get("url", ROOT.as_uri())
    if source != ROOT.as_uri():
        pytest.skip("another checkout of gradviz is installed here")
    check_peace(run("lesson.py", cwd=learner, path=[]), ROOT, learner)
    (learner / "engine.py").unlink()
    result = run("-c", "import gradviz.engine\nimport engine", cwd=learner, path=[])
    assert "ModuleNotFoundError: No module named 'engine'" in result.stderr


LOCK = re.compile(
    r"^([a-z0-9-]+)==([\d.]+(?:\.post\d+)?)( ; [^\\]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$",
    re.MULTILINE,
)


def test_the_lock_pins_every_dependency_by_its_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("#", " "))]
    pinned = LOCK.findall(text)
    assert len(pinned) == len(lines) > 20
    assert "://" not in text, "files are known by their hashes, not by where they lie"
    versions = {name: version for name, version, _, _ in pinned}
    project = PROJECT["project"]
    declared = [
        *project["dependencies"],
        *(d for extra in project["optional-dependencies"].values() for d in extra),
    ]
    for requirement in declared:
        name, bounds = normal(requirement)
        assert name in versions, f"{name} is not in the lock"
        for bound in bounds:
            assert satisfies(versions[name], bound), f"{name} {versions[name]} is locked, {bound} asked for"


def satisfies(version: str, bound: str) -> bool:
    """Whether a version is within ">=1.2" or "<3"."""
    sign = bound.rstrip("0123456789.")
    have, want = ([int(part) for part in text.split(".")] for text in (version, bound[len(sign) :]))
    size = max(len(have), len(want))
    have, want = (parts + [0] * (size - len(parts)) for parts in (have, want))
    return {">=": have >= want, "<": have < want, "==": have == want}[sign]


def normal(requirement: str) -> tuple[str, frozenset[str]]:
    """Name and bounds, whatever their order, and in lower case."""
    cut = next((i for i, char in enumerate(requirement) if char in "<>=~!"), len(requirement))
    name, bounds = requirement[:cut].strip().lower(), requirement[cut:]
    return name, frozenset(bound.strip() for bound in bounds.split(",") if bound.strip())
