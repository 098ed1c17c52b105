"""Tables and arrays of one's own: read, or refused with the file and the place of the fault; nothing runs."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.data import DataError, own_files, read_own
from gradviz.data.own_files import OwnData, fingerprint

IRIS = "sepal,petal,species\n" + "\n".join(f"{i}.5,{i * i},{'ab'[i % 2]}" for i in range(6))


def table(tmp_path: Path, text: str, encoding: str = "utf-8") -> OwnData:
    path = tmp_path / "own.csv"
    path.write_text(text, encoding)
    return read_own(path)


def arrays(tmp_path: Path, **named: Any) -> OwnData:
    path = tmp_path / "own.npz"
    np.savez(path, **named)
    return read_own(path)


def test_a_table_with_names_and_words(tmp_path: Path) -> None:
    own = table(tmp_path, IRIS)
    assert own.features == ("sepal", "petal")
    assert own.data.classes == ("a", "b")
    assert own.data.targets.tolist() == [0, 1, 0, 1, 0, 1]
    assert own.data.inputs.dtype == np.float32
    assert own.data.inputs[2].tolist() == [2.5, 4.0]
    assert own.split is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_delimiters_encodings_and_the_label_in_the_middle(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    rows = [["a", "Target", "b"], *[[str(i), str(i % 3), str(-i)] for i in range(7)], ["", "", ""]]
    own = table(tmp_path, "\n".join(delimiter.join(row) for row in rows), encoding)
    assert own.features == ("a", "b")
    assert own.data.classes == ("0", "1", "2")
    assert own.data.inputs[3].tolist() == [3, -3]


def test_no_names_and_a_number_to_predict(tmp_path: Path) -> None:
    own = table(tmp_path, "\n".join(f"{i},{i / 7}" for i in range(9)))
    assert own.features == ("x1",)
    assert own.data.regression
    assert own.data.targets.shape == (9, 1)
    assert own.data.targets[7, 0] == np.float32(1)


def test_many_whole_numbers_are_amounts(tmp_path: Path) -> None:
    assert table(tmp_path, "\n".join(f"{i},{i}" for i in range(150))).data.regression


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "own.csv: holds no rows"),
        ("a,b\n", "holds names, but no rows"),
        ("1\n2\n3\n4\n5\n", "one column only"),
        (IRIS + "\n1,2", "own.csv:8: 2 cells, but the first row has 3"),
        (IRIS + "\n1,two,a", "own.csv:8: column 'petal': 'two' is no finite number"),
        (IRIS + "\nnan,2,a", "own.csv:8: column 'sepal': 'nan' is no finite number"),
        (IRIS + "\n1,,a", "column 'petal': '' is no finite number"),
        (IRIS + "\n1,2,", "own.csv:8: the label is empty"),
        ("\n".join(f"{i},1" for i in range(6)), "all samples have the same label, 1"),
        ("\n".join(f"{i},{i}.5" for i in range(5)) + "\n5,inf", "own.csv:6: the label is no finite number"),
        ("\n".join(f"{i},name{i}" for i in range(300)), "300 different labels for 300 samples"),
        ("1,a\n2,b\n", "2 samples; at least 5 are needed"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DataError) as caught:
        table(tmp_path, text)
    assert told in str(caught.value)


def test_no_text_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_bytes(b"\xff\xfe\x00,\x01\n" * 9)
    with pytest.raises(DataError, match="no text in UTF-8"):
        read_own(tmp_path / "own.csv")
    for name in ("none.csv", "none.npz"):
        with pytest.raises(DataError, match="there is no such file"):
            read_own(tmp_path / name)


X = np.arange(60, dtype=np.float64).reshape(10, 6)
Y = np.arange(10) % 2


def test_arrays_with_a_test_part(tmp_path: Path) -> None:
    own = arrays(tmp_path, x=X, y=Y, x_test=X[:3], y_test=Y[:3])
    assert len(own.data) == 13
    assert own.split is not None
    assert [places.tolist() for places in own.split] == [list(range(10)), [10, 11, 12]]


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [((9,), (9, 1)), ((9, 4), (9, 4)), ((9, 8, 8), (9, 1, 8, 8)), ((9, 3, 8, 8), (9, 3, 8, 8)),
     ((9, 8, 8, 1), (9, 1, 8, 8))],
)  # fmt: skip
def test_shapes_and_bytes(tmp_path: Path, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    bytes_ = (np.arange(np.prod(shape)) % 256).astype(np.uint8).reshape(shape)
    own = arrays(tmp_path, images=bytes_, labels=np.arange(9) % 3)
    assert own.data.inputs.shape == wanted
    assert own.data.inputs.max() <= 1
    assert own.data.inputs.ravel()[5] == np.float32(5 / 255)


def test_labels_that_do_not_begin_at_0_are_classes_by_name(tmp_path: Path) -> None:
    own = arrays(tmp_path, x=X, y=np.where(Y, 7, -3))
    assert own.data.classes == ("-3", "7")
    assert own.data.targets.tolist() == Y.tolist()
    assert arrays(tmp_path, x=X, y=np.array(["no", "yes"])[Y]).data.classes == ("no", "yes")
    assert arrays(tmp_path, x=X, y=Y[:, None] > 0).data.classes == ("0", "1")


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"x": X}, "there is no array y; it holds x"),
        ({"z": X, "y": Y}, "there is no array x; it holds y, z"),
        ({"x": X, "y": Y[:9]}, "x has 10 samples, but y has 9"),
        ({"x": X, "y": Y, "x_test": X}, "there is no array y_test"),
        ({"x": X, "y": Y, "x_test": X[:, :2], "y_test": Y}, "different shapes"),
        ({"x": np.where(X == 25, np.nan, X), "y": Y}, "x[4] holds a number that is not finite"),
        ({"x": X.astype(complex), "y": Y}, "no numbers"),
        ({"x": X.reshape(10, 1, 1, 1, 6), "y": Y}, "5 dimensions"),
        ({"x": X, "y": np.eye(10)}, "one label for each sample"),
        ({"x": X[:3], "y": Y[:3]}, "3 samples; at least 5"),
        ({"x": np.float64(1), "y": Y}, "x is a single number"),
    ],
)
def test_what_is_wrong_with_arrays_is_told(tmp_path: Path, named: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError) as caught:
        arrays(tmp_path, **named)
    assert told in str(caught.value)
    assert "own.npz" in str(caught.value)


class Evil:
    """Unpickling this would make a file."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("pwned",)


def test_pickles_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez(tmp_path / "own.npz", x=np.array([Evil()] * 10, object), y=Y)
    with pytest.raises(DataError, match="is damaged"):
        read_own(tmp_path / "own.npz")
    assert not (tmp_path / "pwned").exists()


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_files, "MOST_BYTES", 1 << 16)
    with zipfile.ZipFile(tmp_path / "own.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", bytes(1 << 17))
    with pytest.raises(DataError, match="the limit is"):
        read_own(tmp_path / "own.npz")


@given(st.data())
def test_damaged_archives_are_refused_or_read(data: st.DataObject) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x=X, y=Y)
    content = bytearray(buffer.getvalue())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content)))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path = Path(os.environ["GRADVIZ_DATA_DIR"]) / "damaged.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    try:
        own = read_own(path)
    except DataError as error:
        assert "damaged.npz" in str(error)
    else:
        assert len(own.data) > 0


def test_a_fingerprint_changes_with_the_contents(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(IRIS)
    before = fingerprint(path)
    path.write_text(IRIS + "\n")
    assert fingerprint(path) != before
    with pytest.raises(DataError, match="cannot be read"):
        fingerprint(tmp_path / "none")
