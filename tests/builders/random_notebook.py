"""Notebooks of anything: markup torn out of its place, control characters, broken outputs."""

from hypothesis import strategies as st

__all__ = ["cells"]

# fmt: off
FRAGMENTS = [
    '$', '$$', '$x_1$', '$$\\frac{a}{b}$$', '\\begin{align}', '\\end{align}', '\\(', '\\[', '{', '}',
    '\\left(', '\\right)', '&', '\\\\', '_', '*', '**', '`', '```', '~~~', '#', '##', '>', '-', '1.', '|',
    '|---|', '[', ']', '![', '](x.png)', '<b>', '</b>', '<div>', '</div>', '<table>', '<tr><td>', '<!--',
    '-->', '<script>', '</script>', '&amp;', '&#0;', '@@0@@', '#panic()', ']]', '//', '/*', '*/', '=', '+',
    '\\', '\\newcommand{\\a}{\\a\\a}', '\\a', '\\def\\b#1{', '\\b', '\\undefined', '\\text{', '\\color{',
    '\\label{l}', '\\eqref{l}', '\x1b[31m', '\x1b[A', '\x08', '\x07', '\x00', '\ue0000\ue001',
    '\ue0079\ue008', '\xe9', '\u4e2d', '\U0001f680', '\r', '\x08', '\ud800',
]
# fmt: on
fragment = st.one_of(
    st.sampled_from(FRAGMENTS), st.sampled_from(["\n", "\n\n", " ", "    ", "\t"]), st.text(max_size=8)
)
wild = st.lists(fragment, max_size=25).map("".join)
mime = st.sampled_from(
    [
        "text/plain",
        "text/html",
        "text/markdown",
        "text/latex",
        "image/png",
        "image/svg+xml",
        "image/jpeg",
        "application/pdf",
    ]
)
wild_output = st.one_of(
    st.builds(
        lambda text, name: {"output_type": "stream", "name": name, "text": text},
        wild,
        st.sampled_from(["stdout", "stderr"]),
    ),
    st.builds(lambda text: {"output_type": "error", "ename": "E", "evalue": "v", "traceback": [text]}, wild),
    st.builds(
        lambda data: {"output_type": "display_data", "metadata": {}, "data": data},
        st.dictionaries(mime, wild, max_size=2),
    ),
)
wild_cell = st.tuples(st.sampled_from(["markdown", "code", "raw"]), wild, st.lists(wild_output, max_size=2))
cells = st.lists(wild_cell, min_size=1, max_size=5)
