"""Solutions of 11_1, right and wrong."""

from tests.variants.variant import Right, Wrong

OTHER_NOISE = """def linear_schedule(n_steps, first=1e-4, last=0.02):
    values, product = [1.0], 1.0
    for k in range(n_steps):
        product *= 1 - first - (last - first) * k / (n_steps - 1)
        values.append(product)
    return torch.tensor(values)


def diffuse(x0, abar_t, noise):
    signal = torch.sqrt(abar_t)
    return signal * x0 + torch.sqrt(1 - signal**2) * noise


abar = linear_schedule(NOISE_STEPS)
"""
OTHER_LOSS = """def ddpm_loss(model, x0):
    t = torch.randint(NOISE_STEPS, (len(x0),))[:, None] + 1
    noise = torch.normal(0.0, 1.0, x0.shape)
    return nn.functional.mse_loss(model(diffuse(x0, abar[t], noise), t), noise)
"""
OTHER_MEAN = {  # the mean in terms of the predicted noise
    "    mean = abar[s].sqrt() * (1 - alpha) * x0 + alpha.sqrt() * (1 - abar[s]) * x\n": (
        "    mean = (x - (1 - alpha) / (1 - abar[t]).sqrt() * predicted) / alpha.sqrt()\n"
    ),
    "mean / (1 - abar[t]) +": "mean +",
}
MIDPOINT = "    middle = x + h / 2 * velocity(x, now)\n    return x + h * velocity(middle, now + h / 2)"
TRACE = "torch.autograd.grad(v[:, i].sum(), x, retain_graph=True)[0][:, i]"
OTHER_TRACE = (
    "torch.autograd.grad(v, x, torch.eye(x.shape[1])[i].to(x).expand_as(x), retain_graph=True)[0][:, i]"
)
MIXTURE = "(1 - t) * torch.randn_like(y) + t * y"
LATE = "torch.exp(torch.rand(n, 1) * math.log(smallest))"

VARIANTS = [
    Right("a-forward", "a loop over the steps", OTHER_NOISE),
    Wrong("a-forward", "no square root", {"abar_t.sqrt() * x0": "abar_t * x0"}, says="differ"),
    Wrong(
        "a-forward",
        "without t = 0",
        {"torch.cat([torch.ones(1), torch.cumprod(1 - beta, 0)])": "torch.cumprod(1 - beta, 0)"},
        says="1001 numbers",
    ),
    Wrong("a-forward", "float64", {").float()": ")"}, says="float32"),
    Right("b-loss", "mse_loss", OTHER_LOSS),
    Wrong(
        "b-loss",
        "one time for all events",
        {"(len(x0), 1))": "(1, 1)).expand(len(x0), 1)"},
        says="one time for each event",
    ),
    Wrong("b-loss", "times from 0", {"randint(1, ": "randint(0, "}, says="start at 1"),
    Wrong("b-loss", "without the last time", {"NOISE_STEPS + 1": "NOISE_STEPS"}, says="up to T"),
    Wrong(
        "b-loss",
        "sum over components",
        {".square().mean()": ".square().sum(1).mean()"},
        says="perfect network",
    ),
    Right("b-jump", "mean in terms of the noise", OTHER_MEAN),
    Wrong(
        "b-jump",
        "variance 1 − α",
        {"variance = (1 - alpha) * (1 - abar[s]) / (1 - abar[t])": "variance = 1 - alpha"},
        says="adds no noise",
    ),
    Wrong(
        "b-jump",
        "variance 1 − α but for the last jump",
        {"variance = (1 - alpha) * (1 - abar[s]) / (1 - abar[t])": "variance = (1 - alpha) * (s > 0)"},
        says="jump: wrong mean or variance",
    ),
    Wrong(
        "b-jump", "variance as spread", {"variance.sqrt()": "variance"}, says="jump: wrong mean or variance"
    ),
    Wrong(
        "b-jump",
        "no square root in the mean",
        {"alpha.sqrt() * (1 - abar[s])": "alpha * (1 - abar[s])"},
        says="jump: wrong mean or variance",
    ),
    Wrong(
        "b-jump",
        "DDIM with new noise",
        {"(1 - abar[s]).sqrt() * predicted": "(1 - abar[s]).sqrt() * torch.randn_like(x)"},
        says="draws nothing",
    ),
    Right(
        "c-loss",
        "mse_loss, half step first",
        {
            "(model(x, t) - (y - noise)).square().mean()": "nn.functional.mse_loss(model(x, t), y - noise)",
            "(1 - t) * noise + t * y": "noise + t * (y - noise)",
        },
    ),
    Wrong("c-loss", "Euler", {MIDPOINT: "    return x + h * velocity(x, now)"}, says="midpoint"),
    Wrong("c-loss", "target reversed", {"(y - noise)": "(noise - y)"}, says="target"),
    Wrong("c-loss", "times exchanged", {"(1 - t) * noise + t * y": "t * noise + (1 - t) * y"}, says="x_t"),
    Wrong(
        "c-loss", "time of the start", {"velocity(middle, now + h / 2)": "velocity(middle, now)"}, says="time"
    ),
    Right("c-likelihood", "grad_outputs", {TRACE: OTHER_TRACE}),
    Wrong("c-likelihood", "sign of the integral", {"integral += h": "integral -= h"}, says="sign"),
    Wrong("c-likelihood", "all derivatives", {"[0][:, i]": "[0].sum(1)"}, says="numerical derivatives"),
    Wrong(
        "c-likelihood",
        "constant forgotten",
        {" - x.shape[1] / 2 * math.log(2 * math.pi)": ""},
        says="constant",
    ),
    Right("d-restart", "written in one line", {MIXTURE: "torch.lerp(torch.randn_like(y), y, t)"}),
    Wrong("d-restart", "all of the way", {"times[k:]": "times"}, says="rest"),
    Wrong(
        "d-restart",
        "times exchanged",
        {MIXTURE: "t * torch.randn_like(y) + (1 - t) * y"},
        says="shrunk",
    ),
    Wrong("d-restart", "no noise", {"(1 - t) * torch.randn_like(y) + ": ""}, says="noise should have"),
    Right("d-late", "a power of the smallest", {LATE: "smallest ** torch.rand(n, 1)"}),
    Wrong("d-late", "near 0 instead of 1", {"return 1 - torch": "return torch"}, says="should hold"),
    Wrong(
        "d-late", "all of them late", {"torch.rand(n, 1) < 0.5": "torch.rand(n, 1) < 2"}, says="should hold"
    ),
    Wrong(
        "d-late",
        "half for half",
        {"torch.rand(n, 1) < 0.5": "torch.arange(n)[:, None] < n / 2"},
        says="event",
    ),
]
