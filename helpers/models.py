"""Small networks that the notebooks share once they have been written out there."""

from itertools import pairwise

from torch import nn

__all__ = ["MLP"]


class MLP(nn.Sequential):
    """Fully connected network, linear in its last layer: (n, n_in) → (n, n_out).

    Parameters
    ----------
    n_in, n_out : int
        Number of inputs and outputs.
    hidden : sequence of int
        Widths of the hidden layers.
    activation : type
        A module class.
    dropout : float
        Probability after each hidden layer.
    """

    def __init__(self, n_in, n_out, hidden=(64, 64), activation=nn.ReLU, dropout=0.0):
        layers = []
        for width_in, width_out in pairwise((n_in, *hidden)):
            layers += [nn.Linear(width_in, width_out), activation()]
            if dropout > 0:
                layers.append(nn.Dropout(dropout))
        super().__init__(*layers, nn.Linear((n_in, *hidden)[-1], n_out))
