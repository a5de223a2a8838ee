"""Solutions of 05_1, right and wrong."""

from tests.variants.variant import Right, Wrong

ACTION = "return (-2 * kappa * phi * next_ones + (1 - 2 * lam) * square + lam * square**2).sum((1, 2))"
FORCE = "return 2 * kappa * neighbours - 2 * (1 - 2 * lam) * phi - 4 * lam * phi**3"
NEIGHBOURS = "np.roll(phi, -1, 1) + np.roll(phi, 1, 1) + np.roll(phi, -1, 2) + np.roll(phi, 1, 2)"
LAST_KICK = "(step / 2 if last else step)"
ACCEPTED = "rng.random(len(phi)) < np.exp(-delta_h)"
NEW = "np.where(accepted[:, None, None], new, phi)"
POSITION_FIRST = """def leapfrog(phi, momenta, kappa, lam, step, n_steps):
    phi = phi + step / 2 * momenta
    for number in range(n_steps):
        momenta = momenta + step * force(phi, kappa, lam)
        phi = phi + (step if number < n_steps - 1 else step / 2) * momenta
    return phi, momenta


def hmc_step(phi, kappa, lam, step, n_steps):
    momenta = rng.normal(size=phi.shape)
    new, new_momenta = leapfrog(phi, momenta, kappa, lam, step, n_steps)

    def energy(phi, momenta):
        return 0.5 * (momenta**2).sum((1, 2)) + action(phi, kappa, lam)

    delta_h = energy(new, new_momenta) - energy(phi, momenta)
    accepted = np.log(rng.random(len(phi))) <= -delta_h
    result = phi.copy()
    result[accepted] = new[accepted]
    return result, delta_h, accepted
"""
SINGLE = {
    "rng.standard_normal(phi.shape)": "rng.standard_normal(phi.shape, np.float32)",
    "= leapfrog(phi, momenta,": "= leapfrog(phi.astype(np.float32), momenta,",
}
FORWARD = "return self.output(self.maps(phi[:, None]).flatten(1))[:, 0]"
ENTROPY_BY_HAND = """def train_phases(network, fields, labels, steps, lr=0.01):
    optimizer = Adam(network.parameters(), lr)
    losses = np.zeros(steps)
    for k in range(steps):
        p = torch.sigmoid(network(fields)).clamp(1e-7, 1 - 1e-7)
        loss = -(labels * p.log() + (1 - labels) * (1 - p).log()).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses[k] = loss.item()
    return losses
"""
MANY_CONVOLUTIONS = """class PhaseNetwork(nn.Module):
    def __init__(self, side=SIDE):
        super().__init__()
        layers = []
        for n_in, n_out in ((1, 8), (8, 8), (8, 1)):
            layers.append(nn.Conv2d(n_in, n_out, 3, padding="same", padding_mode="circular"))
            layers.append(nn.ReLU())
        self.maps = nn.Sequential(*layers[:-1])
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(side * side, 1))

    def forward(self, phi):
        return self.head(self.maps(phi.unsqueeze(1))).squeeze(1)

"""
CROSSING = "return x[below] + (level - y[below]) / (y[above] - y[below]) * (x[above] - x[below])"
OTHER_MEASURES = """def susceptibility(magnetisation):
    return SIDE**2 * np.var(np.abs(magnetisation), ddof=1)


def crossing(x, y, level=0.5):
    for k in range(1, len(y)):
        if y[k] > level:
            return float(np.interp(level, [y[k - 1], y[k]], [x[k - 1], x[k]]))


def peak(x, y):
    k = min(max(int(np.argmax(y)), 1), len(y) - 2)
    a, b, c = x[k - 1], x[k], x[k + 1]
    fa, fb, fc = y[k - 1], y[k], y[k + 1]
    above = (b - a) ** 2 * (fb - fc) - (b - c) ** 2 * (fb - fa)
    return b - 0.5 * above / ((b - a) * (fb - fc) - (b - c) * (fb - fa))
"""
OTHER_POSTERIOR = """def log_partition(kappas, mean_hopping):
    log_z = [0.0]
    for k in range(1, len(kappas)):
        log_z.append(log_z[-1] + 2 * np.trapezoid(mean_hopping[k - 1 : k + 1], kappas[k - 1 : k + 1]))
    return np.array(log_z)


def posterior(h, kappas, log_z):
    kappas = np.asarray(kappas)
    p = torch.softmax(torch.tensor(2 * np.outer(h, kappas) - log_z), 1).numpy()
    mean = (p * kappas).sum(1)
    return mean, (p * (kappas - mean[:, None]) ** 2).sum(1)
"""
SHARE = "vectors[:, -1], values[-1] / values.sum()"
DRAW = "torch.exp(log_variance / 2) * torch.randn_like(mean)"
KL = "0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean()"
ENTROPY = 'binary_cross_entropy_with_logits(model.decoder(z), bits, reduction="none")'
SITES = "entropies.sum(1).mean() + kl"

