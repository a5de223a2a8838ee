"""Solutions of 05_2, right and wrong."""

from tests.variants.variant import Right, Wrong

FORWARD = """        mean = x @ self.mean
        variance = x**2 @ (2 * self.log_sigma).exp()
        return mean + variance.sqrt() * torch.randn_like(mean)
"""
WEIGHTS = """        weights = self.mean + self.log_sigma.exp() * torch.randn_like(self.mean)
        return x @ weights
"""
EACH = """        noise = torch.randn(len(x), *self.mean.shape)
        return torch.einsum("ni,nio->no", x, self.mean + self.log_sigma.exp() * noise)
"""
KL = "0.5 * (self.mean**2 + variance - 1 - 2 * self.log_sigma).sum()"
NLL = "(0.5 * ((y - mu) / log_sigma.exp()) ** 2 + log_sigma).mean()"
COLUMNS = "outputs[:, :1], outputs[:, 1:]"
PENALTY = """        if isinstance(layer, BayesianLinear):
            total = total + layer.kl()
        else:
            for parameter in layer.parameters():
                total = total + 0.5 * (parameter**2).sum()
"""
REACH = "NormalDist().inv_cdf(0.5 + level / 2)"

VARIANTS = [
    Right("b-layer", "weights drawn, the same for a batch", {FORWARD: WEIGHTS}),
    Right("b-layer", "weights drawn for each point", {FORWARD: EACH}),
    Right(
        "b-layer",
        "KL by torch",
        {KL: "kl_divergence(Normal(self.mean, self.log_sigma.exp()), Normal(0.0, 1.0)).sum()"},
    ),
    Wrong(
        "b-layer",
        "spreads add up",
        {
            FORWARD: FORWARD.replace(
                "x**2 @ (2 * self.log_sigma).exp()", "(x.abs() @ self.log_sigma.exp()) ** 2"
            )
        },
        says="squares",
    ),
    Wrong(
        "b-layer",
        "log σ taken for log σ²",
        {"(2 * self.log_sigma).exp()\n        return mean": "self.log_sigma.exp()\n        return mean"},
        says="exp\\(log_sigma\\)",
    ),
    Wrong(
        "b-layer",
        "one random number for all outputs",
        {"torch.randn_like(mean)": "torch.randn(len(x), 1)"},
        says="independent",
    ),
    Wrong("b-layer", "variance as spread", {"variance.sqrt()": "variance"}, says="spreads"),
    Wrong("b-layer", "x not squared", {"x**2 @": "x.abs() @"}, says="squares of x"),
    Wrong(
        "b-layer",
        "bias left out",
        {"x = with_one(x)": "x = torch.cat([x, torch.zeros_like(x[:, :1])], dim=1)"},
        says="means",
    ),
    Wrong(
        "b-layer",
        "nothing random",
        {"variance.sqrt() * torch.randn_like(mean)": "0 * variance"},
        says="random",
    ),
    Wrong("b-layer", "KL with the sign of the notes' slides", {KL: f"-{KL}"}, says="kl\\(\\) should be"),
    Wrong("b-layer", "KL without the logarithm", {" - 2 * self.log_sigma": ""}, says="kl\\(\\) should be"),
    Wrong(
        "b-layer",
        "mean of the KL",
        {"- 2 * self.log_sigma).sum()": "- 2 * self.log_sigma).mean()"},
        says="kl\\(\\) should be",
    ),
    Wrong(
        "b-layer",
        "σ without gradient",
        {FORWARD: FORWARD.replace("variance.sqrt()", "variance.sqrt().detach()")},
        says="detached",
    ),
    Wrong(
        "b-layer",
        "random in the training only",
        {"return mean + variance.sqrt()": "return mean + self.training * variance.sqrt()"},
        says="random",
    ),
    Wrong("b-layer", "KL of each weight", {KL: KL.replace(".sum()", "")}, says="summed"),
    Wrong("b-layer", "KL as a number", {KL: f"({KL}).item()"}, says="scalar tensor"),
    Wrong(
        "b-layer",
        "KL without the biases",
        {"- 2 * self.log_sigma).sum()": "- 2 * self.log_sigma)[:-1].sum()"},
        says="biases",
    ),
    Right(
        "b-layer",
        "weights by rsample",
        {FORWARD: "        return x @ Normal(self.mean, self.log_sigma.exp()).rsample()\n"},
    ),
    Wrong(
        "b-layer",
        "weights by sample, which has no gradient",
        {FORWARD: "        return x @ Normal(self.mean, self.log_sigma.exp()).sample()\n"},
        says="detached",
    ),
    Right(
        "b-loss",
        "density by torch, columns by unbind",
        {
            COLUMNS: "(c[:, None] for c in outputs.unbind(1))",
            NLL: "-Normal(mu, log_sigma.exp()).log_prob(y).mean()",
        },
    ),
    Right(
        "b-loss",
        "kl where there is one",
        {"if isinstance(layer, BayesianLinear):": 'if hasattr(layer, "kl"):'},
    ),
    Right(
        "b-loss",
        "likelihood of torch with the variance",
        {NLL: "nn.functional.gaussian_nll_loss(mu, y, (2 * log_sigma).exp(), full=True)"},
    ),
    Wrong(
        "b-loss",
        "likelihood of torch with σ as the variance",
        {NLL: "nn.functional.gaussian_nll_loss(mu, y, log_sigma.exp())"},
        says="log σ",
    ),
    Wrong("b-loss", "no mean", {NLL: NLL.replace(".mean()", "")}, says="mean over the batch"),
    Wrong("b-loss", "a number", {NLL: f"{NLL}.item()"}, says="scalar tensor"),
    Wrong(
        "b-loss",
        "weights of ordinary layers without biases",
        {"for parameter in layer.parameters():": "for parameter in list(layer.parameters())[:1]:"},
        says="biases",
    ),
    Wrong(
        "b-loss",
        "penalty of the loss without gradient",
        {"penalty(network) / n_train": "penalty(network).detach() / n_train"},
        says="detached",
    ),
    Wrong(
        "b-loss",
        "likelihood of the loss without gradient",
        {"gaussian_nll(network(x), y)": "gaussian_nll(network(x).detach(), y)"},
        says="detached",
    ),
    Wrong(
        "b-loss",
        "return inside of the loop",
        {PENALTY: f"{PENALTY}        return total\n"},
        says="sum over layers",
    ),
    Wrong("b-loss", "log σ left out", {" + log_sigma)": ")"}, says="gaussian_nll should be"),
    Wrong(
        "b-loss",
        "σ² for σ",
        {"(y - mu) / log_sigma.exp()) ** 2": "(y - mu)) ** 2 / log_sigma.exp()"},
        says="log σ",
    ),
    Wrong(
        "b-loss", "columns without their axis", {COLUMNS: "outputs[:, 0], outputs[:, 1]"}, says="broadcast"
    ),
    Wrong("b-loss", "sum over the batch", {NLL: NLL.replace("mean", "sum")}, says="mean over the batch"),
    Wrong(
        "b-loss",
        "ordinary layers forgotten",
        {"0.5 * (parameter**2).sum()": "0.0 * (parameter**2).sum()"},
        says="ordinary",
    ),
    Wrong("b-loss", "no factor ½", {"0.5 * (parameter**2)": "(parameter**2)"}, says="ordinary"),
    Wrong(
        "b-loss",
        "means of Bayesian layers only",
        {"total + layer.kl()": "total + 0.5 * (layer.mean**2).sum()"},
        says="Bayesian",
    ),
    Wrong(
        "b-loss",
        "last layer only",
        {"total = total + layer.kl()": "total = layer.kl()", "total = total + 0.5": "total = 0.5"},
        says="ordinary|sum over layers",
    ),
    Wrong("b-loss", "KL not divided by N", {"/ n_train": ""}, says="exceed"),
    Wrong("b-loss", "KL divided by the batch", {"/ n_train": "/ len(x)"}, says="exceed"),
    Wrong("b-loss", "KL subtracted", {"+ penalty": "- penalty"}, says="exceed"),
    Wrong(
        "b-loss",
        "KL without gradient",
        {"total + layer.kl()": "total + layer.kl().detach()"},
        says="gradient",
    ),
    Right("c-combine", "n − 1", {"mu.std(0)": "mu.std(0, ddof=1)"}),
    Right(
        "c-combine",
        "tensors",
        {
            "outputs[..., 0], np.exp(outputs[..., 1])": "(torch.tensor(outputs[..., 0]).numpy(), "
            "torch.tensor(outputs[..., 1]).exp().numpy())"
        },
    ),
    Right(
        "c-combine",
        "float32, variance from moments",
        {"mu.std(0)": "np.sqrt((mu**2).mean(0) - mu.mean(0) ** 2).astype(np.float32)"},
    ),
    Wrong("c-combine", "variance of μ", {"mu.std(0)": "mu.var(0)"}, says="spread of μ"),
    Wrong(
        "c-combine",
        "total for σ_pred",
        {"mu.std(0)": "np.sqrt(mu.var(0) + (sigma**2).mean(0))"},
        says="spread of μ",
    ),
    Wrong("c-combine", "lists", {"mu.std(0)": "list(mu.std(0))"}, says="should be an array"),
    Wrong(
        "c-combine", "mean of σ", {"np.sqrt((sigma**2).mean(0))": "sigma.mean(0)"}, says="root of the mean"
    ),
    Wrong(
        "c-combine",
        "root left out, as in (2.6) of the notes",
        {"np.sqrt((sigma**2).mean(0))": "(sigma**2).mean(0)"},
        says="root",
    ),
    Wrong("c-combine", "log σ taken for σ", {"np.exp(outputs[..., 1])": "outputs[..., 1]"}, says="log σ"),
    Wrong("c-combine", "over the points", {"mu.std(0)": "mu.std(1)"}, says="one number per point"),
    Wrong("c-combine", "spread of σ", {"mu.std(0)": "sigma.std(0)"}, says="spread of μ"),
    Wrong(
        "c-combine", "error of the mean", {"mu.std(0)": "mu.std(0) / np.sqrt(len(mu))"}, says="spread of μ"
    ),
    Right(
        "d-coverage",
        "by the error function",
        {
            "(np.abs(pulls) < reach).mean()": "np.mean("
            "[2 * NormalDist().cdf(abs(t)) - 1 < level for t in pulls])"
        },
    ),
    Right("d-coverage", "a list", {"return np.array(shares)": "return shares"}),
    Wrong(
        "d-coverage",
        "around the mean of the pulls",
        {"np.abs(pulls)": "np.abs(pulls - pulls.mean())"},
        says="lie outside",
    ),
    Wrong("d-coverage", "one-sided", {"np.abs(pulls)": "pulls"}, says="central"),
    Wrong("d-coverage", "quantile of the level", {REACH: "NormalDist().inv_cdf(level)"}, says="central"),
    Wrong("d-coverage", "outside", {"< reach": "> reach"}, says="central"),
    Wrong(
        "d-coverage",
        "quantiles of the pulls themselves",
        {REACH: "np.quantile(np.abs(pulls), level)"},
        says="twice as wide",
    ),
    Right(
        "e-dropout",
        "only the dropout layers",
        {"network.train()": "for layer in network:\n        layer.train(isinstance(layer, nn.Dropout))"},
    ),
    Right(
        "e-dropout",
        "by a loop",
        {
            "outputs = sample(network, x, draws)": "outputs = np.stack("
            "[network(x).detach().double().numpy() for _ in range(draws)])"
        },
    ),
    Wrong(
        "e-dropout",
        "only the flag of the whole network",
        {"network.train()": "network.training = True"},
        says="is dropout on",
    ),
    Wrong("e-dropout", "dropout off", {"    network.train()\n": ""}, says="is dropout on"),
    Wrong("e-dropout", "left in training mode", {"    network.eval()\n": ""}, says="evaluation mode"),
    Wrong(
        "e-dropout",
        "one draw, repeated",
        {"= sample(network, x, draws)": "= np.repeat(sample(network, x, 1), draws, axis=0)"},
        says="anew",
    ),
    Wrong("e-dropout", "mean of the draws", {"return outputs": "return outputs.mean(0)"}, says="draws, n, 2"),
]
