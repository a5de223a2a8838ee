"""Solutions of 09_3, right and wrong; so far those of the loss."""

from tests.variants.variant import Right, Wrong

VARIANTS = [
    Right(
        "a-loss",
        "widths summed apart",
        {"0.5 * pull**2 + log_tau + 0.5": "0.5 * pull**2 + log_tau * 1.0 + 0.5"},
    ),
    Wrong(
        "a-loss",
        "z detached",
        {"* torch.randn_like(mu)  # (n, k)": "* torch.randn_like(mu)\n    z = z.detach()"},
        says="gradient",
    ),
    Wrong(
        "a-loss",
        "mean over the components",
        {"math.log(2 * math.pi)).sum(1)": "math.log(2 * math.pi)).mean(1)"},
        says="gradient",
    ),
    Wrong("a-loss", "no constants", {" + 0.5 * math.log(2 * math.pi)": ""}, says="constants"),
]
