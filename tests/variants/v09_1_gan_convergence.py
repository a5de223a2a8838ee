"""Solutions of 09_1, right and wrong."""

from tests.variants.variant import Right, Wrong

OTHER_FORM = """def optimal_discriminator(p_data, p_model):
    return 1 - p_model / (p_model + p_data)


def functional_derivative(p_data, p_model, inserted):
    r = p_model / p_data
    return torch.log1p(r) + r / (1 + r) * inserted


def generator_step(p_model, derivative, rate):
    return torch.softmax(torch.log(p_model) - rate * derivative, dim=-1)
"""
SINGLE = """def optimal_discriminator(p_data, p_model):
    return (p_data / (p_data + p_model)).float()


def functional_derivative(p_data, p_model, inserted):
    D = optimal_discriminator(p_data, p_model)
    return 1 - D - D.log() if inserted else -D.log()


def generator_step(p_model, derivative, rate):
    weights = p_model.float() * torch.exp(-rate * derivative.float())
    return weights / weights.sum()
"""
STEP = "p_model * torch.exp(-rate * derivative)"
DERIVATIVE = "-torch.log(D) + (1 - D) if inserted else -torch.log(D)"

VARIANTS = [
    Right("a-steps", "by the ratio, and by softmax", OTHER_FORM),
    Right("a-steps", "float32", SINGLE),
    Wrong("a-steps", "fraction of the model", {"p_data / (p_data": "p_model / (p_data"}, says="fraction"),
    Wrong("a-steps", "the ratio instead of D", {"/ (p_data + p_model)": "/ p_model"}, says="fraction"),
    Wrong("a-steps", "no answer of D", {"+ (1 - D) if": "if"}, says="True.*other"),
    Wrong("a-steps", "readings exchanged", {"if inserted": "if not inserted"}, says="other reading"),
    Wrong("a-steps", "sign of the answer of D", {"+ (1 - D)": "- (1 - D)"}, says="product rule"),
    Wrong(
        "a-steps",
        "uphill",
        {DERIVATIVE: "torch.log(D) - (1 - D) if inserted else torch.log(D)"},
        says="sign is wrong",
    ),
    Wrong(
        "a-steps",
        "log(1 - D) in the loss of the generator",
        {DERIVATIVE: "-torch.log(1 - D) + (1 - D) if inserted else -torch.log(1 - D)"},
        says="-p_model log D",
    ),
    Wrong("a-steps", "λ not left out", {DERIVATIVE: f"({DERIVATIVE}) - math.log(2)"}, says="leave out λ"),
    Wrong("a-steps", "plain gradient step", {STEP: "p_model - rate * derivative"}, says="multiply"),
    Wrong("a-steps", "norm forgotten", {"moved / moved.sum()": "moved"}, says="divide by the norm"),
    Wrong("a-steps", "step uphill", {"exp(-rate": "exp(rate"}, says="multiply"),
    Wrong("a-steps", "step size ignored", {"-rate * derivative": "-derivative"}, says="rate 0.1"),
]
