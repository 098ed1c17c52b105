"""Small lessons in folders, for the tests: a right one, and the same with one thing changed."""

from __future__ import annotations

from pathlib import Path

TOML = """
number = 3
minutes = 7
requires = ["one-neuron"]

[[steps]]
id = "start"
at = "start"

[[steps]]
id = "product"
at = "before write n"
select = "n"
[steps.question]
kind = "number"
answer = 'value("n")'
reveal_at = "write n"
[[steps.question.mistakes]]
id = "double"
answer = '2 * value("n")'

[[steps]]
id = "slope"
at = "write o"
[steps.question]
kind = "choice"
answer = '"up" if grad("x1") > 0 else "down"'
choices = ["up", "down"]
reveal_at = "backward"

[[steps]]
id = "end"
at = "end"
"""

ENGLISH = """# A test

Only a test.

## Start {#start}
Nothing yet.

## The sum {#product}
Look at $n$.

### ?
What is it?

### !
It is {{ value("n") }}.

### ~ double
Half of that: {{ value("n") }}.

### ~
Look again.

## The slope {#slope}
The output is {{ value("o") }}.

### ?
Which way?
- [up] Up
- [down] Down

### !
Its gradient is {{ grad("x1") }}.

## End {#end}
That was all.
"""

CHINESE = """# 测试

只是测试。

## 开始 {#start}
还什么都没有。

## 和 {#product}
看 $n$。

### ?
它是多少？

### !
它是 {{ value("n") }}。

### ~ double
只有一半：{{ value("n") }}。

### ~
再看一看。

## 斜率 {#slope}
输出是 {{ value("o") }}。

### ?
朝哪边？
- [up] 上
- [down] 下

### !
它的梯度是 {{ grad("x1") }}。

## 结束 {#end}
完了。
"""


def write_lesson(
    folder: Path,
    toml: str = TOML,
    english: str | None = ENGLISH,
    chinese: str | None = CHINESE,
    setup: str | None = "import gradviz as torch\n",
) -> Path:
    """Write the files of a lesson; None leaves one out."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"lesson.toml": toml, "lesson.en.md": english, "lesson.zh_CN.md": chinese, "setup.py": setup}
    for name, text in files.items():
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    return folder