VARIANTS = [
    Right(
        "a-action",
        "all four neighbours, half of each pair",
        {
            "next_ones = np.roll(phi, -1, 1) + np.roll(phi, -1, 2)": f"next_ones = ({NEIGHBOURS}) / 2",
            "phi**3": "phi * phi * phi",
        },
    ),
    Right(
        "a-action",
        "float32",
        {ACTION: ACTION + ".astype(np.float32)", FORCE: f"{FORCE[:-6]}phi.astype(float)**3"},
    ),
    Wrong(
        "a-action",
        "pairs counted twice",
        {"(phi, -1, 1) + np.roll(phi, -1, 2)\n": f"(phi, 1, 1) + {NEIGHBOURS[42:]} + np.roll(phi, -1, 1)\n"},
        says="once",
    ),
    Wrong("a-action", "sign of the hopping", {"(-2 * kappa": "(2 * kappa"}, says="once"),
    Wrong(
        "a-action",
        "open edges",
        {
            "next_ones = np.roll(phi, -1, 1)": "next_ones = np.pad(phi, ((0, 0), (0, 1), (0, 0)))[:, 1:]",
            "np.roll(phi, -1, 2)\n    square": "np.pad(phi, ((0, 0), (0, 0), (0, 1)))[:, :, 1:]\n    square",
        },
        says="periodic",
    ),
    Wrong("a-action", "force with the wrong sign", {FORCE: f"return -({FORCE[7:]})"}, says="sign"),
    Wrong(
        "a-action",
        "force from two neighbours",
        {NEIGHBOURS: "np.roll(phi, -1, 1) + np.roll(phi, -1, 2)"},
        says="four neighbours",
    ),
    Wrong("a-action", "one action for all fields", {".sum((1, 2))": ".sum()"}, says="three"),
    Wrong(
        "a-action",
        "neighbours among the fields",
        {"next_ones = np.roll(phi, -1, 1) + np.roll(phi, -1, 2)": "next_ones = np.roll(phi, -1, 0)"},
        says="axis 0",
    ),
    Right("a-hmc", "positions first, log of the random number", POSITION_FIRST),
    Right("a-hmc", "float32", SINGLE),
    Wrong(
        "a-hmc",
        "Euler",
        {"step / 2 * force(phi, kappa, lam)\n    for": "0 * phi\n    for", LAST_KICK: "step"},
        says="half steps",
    ),
    Wrong("a-hmc", "full step at the end", {LAST_KICK: "step"}, says="half steps"),
    Wrong(
        "a-hmc",
        "one step too many",
        {"range(n_steps)": "range(n_steps + 1)", "n_steps - 1": "n_steps"},
        says="n_steps steps",
    ),
    Wrong(
        "a-hmc",
        "changes its arguments",
        {"momenta = momenta + step / 2 *": "momenta += step / 2 *"},
        says="changes its arguments",
    ),
    Wrong("a-hmc", "always accepted", {ACCEPTED: "np.ones(len(phi), bool)"}, says="min\\(1"),
    Wrong("a-hmc", "sign in the exponent", {"np.exp(-delta_h)": "np.exp(delta_h)"}, says="always accepted"),
    Wrong("a-hmc", "rejected fields move", {NEW: "new"}, says="old one"),
    Wrong(
        "a-hmc",
        "accepted fields put into the argument",
        {f"return {NEW}": "phi[accepted] = new[accepted]\n    return phi"},
        says="changes its argument",
    ),
    Wrong("a-hmc", "no kinetic energy", {"delta_h = kinetic + ": "delta_h = "}, says="change of S"),
    Wrong("a-hmc", "kinetic energy without ½", {"0.5 * (new_momenta": "(new_momenta"}, says="change of S"),
    Wrong(
        "a-hmc",
        "flat momenta",
        {"rng.standard_normal(phi.shape)": "rng.uniform(-1, 1, phi.shape)"},
        says="Gaussian",
    ),
    Wrong(
        "a-hmc",
        "one decision for all chains",
        {"rng.random(len(phi)) <": "rng.random() <"},
        says="min\\(1|each chain",
    ),
    Right("b-network", "in a loop", MANY_CONVOLUTIONS),
    Right("b-training", "entropy by hand", ENTROPY_BY_HAND),
    Wrong("b-network", "zeros at the edges", {', "padding_mode": "circular"': ""}, says="circular"),
    Wrong(
        "b-network",
        "ReLU at the end",
        {"nn.Conv2d(8, 1, 3, **options)": "nn.Conv2d(8, 1, 3, **options), nn.ReLU()"},
        says="behind the last",
    ),
    Wrong("b-network", "no ReLU", {"nn.ReLU()": "nn.Identity()"}, says="linear"),
    Wrong(
        "b-network",
        "sigmoid in the network",
        {FORWARD: f"return torch.sigmoid({FORWARD[7:]})"},
        says="no sigmoid",
    ),
    Wrong("b-training", "one step only", {"range(steps)": "range(1)"}, says="30 losses"),
    Wrong(
        "b-training",
        "gradients pile up",
        {"        optimizer.zero_grad()\n": ""},
        says="zero_grad",
        hidden=True,
    ),
    Wrong(
        "b-training",
        "half of the fields",
        {"network(fields), labels)": "network(fields[::2]), labels[::2])"},
        says="all fields",
    ),
    Right("c-measure", "variance of |M|, interpolation, formula", OTHER_MEASURES),
    Wrong(
        "c-measure",
        "mean of M",
        {"np.abs(magnetisation).mean() ** 2": "magnetisation.mean() ** 2"},
        says="mean of \\|M\\|",
    ),
    Wrong("c-measure", "no volume", {"SIDE**2 * (": "("}, says="factor V"),
    Wrong("c-measure", "point before the crossing", {CROSSING: "return x[below]"}, says="crosses"),
    Wrong("c-measure", "closest point", {CROSSING: "return x[np.argmin(np.abs(y - level))]"}, says="crosses"),
    Wrong(
        "c-measure",
        "last crossing",
        {"int(np.argmax(y > level))": "int(np.flatnonzero(y <= level)[-1]) + 1"},
        says="first crosses",
    ),
    Wrong(
        "c-measure",
        "highest point",
        {"return x[top] - b / (2 * a)": "return x[top]"},
        says="peak of a parabola",
    ),
    Wrong("c-measure", "sign in the parabola", {"- b / (2 * a)": "+ b / (2 * a)"}, says="peak of a parabola"),
    Wrong(
        "c-measure",
        "all points",
        {
            "x[top - 1 : top + 2] - x[top], y[top - 1 : top + 2]": "x - x[top], y",
        },
        says="neighbours",
    ),
    Right("d-posterior", "torch's softmax, trapezoids of NumPy", OTHER_POSTERIOR),
    Wrong(
        "d-posterior",
        "factor 2 left out of log Z",
        {"areas = np.diff(kappas)": "areas = 0.5 * np.diff(kappas)"},
        says="2 ⟨h⟩",
    ),
    Wrong(
        "d-posterior",
        "rectangles",
        {"(mean_hopping[1:] + mean_hopping[:-1])": "2 * mean_hopping[1:]"},
        says="trapezoids",
    ),
    Wrong("d-posterior", "not added up", {"np.cumsum(areas)": "areas"}, says="added up"),
    Wrong("d-posterior", "no Z", {" - log_z": " + 0 * log_z"}, says="exp\\(2κh\\)/Z"),
    Wrong(
        "d-posterior",
        "factor 2 left out of the exponent",
        {"2 * h[:, None]": "h[:, None]"},
        says="exp\\(2κh\\)/Z",
    ),
    Wrong(
        "d-posterior",
        "largest weight only",
        {"mean = weights @ kappas": "mean = kappas[weights.argmax(1)]"},
        says="means",
    ),
    Wrong(
        "d-posterior",
        "second moment",
        {"weights @ kappas**2 - mean**2": "weights @ kappas**2"},
        says="variances",
    ),
    Wrong(
        "d-posterior",
        "maximum not subtracted",
        {" - exponent.max(1, keepdims=True)": ""},
        says="subtract the maximum",
    ),
    Right(
        "d-relevance",
        "backward",
        {
            "(gradient,) = torch.autograd.grad(network(phi).sum(), phi)": "network(phi).sum().backward()",
            "(phi * gradient)": "(phi * phi.grad)",
        },
    ),
    Wrong("d-relevance", "gradient only", {"(phi * gradient)": "gradient"}, says="times the field"),
    Wrong("d-relevance", "mean over the fields", {"network(phi).sum()": "network(phi).mean()"}, says="sum"),
    Wrong(
        "d-relevance",
        "absolute values",
        {"(phi * gradient)": "(phi * gradient).abs()"},
        says="times the field",
    ),
    Wrong("d-relevance", "graph kept", {"(phi * gradient).detach()": "phi * gradient"}, says="detach"),
    Right(
        "e-pca",
        "singular values",
        {
            "values, vectors =": "_, scales, rows =",
            "np.linalg.eigh(centred.T @ centred)": "np.linalg.svd(centred, full_matrices=False)",
            SHARE: "-rows[0], scales[0] ** 2 / (scales**2).sum()",
        },
    ),
    Wrong("e-pca", "mean not subtracted", {"x - x.mean(0)": "x - 0"}, says="subtract the mean"),
    Wrong("e-pca", "smallest eigenvalue", {"vectors[:, -1]": "vectors[:, 0]"}, says="largest eigenvalue"),
    Wrong("e-pca", "row of the vectors", {"vectors[:, -1]": "vectors[-1]"}, says="column or row"),
    Wrong(
        "e-pca",
        "share of the root",
        {"values[-1] / values.sum()": "np.sqrt(values[-1]) / np.sqrt(np.abs(values)).sum()"},
        says="share",
    ),
    Right(
        "e-autoencoder",
        "softplus",
        {ENTROPY: "nn.functional.softplus(-s * model.decoder(z)) + 0 * bits"},
    ),
    Wrong("e-autoencoder", "spins as bits", {"(s + 1) / 2": "s"}, says="not bits"),
    Wrong("e-autoencoder", "sum over the batch", {SITES: "entropies.sum() + kl"}, says="mean over the batch"),
    Wrong(
        "e-autoencoder", "mean over the sites", {SITES: "entropies.mean() + kl"}, says="sum over the sites"
    ),
    Wrong(
        "e-autoencoder",
        "σ² for σ",
        {"torch.exp(log_variance / 2)": "torch.exp(log_variance)"},
        says="log σ²/2",
    ),
    Wrong("e-autoencoder", "no draw", {f"z = mean + {DRAW}": "z = mean"}, says="σ = ½"),
    Wrong("e-autoencoder", "no KL", {f"kl = {KL}": "kl = 0.0"}, says="from the KL"),
    Wrong("e-autoencoder", "sign of the KL", {SITES: "entropies.sum(1).mean() - kl"}, says="from the KL"),
    Wrong(
        "e-autoencoder",
        "draw without gradient",
        {
            DRAW: f"({DRAW}).detach()",
            f"kl = {KL}": f"kl = {KL.replace('log_variance', 'log_variance.detach()')}",
        },
        says="gradient",
    ),
]
