"""Solutions of 09_3, right and wrong."""

from tests.variants.variant import Right, Wrong

DRAW = "z = mu + torch.exp(log_var / 2) * torch.randn_like(mu)  # (n, k)"
SUM = "(0.5 * pull**2 + log_tau + 0.5 * math.log(2 * math.pi)).sum(1)"
KL = "0.5 * (mu**2 + log_var.exp() - 1 - log_var)"
ENCODER = "self.encoder = MLP(n_data, 2 * n_latent, HIDDEN, nn.SiLU)"
DECODER = "self.decoder = MLP(n_latent, n_data, HIDDEN, nn.SiLU)"
ENCODED = "mu, log_var = self.encoder(x).chunk(2, dim=1)\n        return mu, log_var"
STEPS = """optimizer.zero_grad()
            loss = negative_elbo(model, x).mean()
            loss.backward()
            optimizer.step()
            schedule.step()"""
RMS = "(x - model.decode(mu)[0]).square().mean().sqrt().item()"
NARROW = "(log_var < 2 * math.log(0.5)).sum(1).double().mean().item()"
NOISE = "x = x + log_tau.exp() * torch.randn_like(x)"
SQUARED = "events[:, :, 0] ** 2 - (events[:, :, 1:] ** 2).sum(2)"
ETAS = "reduced = np.column_stack([kinematics.pt(events[:, 0]), kinematics.eta(events)])"
STANDARDISED = "return (reduced - mean) / std, mean, std"
VALIDATION = "z_val, _, _ = preprocess(val, mean, std)"
INVERSE = "three = coordinates.inverse(generate(better, len(test)), rng)"
TWO_HEADS = """class VAE(nn.Module):
    def __init__(self, n_data, n_latent, tau, learn_tau=False):
        super().__init__()
        self.n_latent = n_latent
        self.log_tau = nn.Parameter(torch.full((n_data,), math.log(tau)), requires_grad=learn_tau)
        a, b = HIDDEN
        self.first, self.second = nn.Linear(n_data, a), nn.Linear(a, b)
        self.to_mu, self.to_log_var = nn.Linear(b, n_latent), nn.Linear(b, n_latent)
        self.decoder = MLP(n_latent, n_data, HIDDEN, nn.SiLU)

    def encode(self, x):
        h = nn.functional.silu(self.second(nn.functional.silu(self.first(x))))
        return self.to_mu(h), self.to_log_var(h)

    def decode(self, z):
        return self.decoder(z), self.log_tau
"""

