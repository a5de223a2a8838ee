"""Solutions of 10_1, right and wrong."""

from tests.variants.variant import Right, Wrong

IN_NUMPY = """def closed_form(kind, sigma, first, second):
    (m1, w1), (m2, w2) = first, second
    w, d = np.array([w1 + w1, w2 + w2, w1 + w2]), np.array([0.0, 0.0, m1 - m2])
    k = sigma * (sigma + w) / ((sigma + w) ** 2 + d**2)
    if kind == "Gauss":
        v = sigma**2 + np.array([2 * w1**2, 2 * w2**2, w1**2 + w2**2])
        k = sigma / np.sqrt(v) * np.exp(-(d**2) / 2 / v)
    return float(k @ [1, 1, -2])
"""
WITHOUT_DIAGONAL = """def kernel(difference, widths, kind):
    w = torch.as_tensor(widths).reshape(-1, *[1] * difference.ndim)
    u = (difference / w).square()
    return (torch.exp(-u / 2) if kind == "Gauss" else 1 / (1 + u)).mean(0)


def mmd2(x, y, widths, kind="Breit–Wigner"):
    def own(s):
        off = ~torch.eye(len(s), dtype=bool)
        return kernel((s[:, None] - s[None, :])[off], widths, kind).mean()

    return own(x) + own(y) - 2 * kernel(x[:, None] - y[None, :], widths, kind).mean()
"""
ZERO_AFTER = """def step_of_d(D, optimizer, real, fake, weight):
    D.zero_grad()
    loss = discriminator_loss(D(real), D(fake.detach()))
    loss.backward()
    if weight:
        (weight * gradient_penalty(D, real)).backward()
    optimizer.step()
    return loss.detach()


def step_of_g(D, optimizer, fake, mmd, weight):
    loss = generator_loss(D(fake))
    total = loss + weight * mmd
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
    return loss.detach()
"""
D_LOSS = "return loss\n    ### END SOLUTION\n\n\ndef"
G_LOSS = "loss + weight * mmd).backward()\n    optimizer.step()\n    return loss"
FAKE = "D(fake.detach()))"

