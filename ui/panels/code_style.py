"""Fonts, colours, markers and margins of the code view. Import this lazily: QScintilla."""

from __future__ import annotations

from PyQt6.Qsci import QsciLexerPython, QsciScintilla
from PyQt6.QtGui import QFont, QFontMetricsF

from ..fonts import mono_font
from ..theme import Theme
from ..theme.palette import mix

ARROW, SELECTED, CURRENT, WRONG, WRONG_SIGN = range(5)  # marker numbers; grounds of higher ones win
NUMBERS, SIGNS = 0, 1  # margins
# Numbers of the styles of texts below lines; 32 to 39 are Scintilla's own.
ERROR_STYLE, VALUE_STYLE, GRADIENT_STYLE = 40, 41, 42
_STYLES = {
    QsciLexerPython.Keyword: "code_keyword",
    QsciLexerPython.SingleQuotedString: "code_string",
    QsciLexerPython.DoubleQuotedString: "code_string",
    QsciLexerPython.TripleSingleQuotedString: "code_string",
    QsciLexerPython.TripleDoubleQuotedString: "code_string",
    QsciLexerPython.SingleQuotedFString: "code_string",
    QsciLexerPython.DoubleQuotedFString: "code_string",
    QsciLexerPython.TripleSingleQuotedFString: "code_string",
    QsciLexerPython.TripleDoubleQuotedFString: "code_string",
    QsciLexerPython.UnclosedString: "code_string",
    QsciLexerPython.Number: "code_number",
    QsciLexerPython.Comment: "code_comment",
    QsciLexerPython.CommentBlock: "code_comment",
    QsciLexerPython.ClassName: "code_function",
    QsciLexerPython.FunctionMethodName: "code_function",
    QsciLexerPython.Decorator: "code_function",
}


def dress(editor: QsciScintilla, lexer: QsciLexerPython, theme: Theme) -> None:
    """Give everything its font and colours."""
    font = mono_font(9.5)
    bold = mono_font(9.5, QFont.Weight.Bold)
    lexer.setDefaultFont(font)
    lexer.setDefaultPaper(theme.code_background)
    lexer.setDefaultColor(theme.code_text)
    # One style at a time: QScintilla's "all styles" leaves some in its own colours.
    for style in range(128):
        if lexer.description(style) or style == 0:
            lexer.setFont(bold if style == QsciLexerPython.ClassName else font, style)
            lexer.setPaper(theme.code_background, style)
            lexer.setColor(getattr(theme, _STYLES.get(style, "code_text")), style)
    editor.setFont(font)
    editor.setColor(theme.code_text)
    editor.setPaper(theme.code_background)
    editor.setMarginsFont(mono_font(8.5))
    editor.setMarginsBackgroundColor(theme.code_margin)
    editor.setMarginsForegroundColor(theme.muted)
    editor.setMarginBackgroundColor(SIGNS, theme.code_margin)
    editor.setMarginWidth(SIGNS, round(QFontMetricsF(font).height()))
    editor.setSelectionBackgroundColor(theme.selection)
    editor.setSelectionForegroundColor(theme.text)
    editor.setMarkerBackgroundColor(mix(theme.code_background, theme.accent, 0.13), SELECTED)
    editor.setMarkerBackgroundColor(mix(theme.code_background, theme.error, 0.22), WRONG)
    editor.setMarkerBackgroundColor(theme.error, WRONG_SIGN)
    editor.setMarkerForegroundColor(theme.error, WRONG_SIGN)
    _dress_annotations(editor, theme)


def _dress_annotations(editor: QsciScintilla, theme: Theme) -> None:
    send = editor.SendScintilla
    wrong = mix(theme.code_background, theme.error, 0.12)
    for style, colour, ground in (
        (ERROR_STYLE, theme.error, wrong),
        (VALUE_STYLE, theme.muted, theme.code_background),
        (GRADIENT_STYLE, theme.gradient, theme.code_background),
    ):
        send(editor.SCI_STYLESETFORE, style, colour)
        send(editor.SCI_STYLESETBACK, style, ground)
        send(editor.SCI_STYLESETFONT, style, mono_font().family().encode())
        send(editor.SCI_STYLESETSIZEFRACTIONAL, style, round(mono_font(8.5).pointSizeF() * 100))
