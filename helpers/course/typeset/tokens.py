"""TeX as a stream of tokens, last one first: taken apart, read argument by argument, and written again."""

import re

__all__ = ["TexError", "argument", "following", "optional", "skip", "tokens_of", "until", "write"]

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)

_FONTS = {
    r"\rm": r"\mathrm",
    r"\bf": r"\mathbf",
    r"\it": r"\mathit",
    r"\cal": r"\mathcal",
    r"\sf": r"\mathsf",
}
_FONTS |= {r"\tt": r"\mathtt", r"\mit": r"\mathit", r"\frak": r"\mathfrak", r"\em": r"\mathit"}


class TexError(ValueError):
    """TeX that cannot be read: what is missing."""


def write(tokens: list[str]) -> str:
    r"""Tokens as TeX, with \rm, \over and the like turned into commands with arguments.

    Parameters
    ----------
    tokens : list of str
        In the order of the text.

    Returns
    -------
    str

    Raises
    ------
    TexError
        For a brace that is not balanced.
    """
    groups = [[]]
    for token in tokens:
        if token == "{":
            groups.append([])
        elif token == "}":
            if len(groups) == 1:
                raise TexError("a } without its {")
            inner = _group(groups.pop())
            groups[-1].append("{" + inner + "}")
        else:
            groups[-1].append(token)
    if len(groups) > 1:
        raise TexError("a { without its }")
    return _group(groups[0])


def _group(tokens):
    for i, token in enumerate(tokens):
        if token in (r"\over", r"\choose"):
            new = r"\frac" if token == r"\over" else r"\binom"
            return f"{new}{{{_group(tokens[:i])}}}{{{_group(tokens[i + 1 :])}}}"
    for i, token in enumerate(tokens):
        if token in _FONTS:
            return _group(tokens[:i]) + f"{_FONTS[token]}{{{_group(tokens[i + 1 :]).strip()}}}"
    out = []
    for token in tokens:
        # a letter after a command would join its name
        if out and re.search(r"\\[A-Za-z]+$", out[-1]) and token[0].isalpha():
            out.append(" ")
        out.append(token)
    return "".join(out)


def tokens_of(tex: str) -> list[str]:
    """Commands, blanks and single characters, in the order of the text."""
    return _TOKEN.findall(tex)


def skip(stream: list[str]) -> None:
    """Take the blanks at the head of the stream."""
    while stream and stream[-1].isspace():
        stream.pop()


def following(stream: list[str]) -> str:
    """The next token that is no blank, left where it is; "" at the end."""
    skip(stream)
    return stream[-1] if stream else ""


def argument(stream: list[str], name: str) -> list[str]:
    """Take the next token, or the next group without its braces.

    Parameters
    ----------
    stream : list of str
    name : str
        Of the command, for the message.

    Returns
    -------
    list of str
        In the order of the text.

    Raises
    ------
    TexError
        When there is none, or a group does not end.
    """
    token = following(stream)
    if token in ("", "}"):
        raise TexError(f"{name} lacks an argument")
    return until(stream, "}", name) if token == "{" else [stream.pop()]


def optional(stream: list[str]) -> list[str] | None:
    """Take the tokens of an argument in square brackets, None when there is none."""
    return until(stream, "]", "[") if following(stream) == "[" else None


def until(stream: list[str], closing: str, name: str) -> list[str]:
    """Take an opening bracket and what follows up to its closing one, which is taken too.

    Parameters
    ----------
    stream : list of str
    closing : str
        "}" or "]".
    name : str
        Of the command, for the message.

    Returns
    -------
    list of str
        What stands between them, in the order of the text.

    Raises
    ------
    TexError
        When nothing closes it.
    """
    stream.pop()
    depth, out = 0, []
    while stream:
        token = stream.pop()
        if depth == 0 and token == closing:
            return out
        depth += {"{": 1, "}": -1}.get(token, 0)
        out.append(token)
    raise TexError(f"{name} lacks its {closing}")