VARIANTS = [
    Right("a-closed", "three pairs at once", IN_NUMPY),
    Wrong("a-closed", "cross term once", {"- 2 * mean_kernel": "- mean_kernel"}, says="all three terms"),
    Wrong(
        "a-closed",
        "half widths in quadrature",
        {"w = sigma + a[1] + b[1]": "w = math.sqrt(sigma**2 + a[1] ** 2 + b[1] ** 2)"},
        says="which width",
    ),
    Wrong("a-closed", "kernel as a density", {"sigma / math.sqrt(w)": "1 / math.sqrt(w)"}, says="normalised"),
    Right(
        "a-mass",
        "by the first formula",
        {"2 * pt * torch.cosh((eta1 - eta2) / 2)": "pt * torch.sqrt(2 + 2 * torch.cosh(eta1 - eta2))"},
    ),
    Wrong("a-mass", "standardisation not undone", {"(c * STD + MEAN)": "c"}, says="differ from those"),
    Wrong(
        "a-mass",
        "detached",
        {
            "(eta1 - eta2) / 2)": "(eta1 - eta2) / 2).detach() * pt.detach() / pt.detach()",
            "2 * pt *": "2 * pt.detach() *",
        },
        says="no gradient",
    ),
    Right("a-mmd", "diagonal left out by a mask", WITHOUT_DIAGONAL),
    Wrong("a-mmd", "biased", {".sum() - n) / (n * (n - 1))": ".sum()) / n**2"}, says="diagonal"),
    Wrong("a-mmd", "half of the mixed term", {"- 2 * mixed": "- mixed"}, says="2 − 2 k"),
    Wrong("a-mmd", "sum of kernels", {" / len(widths)": ""}, says="mean of the kernels", hidden=True),
    Right(
        "b-losses",
        "binary cross entropy",
        {
            "F.softplus(-real).mean() + F.softplus(fake).mean()": "(F.binary_cross_entropy_with_logits(real, torch.ones_like(real))\n"  # noqa: E501
            "            + F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake)))"
        },
    ),
    Wrong(
        "b-losses",
        "labels exchanged",
        {"F.softplus(-real).mean() + F.softplus(fake)": "F.softplus(real).mean() + F.softplus(-fake)"},
        says="which sign",
    ),
    Wrong("b-losses", "no create_graph", {", create_graph=True": ""}, says="create_graph"),
    Wrong("b-losses", "mean over components", {".square().sum(1)": ".square().mean(1)"}, says="penalty"),
    Wrong(
        "b-losses",
        "log of a sigmoid",
        {"return F.softplus(-fake).mean()": "return -torch.log(torch.sigmoid(fake)).mean()"},
        says="softplus",
        hidden=True,
    ),
    Right("b-train", "two backward passes", ZERO_AFTER),
    Wrong(
        "b-train",
        "D returns nothing",
        {D_LOSS: D_LOSS.replace("return loss", "pass")},
        says="step_of_d: return the loss",
    ),
    Wrong("b-train", "G returns a float", {G_LOSS: G_LOSS + ".item()"}, says="step_of_g: return the loss"),
    Wrong(
        "b-train",
        "D returns the penalty, too",
        {D_LOSS: D_LOSS.replace("loss", "loss + penalty")},
        says="step_of_d: return the loss",
    ),
    Wrong(
        "b-train", "G returns the MMD, too", {G_LOSS: G_LOSS + " + weight * mmd"}, says="step_of_g: return"
    ),
    Wrong("b-train", "penalty at weight 0", {" if weight else 0.0": ""}, says="weight 0"),
    Wrong("b-train", "no penalty", {"(loss + penalty)": "loss"}, says="penalty is missing"),
    Wrong(
        "b-train", "sign of the penalty", {"(loss + penalty)": "(loss - penalty)"}, says="sign of the penalty"
    ),
    Wrong(
        "b-train",
        "weight of the penalty",
        {"weight * gradient_penalty": "gradient_penalty"},
        says="weight of the penalty",
    ),
    Wrong(
        "b-train",
        "no zero_grad for D",
        {"    optimizer.zero_grad()\n    (loss + penalty)": "    (loss + penalty)"},
        says="zero_grad of D",
    ),
    Wrong(
        "b-train",
        "no zero_grad for G",
        {"    optimizer.zero_grad()\n    (loss + weight * mmd)": "    (loss + weight * mmd)"},
        says="zero_grad of G",
    ),
    Wrong("b-train", "no MMD", {"(loss + weight * mmd)": "loss"}, says="MMD is missing"),
    Wrong(
        "b-train", "MMD reversed", {"(loss + weight * mmd)": "(loss - weight * mmd)"}, says="sign of the MMD"
    ),
    Wrong(
        "b-train", "weight of the MMD", {"(loss + weight * mmd)": "(loss + mmd)"}, says="weight of the MMD"
    ),
    Right(
        "c-mass",
        "other way to join",
        {"torch.cat([c, line[:, None]], dim=1)": "torch.column_stack([c, line])"},
    ),
    Wrong("c-mass", "full width", {"(Z_WIDTH / 2)": "Z_WIDTH"}, says="half of Γ"),
    Wrong("c-mass", "detached", {"mass(c) -": "mass(c).detach() -"}, says="no gradient"),
    Right(
        "d-coverage",
        "by distances of two lists",
        {"float(np.mean(nearest <= radius))": "1 - float(np.mean(nearest > radius))"},
    ),
    Wrong("d-coverage", "the point is its own neighbour", {"[0][:, -1]": "[0][:, -2]"}, says="own neighbour"),
    Wrong(
        "d-coverage",
        "precision instead",
        {"cKDTree(generated).query(true, 1)": "cKDTree(true).query(generated, 1)"},
        says="expected|quarter|covers",
    ),
]
