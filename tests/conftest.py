"""What holds for every test: no screen, a settings folder of its own, no leaks and no unexpected warnings."""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.guards import Watch

# Before anything imports Qt, matplotlib or gradviz, in this process and in those that tests start. The folder
# of compiled kernels (GRADVIZ_CACHE_DIR) stays the user's own: compiling them anew for each run is slow.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("MPLBACKEND", "Agg")
_home = Path(tempfile.mkdtemp(prefix="gradviz-tests-"))
os.environ["GRADVIZ_CONFIG_DIR"] = str(_home / "config")
os.environ["GRADVIZ_DATA_DIR"] = str(_home / "data")

# No deadline: the first example may have to compile a kernel. The same examples everywhere in CI.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

_failed = pytest.StashKey[bool]()


def pytest_unconfigure() -> None:
    shutil.rmtree(_home, ignore_errors=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when != "teardown" and not report.passed:
        item.stash[_failed] = True
    return report


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test that leaves something running or logs a warning.

    A test that asks for `caplog` judges its log itself.
    """
    watch = Watch(logs="caplog" not in request.fixturenames)
    yield
    if request.node.stash.get(_failed, False):
        watch.release()
    else:
        watch.check()


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> object:
    """pytest-qt's robot, with more patience."""
    from tests.patience import PatientBot  # Qt is loaded for tests that need it only

    return PatientBot(request)


@pytest.fixture
def fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty settings and data folders for one test: `config` and `data` below the returned one."""
    monkeypatch.setenv("GRADVIZ_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("GRADVIZ_DATA_DIR", str(tmp_path / "data"))
    return tmp_path
