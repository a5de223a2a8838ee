"""Invertible maps from physical quantities to numbers of order one: fit on training data, apply to all."""

import numpy as np

__all__ = ["Standardizer"]


class Standardizer:
    """Shift every feature to mean 0 and scale it to standard deviation 1.

    A feature that is constant in the training data (the transverse momentum of a beam, say) is only
    shifted: dividing by its spread would be 0/0, or blow rounding noise up to order one.

    Attributes after fit: mean, std, both of shape (1, ...) like one row of the training data.
    """

    def fit(self, x):
        """Take mean and spread from the training data x (n, ...); returns self."""
        x = np.asarray(x, dtype=np.float64)
        bad = int((~np.isfinite(x)).reshape(len(x), -1).any(1).sum())
        if len(x) == 0 or bad:
            raise ValueError(f"cannot standardise {len(x)} rows, {bad} of them with NaN or infinity")
        self.mean = x.mean(0, keepdims=True)
        std = x.std(0, keepdims=True)
        constant = std <= 1e-12 * np.abs(x).max(0, keepdims=True)
        self.std = np.where(constant, 1.0, std)
        return self

    def transform(self, x):
        """Physical values (n, ...) → standardised values of the same shape."""
        return (self._checked(x) - self.mean) / self.std

    def inverse(self, z):
        """Standardised values (n, ...) → physical values of the same shape."""
        return self._checked(z) * self.std + self.mean

    def _checked(self, x):
        if not hasattr(self, "mean"):
            raise ValueError("fit the Standardizer on training data first")
        x = np.asarray(x, dtype=np.float64)
        if x.shape[1:] != self.mean.shape[1:]:
            raise ValueError(f"rows of shape {x.shape[1:]}, but fitted on rows of {self.mean.shape[1:]}")
        return x
