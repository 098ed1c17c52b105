"""Which of the system's libraries that Qt and Graphviz need are missing, asked before Qt is imported.

The wheels of PyQt6 and pygraphviz carry everything but these; a bare Debian, Ubuntu or container lacks some,
and Qt's own message then names one library at a time, or none.
"""

import ctypes
import os
import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from gradviz.app.i18n import tr

# Library -> Debian's and Ubuntu's package. Needed also without a screen.
ALWAYS: Mapping[str, str] = MappingProxyType(
    {
        "libGL.so.1": "libgl1",
        "libEGL.so.1": "libegl1",
        "libfontconfig.so.1": "libfontconfig1",
        "libfreetype.so.6": "libfreetype6",
        "libglib-2.0.so.0": "libglib2.0-0",
        "libgthread-2.0.so.0": "libglib2.0-0",
        "libgobject-2.0.so.0": "libglib2.0-0",
        "libxkbcommon.so.0": "libxkbcommon0",
        "libdbus-1.so.3": "libdbus-1-3",
        "libX11.so.6": "libx11-6",
        "libXext.so.6": "libxext6",
        "libXrender.so.1": "libxrender1",
        "libexpat.so.1": "libexpat1",
    }
)
# Needed to open a window through X11.
FOR_X11: Mapping[str, str] = MappingProxyType(
    {
        "libxcb-cursor.so.0": "libxcb-cursor0",
        "libxcb-icccm.so.4": "libxcb-icccm4",
        "libxcb-image.so.0": "libxcb-image0",
        "libxcb-keysyms.so.1": "libxcb-keysyms1",
        "libxcb-randr.so.0": "libxcb-randr0",
        "libxcb-render-util.so.0": "libxcb-render-util0",
        "libxcb-shape.so.0": "libxcb-shape0",
        "libxcb-sync.so.1": "libxcb-sync1",
        "libxcb-util.so.1": "libxcb-util1",
        "libxcb-xfixes.so.0": "libxcb-xfixes0",
        "libxcb-xkb.so.1": "libxcb-xkb1",
        "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
        "libX11-xcb.so.1": "libx11-xcb1",
    }
)


def missing_qt_libraries(environment: Mapping[str, str] | None = None) -> list[str]:
    """The file names of the system libraries that cannot be loaded; empty when all is well and off Linux.

    Those of X11 count only when Qt will use it: `QT_QPA_PLATFORM` says xcb, or it is empty and there is
    only an X display.
    """
    if sys.platform != "linux":
        return []
    wanted = [*ALWAYS, *(FOR_X11 if _uses_x11(os.environ if environment is None else environment) else ())]
    return [library for library in wanted if not _loads(library)]


def install_hint(missing: Iterable[str]) -> str:
    """What to tell the user: the missing libraries, and how to install them on Debian and Ubuntu."""
    names = list(missing)
    packages = {**ALWAYS, **FOR_X11}
    wanted = sorted({packages[name] for name in names})
    text = tr(
        "Qt cannot start: this system lacks {libraries}.\n"
        "On Debian and Ubuntu, install them with:\n"
        "    sudo apt install --no-install-recommends {packages}"
    )
    return text.format(libraries=", ".join(names), packages=" ".join(wanted))


def _uses_x11(environment: Mapping[str, str]) -> bool:
    platform = environment.get("QT_QPA_PLATFORM", "")
    if platform:
        return platform.split(";")[0].split(":")[0] == "xcb"
    return bool(environment.get("DISPLAY")) and not environment.get("WAYLAND_DISPLAY")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
