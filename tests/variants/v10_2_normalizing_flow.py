"""Solutions of 10_2, right and wrong."""

from tests.variants.variant import Right, Wrong

INVERSE = "(z[:, self.active] - t) * (-s).exp()"
LOG_PROB = "-0.5 * (z**2).sum(1) - 0.5 * x.shape[1] * math.log(2 * math.pi) + log_det"
TRANSFORM = "MonotonicRQSTransform(*self.parameters_at(x).split(self.sizes, 1), bound=self.bound)"
LAYERS = "Flow([Rotation()] + [SplineCoupling(3, a, BINS, BOUNDS[a], HIDDEN) for a in ORDER])"
LABELS = "torch.ones(len(truth), 1), torch.zeros(len(model), 1)"
EXCHANGED = "torch.zeros(len(truth), 1), torch.ones(len(model), 1)"
TOPS = "(values > np.quantile(values, 0.9) for values in (log_x, log_physical))"
ORDERED = "torch.randperm(len(labels))"
THETA = "mean + log_sigma.exp() * torch.randn(draws, 2)"
KL = "0.5 * (mean**2 + (2 * log_sigma).exp() - 1 - 2 * log_sigma).sum()"

VARIANTS = [
    Right(
        "b-affine",
        "columns by index, inverse by division",
        {
            "self.parameters_at(x).unbind(1)": "self.parameters_at(x)[:, 0], self.parameters_at(x)[:, 1]",
            INVERSE: "(z[:, self.active] - t) / torch.exp(s)",
        },
    ),
    Wrong("b-affine", "log|det| with the wrong sign", {"+ t), s": "+ t), -s"}, says="sign"),
    Wrong("b-affine", "s without bounds", {"s = 3 * torch.tanh(s / 3)": "s = s * 1.0"}, says="tanh"),
    Wrong("b-affine", "inverse multiplies", {"(-s).exp()": "s.exp()"}, says="inverse"),
    Wrong("b-affine", "s and t exchanged", {"s, t =": "t, s ="}, says="tanh"),
    Wrong("b-affine", "one number for all events", {"+ t), s": "+ t), s.sum()"}, says="per event"),
    Wrong("b-affine", "t left out of the inverse", {"- t)": ")"}, says="inverse"),
    Wrong("b-affine", "log|det| without gradient", {"+ t), s": "+ t), s.detach()"}, says="detached"),
    Right("b-flow", "constants by torch", {LOG_PROB: "Normal(0, 1).log_prob(z).sum(1) + log_det"}),
    Wrong("b-flow", "inverse in the same order", {"reversed(self.layers)": "self.layers"}, says="last layer"),
    Wrong("b-flow", "only the last log|det|", {"log_det = log_det + s": "log_det = s"}, says="sum over all"),
    Wrong(
        "b-flow", "constant left out", {" - 0.5 * x.shape[1] * math.log(2 * math.pi)": ""}, says="constants"
    ),
    Wrong(
        "b-flow",
        "constant of one dimension",
        {"0.5 * x.shape[1] * math.log": "0.5 * math.log"},
        says="constants",
    ),
    Wrong(
        "b-flow",
        "log|det| without gradient",
        {"log_det = log_det + s": "log_det = log_det + s.detach()"},
        says="detached",
    ),
    Wrong("b-flow", "log|det| subtracted", {"+ log_det\n": "- log_det\n"}, says="signs|log p"),
    Right(
        "c-spline",
        "parameters by hand",
        {
            TRANSFORM: "MonotonicRQSTransform(\n            "
            "*torch.split(self.network(x[:, self.passive]), self.sizes, dim=-1), bound=self.bound\n        )"
        },
    ),
    Wrong("c-spline", "bound left out", {", bound=self.bound": ""}, says="bound"),
    Wrong("c-spline", "inverse runs forwards", {"spline.inv(": "spline("}, says="inverse"),
    Wrong("c-spline", "slope, not its logarithm", {"z), log_det": "z), log_det.exp()"}, says="Jacobian"),
    Wrong("c-spline", "log|det| with the wrong sign", {"z), log_det": "z), -log_det"}, says="Jacobian"),
    Wrong("c-spline", "log|det| without gradient", {"z), log_det": "z), log_det.detach()"}, says="detached"),
    Wrong(
        "c-spline",
        "parameters that do not come from the network",
        {"self.parameters_at(x)": "x.new_zeros(len(x), sum(self.sizes))"},
        says="changes nothing",
    ),
    Right(
        "d-train",
        "layers in a loop",
        {
            f"return {LAYERS}": "layers = [Rotation()]\n    for a in ORDER:\n"
            "        layers.append(SplineCoupling(3, a, BINS, BOUNDS[a], tuple(HIDDEN)))\n"
            "    return Flow(layers)",
            "return coordinates.inverse(x[physical(x)], rng)": "kept = np.flatnonzero(physical(x))\n"
            "    return coordinates.inverse(x[kept], rng)",
        },
    ),
    Wrong("d-train", "no rotation", {"[Rotation()] + ": ""}, says="rotation"),
    Wrong("d-train", "order of the layers reversed", {"in ORDER]": "in ORDER[::-1]]"}, says="coordinates"),
    Wrong("d-train", "unphysical events kept", {"x[physical(x)]": "x"}, says="leave out"),
    Wrong(
        "d-train",
        "unphysical events only",
        {"x[physical(x)]": "x[~physical(x)]"},
        says="expected events|leave out|long to|finite",
    ),
    Wrong("d-train", "one epoch", {'"epochs": epochs': '"epochs": 1'}, says="epochs"),
    Wrong("d-train", "hardly any learning", {'"lr": PEAK_LR': '"lr": 1e-6'}, says="lr = "),
    Wrong(
        "d-train",
        "latent numbers drawn again",
        {"sample(flow, latent)": "sample(flow, torch.randn_like(latent))"},
        says="latent",
    ),
    Wrong("d-train", "n ignored", {"x_train[:n]": "x_train"}, says="train should be"),
    Wrong(
        "d-train",
        "validated on training events",
        {"(x_val,)": "(x_train[: len(x_val)],)"},
        says="val should be",
    ),
    Wrong(
        "d-train", "trained on the events of the validation", {"x_train[:n]": "x_val"}, says="train should be"
    ),
    Wrong("d-train", "no cycle", {", one_cycle=True": ""}, says="one_cycle"),
    Wrong("d-train", "default widths", {", HIDDEN)": ")"}, says="widths"),
    Wrong("d-train", "one bound for all", {"BOUNDS[a]": "5.0"}, says="bound"),
    Wrong("d-train", "nothing returned", {"return fit(": "fit("}, says="returns"),
    Right(
        "e-likelihood",
        "tensors",
        {
            f"top_x, top_physical = {TOPS}": "log_x = torch.tensor(log_x)\n"
            "log_physical = torch.tensor(log_physical)\n"
            "top_x, top_physical = (v > v.quantile(0.9) for v in (log_x, log_physical))"
        },
    ),
    Wrong(
        "e-likelihood",
        "argument ignored",
        {"in x.split": "in tensor(coordinates.transform(test)).split"},
        says="400 events",
    ),
    Wrong(
        "e-likelihood",
        "indices",
        {
            f"top_x, top_physical = {TOPS}": "top_x, top_physical = (np.argsort(v)[-(len(v) // 10) :] "
            "for v in (log_x, log_physical))"
        },
        says="boolean",
    ),
    Right(
        "e-likelihood",
        "top events by sorting",
        {
            f"top_x, top_physical = {TOPS}": "top_x, top_physical = np.zeros((2, len(test)), bool)\n"
            "top_x[np.argsort(log_x)[-(len(test) // 10) :]] = True\n"
            "top_physical[np.argsort(log_physical)[-(len(test) // 10) :]] = True"
        },
    ),
    Wrong(
        "e-likelihood",
        "Jacobian of the inverse",
        {"-np.log(pt1 - PT_EDGE) + by_eta": "np.log(pt1 - PT_EDGE) - by_eta"},
        says="Jacobian",
    ),
    Wrong(
        "e-likelihood", "scales left out", {" - np.log(coordinates.scale.std[0]).sum()": ""}, says="scales"
    ),
    Wrong(
        "e-likelihood",
        "inner derivative left out",
        {"-np.log(ETA_EDGE) - np.log1p": "-np.log1p"},
        says="inner",
    ),
    Wrong(
        "e-likelihood",
        "Jacobian subtracted",
        {"log_x + log_jacobian": "log_x - log_jacobian"},
        says="log_physical",
    ),
    Wrong(
        "e-likelihood",
        "least likely events",
        {"values > np.quantile(values, 0.9)": "values < np.quantile(values, 0.1)"},
        says="largest",
    ),
    Wrong(
        "e-likelihood",
        "90 % of the events",
        {"np.quantile(values, 0.9)": "np.quantile(values, 0.1)"},
        says="10 %",
    ),
    Wrong(
        "e-likelihood",
        "loss instead of log p",
        {"return torch.cat([flow": "return -torch.cat([flow"},
        says="log_density",
    ),
    Right(
        "f-weights",
        "shuffled by numpy, weights from D",
        {
            ORDERED: "torch.as_tensor(np.random.default_rng(1).permutation(len(labels)))",
            "weights = np.exp(logits)": "d = 1 / (1 + np.exp(-np.asarray(logits)))\n"
            "    weights = d / (1 - d)",
        },
    ),
    Wrong(
        "f-weights",
        "labels exchanged",
        {LABELS: EXCHANGED},
        says="label 1",
    ),
    Wrong("f-weights", "not shuffled", {ORDERED: "torch.arange(len(labels))"}, says="shuffle"),
    Wrong(
        "f-weights", "upside down", {"np.exp(logits)": "np.exp(-np.asarray(logits))"}, says="p_data/p_model"
    ),
    Wrong("f-weights", "D as weight", {"np.exp(logits)": "1 / (1 + np.exp(-logits))"}, says="p_data/p_model"),
    Wrong("f-weights", "all weights 1", {"np.exp(logits)": "np.ones_like(logits)"}, says="p_data/p_model"),
    Wrong("f-weights", "not normalised", {"weights / weights.mean()": "weights"}, says="mean of 1"),
    Wrong("f-weights", "normalised to a sum of 1", {"weights.mean()": "weights.sum()"}, says="mean of 1"),
    Wrong("f-weights", "20 % for training", {"* 8 // 10": "* 2 // 10"}, says="80%"),
    Wrong(
        "f-weights",
        "validated on training events",
        {"(order[:cut], order[cut:])": "(order[:cut], order[: len(order) - cut])"},
        says="not used for training",
    ),
    Wrong("f-weights", "one epoch", {'"epochs": CLASSIFIER_EPOCHS': '"epochs": 1'}, says="epochs"),
    Wrong("f-weights", "clipped", {"np.exp(logits)": "np.exp(logits).clip(0.1, 10)"}, says="p_data/p_model"),
    Right(
        "g-loss",
        "densities by torch, KL by torch",
        {
            "Normal(0, 1).log_prob((r - m) * (-s).exp()) - s": "Normal(m, s.exp()).log_prob(r)",
            "Normal(0, 1).log_prob(s.exp() * r + t) + s": "-0.5 * (s.exp() * r + t) ** 2 + s "
            "- 0.5 * math.log(2 * math.pi)",
            KL: "kl_divergence(Normal(mean, log_sigma.exp()), Normal(0, 1)).sum()",
            THETA: "Normal(mean, log_sigma.exp()).rsample((draws,))",
        },
    ),
    Wrong("g-loss", "Jacobian with the wrong sign", {".exp()) - s": ".exp()) + s"}, says="log_prob_1"),
    Wrong("g-loss", "Jacobian left out", {"* r + t) + s": "* r + t)"}, says="log_prob_2"),
    Wrong("g-loss", "KL not divided by N", {"kl / len(r)": "kl"}, says="KL/N"),
    Wrong("g-loss", "KL subtracted", {"+ kl / len(r)": "- kl / len(r)"}, says="KL/N"),
    Wrong(
        "g-loss",
        "sum over the events",
        {"log_prob(theta, r).mean()": "log_prob(theta, r).sum(1).mean()"},
        says="mean over draws",
    ),
    Wrong("g-loss", "weights not drawn", {THETA: "mean.expand(draws, 2)"}, says="expected"),
    Wrong(
        "g-loss",
        "log σ taken for σ",
        {"log_sigma.exp() * torch.randn": "log_sigma * torch.randn"},
        says="expected",
    ),
    Wrong(
        "g-loss",
        "no gradient through the draws",
        {"mean + log_sigma.exp() *": "mean + log_sigma.exp().detach() *"},
        says="gradient",
    ),
    Wrong("g-loss", "KL without gradient", {"+ kl / len(r)": "+ kl.detach() / len(r)"}, says="KL detached"),
    Wrong("g-loss", "no KL gradient for the means", {"mean**2": "mean.detach() ** 2"}, says="KL detached"),
]
