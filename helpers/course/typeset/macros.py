"""TeX macros that physicists use and pandoc does not know, each with what pandoc reads instead."""

__all__ = ["MACROS"]

# Macros of braket, physics, slashed, siunitx and friends: number of arguments and replacement.
MACROS = {
    r"\braket": (1, r"\left\langle #1\right\rangle "),
    r"\ev": (1, r"\left\langle #1\right\rangle "),
    r"\expval": (1, r"\left\langle #1\right\rangle "),
    r"\mel": (3, r"\left\langle #1\middle\vert #2\middle\vert #3\right\rangle "),
    r"\abs": (1, r"\left\vert #1\right\vert "),
    r"\norm": (1, r"\left\Vert #1\right\Vert "),
    r"\comm": (2, r"\left[#1,#2\right]"),
    r"\order": (1, r"\mathcal{O}\left(#1\right)"),
    r"\dd": (1, r"\mathrm{d}#1"),
    r"\vb": (1, r"\mathbf{#1}"),
    r"\va": (1, r"\vec{#1}"),
    r"\mathbbm": (1, r"\mathbb{#1}"),
    r"\mathds": (1, r"\mathbb{#1}"),
    r"\ensuremath": (1, "#1"),
    r"\SI": (2, r"#1\,\mathrm{#2}"),
    r"\qty": (0, ""),
    r"\num": (1, "#1"),
    r"\si": (1, r"\mathrm{#1}"),
    r"\unit": (1, r"\mathrm{#1}"),
    r"\hspace": (1, r"\quad "),
    r"\require": (1, ""),
    r"\dots": (0, r"\ldots "),
    r"\tr": (0, r"\operatorname{tr}"),
    r"\Tr": (0, r"\operatorname{Tr}"),
    r"\nonumber": (0, ""),
    r"\notag": (0, ""),
    r"\displaystyle": (0, ""),
    r"\textstyle": (0, ""),
    r"\scriptstyle": (0, ""),
    r"\limits": (0, ""),
    r"\nolimits": (0, ""),
    r"\strut": (0, ""),
    r"\mathstrut": (0, ""),
    r"\smash": (1, "#1"),
    r"\mathop": (1, "#1"),
    r"\!": (0, ""),
    r"\;": (0, r"\,\,"),
    r"\:": (0, r"\,"),
    r"\|": (0, r"\Vert "),
    r"\Vert": (0, r"\parallel "),
    r"\lVert": (0, r"\parallel "),
    r"\rVert": (0, r"\parallel "),
}
MACROS |= {
    r"\thicksim": (0, r"\sim "),
    r"\thickapprox": (0, r"\approx "),
    r"\vcentcolon": (0, ":"),
    r"\S": (0, r"\text{§}"),
    r"\P": (0, r"\text{¶}"),
    r"\copyright": (0, r"\text{©}"),
    r"\degree": (0, r"\text{°}"),
    r"\celsius": (0, r"\text{°C}"),
    r"\perthousand": (0, r"\text{‰}"),
    r"\ohm": (0, r"\Omega "),
    r"\idotsint": (0, r"\int\cdots\int "),
    r"\cfrac": (2, r"\frac{#1}{#2}"),
    r"\dbinom": (2, r"\binom{#1}{#2}"),
    r"\tbinom": (2, r"\binom{#1}{#2}"),
}
# Typst grows brackets by what stands between them.
MACROS |= {
    f"\\{size}{side}": (0, "") for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")
}