VARIANTS = [
    Right(
        "a-loss",
        "log_tau.sum(), and z from a torch distribution",
        {
            DRAW: "z = Normal(mu, torch.exp(0.5 * log_var)).rsample()",
            SUM: "0.5 * (pull**2).sum(1) + log_tau.sum() + x.shape[1] / 2 * math.log(2 * math.pi)",
        },
    ),
    Right(
        "a-loss",
        "by torch densities",
        {
            SUM: "-Normal(mean, log_tau.exp()).log_prob(x).sum(1)",
            KL: "torch.distributions.kl_divergence(Normal(mu, torch.exp(log_var / 2)), Normal(0, 1))",
        },
    ),
    Wrong(
        "a-loss", "z detached", {DRAW: DRAW.replace("  # (n, k)", "\n    z = z.detach()")}, says="detached"
    ),
    Wrong("a-loss", "z is the mean", {DRAW: "z = mu"}, says="σ"),
    Wrong("a-loss", "mean over the components", {SUM: SUM.replace(".sum(1)", ".mean(1)")}, says="sum"),
    Wrong(
        "a-loss",
        "mean over the events",
        {SUM: SUM.replace(".sum(1)", ".sum(1).mean()")},
        says="no mean over events",
    ),
    Wrong(
        "a-loss",
        "one ε for all latent variables",
        {"torch.randn_like(mu)": "torch.randn(len(mu), 1)"},
        says="ε per event and latent variable",
    ),
    Wrong("a-loss", "no constants", {" + 0.5 * math.log(2 * math.pi)": ""}, says="constants"),
    Wrong("a-loss", "sign of the KL", {"+ gaussian_kl": "- gaussian_kl"}, says="sign"),
    Wrong("a-loss", "sign of log σ²", {"- 1 - log_var": "- 1 + log_var"}, says="KL for μ"),
    Wrong("a-loss", "KL without ½", {KL: KL.removeprefix("0.5 * ")}, says="KL for μ"),
    Wrong("a-loss", "error without ½", {"0.5 * pull**2": "pull**2"}, says="should be"),
    Wrong("a-loss", "σ² in place of σ", {"torch.exp(log_var / 2)": "torch.exp(log_var)"}, says="σ"),
    Wrong("a-loss", "KL summed", {KL: f"({KL}).sum(1)"}, says="per dimension"),
    Right(
        "b-vae",
        "decoder built before encoder, log σ² first",
        {
            f"{ENCODER}\n        {DECODER}": f"{DECODER}\n        {ENCODER}",
            ENCODED: "out = self.encoder(x)\n        return out[:, self.n_latent :], out[:, : self.n_latent]",
        },
    ),
    Right(
        "b-vae",
        "layer by layer",
        {
            DECODER: "sizes = (n_latent, *HIDDEN)\n        layers = []\n"
            "        for a, b in zip(sizes, sizes[1:]):\n            layers += [nn.Linear(a, b), nn.SiLU()]\n"
            "        self.decoder = nn.Sequential(*layers, nn.Linear(sizes[-1], n_data))"
        },
    ),
    Wrong(
        "b-vae",
        "one output per latent variable",
        {"2 * n_latent": "n_latent"},
        says="not enough values|10, 3",
    ),
    Wrong(
        "b-vae",
        "σ² returned",
        {"return mu, log_var": "return mu, log_var.exp()"},
        says="log σ² should come straight from a linear layer",
    ),
    Wrong(
        "b-vae",
        "τ returned",
        {"self.decoder(z), self.log_tau": "self.decoder(z), self.log_tau.exp()"},
        says="log or not",
    ),
    Wrong("b-vae", "no τ", {"self.decoder(z), self.log_tau": "self.decoder(z)"}, says="mean and log_tau"),
    Wrong("b-vae", "ReLU", {"nn.SiLU": "nn.ReLU"}, says="SiLU"),
    Wrong("b-vae", "one hidden layer", {"HIDDEN, nn.SiLU": "HIDDEN[:1], nn.SiLU"}, says="linear layers"),
    Wrong(
        "b-vae",
        "width without gradient",
        {"self.decoder(z), self.log_tau": "self.decoder(z), self.log_tau.detach()"},
        says="log_tau",
    ),
    Right("b-vae", "two heads, F.silu", TWO_HEADS),
    Wrong(
        "b-vae",
        "SiLU behind the decoder",
        {"self.decoder(z), self": "nn.functional.silu(self.decoder(z)), self"},
        says="mean should come straight from a linear layer",
    ),
    Wrong(
        "b-vae",
        "SiLU behind the encoder",
        {"self.encoder(x).chunk": "nn.functional.silu(self.encoder(x)).chunk"},
        says="μ should come straight from a linear layer",
    ),
    Wrong(
        "b-vae",
        "narrow decoder with Tanh",
        {DECODER: "self.decoder = MLP(n_latent, n_data, (8, 8), nn.Tanh)"},
        says="8, 8.*hidden ones",
    ),
    Wrong("b-vae", "Tanh in the decoder", {DECODER: DECODER.replace("SiLU", "Tanh")}, says="SiLU"),
    Right(
        "b-train",
        "gradients set to None by the model, mean by hand",
        {
            STEPS: "loss = negative_elbo(model, x).sum() / len(x)\n            model.zero_grad()\n"
            "            loss.backward()\n            optimizer.step()\n            schedule.step()"
        },
    ),
    Wrong("b-train", "no zero_grad", {"optimizer.zero_grad()\n            ": ""}, says="old gradients"),
    Wrong("b-train", "no schedule", {"\n            schedule.step()": ""}, says="schedule"),
    Wrong("b-train", "no backward", {"loss.backward()\n            ": ""}, says="backward"),
    Wrong(
        "b-train", "sum over the batch", {"(model, x).mean()": "(model, x).sum()"}, says="mean over the batch"
    ),
    Wrong("b-train", "maximised", {"loss.backward()": "(-loss).backward()"}, says="wrong direction"),
    Right(
        "b-measure",
        "by numpy, σ itself",
        {
            NARROW: "float((torch.exp(log_var / 2) < 0.5).float().sum() / len(x))",
            "(x - model.decode(mu)[0]).square().mean().sqrt().item()": "float("
            "np.sqrt(np.mean((x - model.decode(mu)[0]).numpy() ** 2)))",
        },
    ),
    Wrong("b-measure", "σ² below ½", {"2 * math.log(0.5)": "math.log(0.5)"}, says="used per event"),
    Wrong(
        "b-measure",
        "z drawn for the rms error",
        {"model.decode(mu)": "model.decode(mu + torch.exp(log_var / 2) * torch.randn_like(mu))"},
        says="rms error",
    ),
    Wrong(
        "b-measure",
        "KL averaged over latent variables",
        {"gaussian_kl(mu, log_var).sum(1).mean()": "gaussian_kl(mu, log_var).mean()"},
        says="KL",
    ),
    Wrong("b-measure", "no root", {".mean().sqrt().item()": ".mean().item()"}, says="rms error"),
    Wrong(
        "b-measure", "used summed over events", {".sum(1).double().mean()": ".sum()"}, says="used per event"
    ),
    Wrong(
        "b-measure", "mean error", {RMS: "(x - model.decode(mu)[0]).abs().mean().item()"}, says="rms error"
    ),
    Wrong(
        "b-measure",
        "mean of the rms of each event",
        {RMS: "(x - model.decode(mu)[0]).square().mean(1).sqrt().mean().item()"},
        says="rms error",
    ),
    Wrong(
        "b-measure",
        "σ averaged over events",
        {NARROW: "(torch.exp(log_var / 2).mean(0) < 0.5).sum().item()"},
        says="used per event",
    ),
    Right(
        "b-generate",
        "float32, noise by a distribution",
        {NOISE: "x = Normal(x, log_tau.exp().expand_as(x)).sample()", "x.double().numpy()": "x.numpy()"},
    ),
    Wrong("b-generate", "noise always", {"if noise:": "if True:"}, says="without noise|spread"),
    Wrong("b-generate", "log τ as width", {"log_tau.exp() *": "log_tau *"}, says="width should be τ"),
    Wrong(
        "b-generate",
        "one noise per event",
        {"torch.randn_like(x)": "torch.randn(len(x), 1)"},
        says="independent",
    ),
    Wrong("b-generate", "noise never", {NOISE: "pass"}, says="width should be τ"),
    Right(
        "c-conservation",
        "by einsum, three latent variables",
        {
            SQUARED: "np.einsum('nmi,nmi,i->nm', events, events, np.array([1.0, -1, -1, -1]))",
            "events[:, :, 1:3].sum(1)": "events[:, 0, 1:3] + events[:, 1, 1:3]",
            "chosen = 4": "chosen = 3",
        },
    ),
    Wrong("c-conservation", "sign lost", {SQUARED: "kinematics.mass(events) ** 2"}, says="with its sign"),
    Wrong(
        "c-conservation",
        "of the pair",
        {SQUARED: "events.sum(1)[:, 0] ** 2 - (events.sum(1)[:, 1:] ** 2).sum(1)"},
        says="per muon",
    ),
    Wrong("c-conservation", "sum over components", {"[:, :, 1:3].sum(1)": "[:, :, 1:3].sum(2)"}, says="Σp_x"),
    Wrong("c-conservation", "E and p_x", {"[:, :, 1:3]": "[:, :, 0:2]"}, says="Σp_x"),
    Wrong("c-conservation", "no size of the scan", {"chosen = 4": "chosen = 8"}, says="chosen"),
    Right(
        "d-steps",
        "float32, ddof, η of both muons apart",
        {
            ETAS: "pt1 = kinematics.pt(events[:, 0])\n"
            "    eta1, eta2 = kinematics.eta(events[:, 0]), kinematics.eta(events[:, 1])\n"
            "    reduced = np.stack([pt1, eta1, eta2], 1)",
            "reduced.std(0)": "reduced.std(0, ddof=1)",
            STANDARDISED: "return ((reduced - mean) / std).astype(np.float32), mean, std",
        },
    ),
    Right(
        "d-steps",
        "tensors",
        {VALIDATION: VALIDATION + "\nz_train, z_val = torch.as_tensor(z_train), torch.as_tensor(z_val)"},
    ),
    Wrong(
        "d-steps",
        "as on the sheet",
        {
            "mean, std = reduced.mean(0), reduced.std(0)": "mean, std = reduced.mean(0), reduced.std(0)\n"
            "        reduced = (reduced - mean) / std",
            STANDARDISED: "return reduced, mean, std",
        },
        says="passed in",
    ),
    Wrong(
        "d-steps",
        "constants of the validation events",
        {VALIDATION: "z_val, _, _ = preprocess(val)"},
        says="training constants",
    ),
    Wrong(
        "d-steps",
        "p_T of the second muon and its η twice",
        {"kinematics.eta(events)": "kinematics.eta(events[:, [1, 1]])"},
        says="expected",
    ),
    Wrong(
        "d-steps",
        "log without the cut",
        {"np.log(reduced[:, 0] - PT_EDGE)": "np.log(reduced[:, 0])"},
        says="expected",
    ),
    Wrong("d-steps", "tanh", {"np.arctanh(reduced": "np.tanh(reduced"}, says="expected"),
    Wrong(
        "d-steps",
        "divided by the variance",
        {"std = reduced.mean(0), reduced.std(0)": "std = reduced.mean(0), reduced.var(0)"},
        says="spread",
    ),
    Right(
        "e-train",
        "other seed, generated in float32",
        {
            "better = VAE(3, 3, TAU)": "torch.manual_seed(SEED + 100)\n"
            "better = VAE(z_train.shape[1], 3, TAU)",
            INVERSE: "three = coordinates.inverse(generate(better, len(test)).astype(np.float32), rng)",
        },
    ),
    Wrong(
        "e-train",
        "bottleneck 2",
        {"VAE(3, 3, TAU)": "VAE(3, 2, TAU)"},
        says="latent variables",
    ),
    Wrong(
        "e-train",
        "bottleneck 6",
        {"VAE(3, 3, TAU)": "VAE(3, 6, TAU)"},
        says="degrees of freedom",
        hidden=True,
    ),
    Wrong("e-train", "not trained", {"train_vae(better, z_train)": "pass"}, says="trained"),
    Wrong(
        "e-train",
        "trained on validation events",
        {"train_vae(better, z_train)": "train_vae(better, z_val)"},
        says="other events than z_train",
    ),
    Wrong(
        "e-train",
        "noise of the decoder",
        {"generate(better, len(test))": "generate(better, len(test), True)"},
        says="without noise",
        hidden=True,
    ),
    Wrong(
        "e-train",
        "raw events",
        {INVERSE: "three = to_events(generate(models[3], len(test)))"},
        says="cuts|balance",
    ),
    Wrong("e-train", "another width", {"VAE(3, 3, TAU)": "VAE(3, 3, 2 * TAU)"}, says="width"),
    Wrong("e-train", "too few events", {"len(test))": "len(test) // 2)"}, says="expected events"),
    Wrong(
        "e-train",
        "encoded test events in place of the prior",
        {INVERSE: "three = coordinates.inverse(coordinates.transform(test), rng)"},
        says="from better",
        hidden=True,
    ),
]
