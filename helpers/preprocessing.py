"""Invertible maps from physical quantities to numbers of order one: fit on training data, apply to all."""

import numpy as np

from helpers.generators.drell_yan import ETA_MAX, MUON_MASS, PT_MIN
from helpers.kinematics import eta, four_vector, pt

__all__ = [
    "ETA_EDGE",
    "PT_EDGE",
    "MuonPairCoordinates",
    "PairMassCoordinates",
    "Standardizer",
    "balanced_pair",
]

# Rounding carries events over the cuts: one of the official files lies at |η| = 2.5 + 1e-5.
PT_EDGE, ETA_EDGE = PT_MIN - 2e-5, ETA_MAX + 2e-5  # GeV, dimensionless

GAUSS = np.linspace(-4.5, 4.5, 2001)  # as far as a million Gaussian numbers reach


class Standardizer:
    """Shift every feature to mean 0 and scale it to standard deviation 1.

    A feature that is constant in the training data (the transverse momentum of a beam, say) is only
    shifted: dividing by its spread would be 0/0, or blow rounding noise up to order one.

    Attributes
    ----------
    mean, std : array (1, ...)
        After fit, like one row of the training data.
    """

    def fit(self, x: np.ndarray) -> "Standardizer":
        """Take mean and spread from training data.

        Parameters
        ----------
        x : array (n, ...)

        Returns
        -------
        Standardizer
            Itself.

        Raises
        ------
        ValueError
            For no rows, NaN or infinity.
        """
        x = np.asarray(x, dtype=np.float64)
        bad = int((~np.isfinite(x)).reshape(len(x), -1).any(1).sum())
        if len(x) == 0 or bad:
            raise ValueError(f"cannot standardise {len(x)} rows, {bad} of them with NaN or infinity")
        self.mean = x.mean(0, keepdims=True)
        std = x.std(0, keepdims=True)
        constant = std <= 1e-12 * np.abs(x).max(0, keepdims=True)
        self.std = np.where(constant, 1.0, std)
        return self

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Physical values (n, ...) → standardised values of the same shape."""
        return (self._checked(x) - self.mean) / self.std

    def inverse(self, z: np.ndarray) -> np.ndarray:
        """Standardised values (n, ...) → physical values of the same shape."""
        return self._checked(z) * self.std + self.mean

    def _checked(self, x):
        if not hasattr(self, "mean"):
            raise ValueError("fit the Standardizer on training data first")
        x = np.asarray(x, dtype=np.float64)
        if x.shape[1:] != self.mean.shape[1:]:
            raise ValueError(f"rows of shape {x.shape[1:]}, but fitted on rows of {self.mean.shape[1:]}")
        return x


class MuonPairCoordinates:
    """Drell-Yan events as three standardised numbers: log(pt₁ − 10), artanh(η₁/2.5), artanh(η₂/2.5).

    At leading order these are all that an event holds beyond its azimuth, which is random: the pair
    balances in the transverse plane and both masses are known. The cuts move to infinity, so that
    whatever a network generates respects them, the balance and the masses.

    Attributes
    ----------
    scale : Standardizer
        After fit, of the training data.
    """

    def fit(self, p: np.ndarray) -> "MuonPairCoordinates":
        """Take the scales from training events p (n, 2, 4) in GeV, for all other events too; returns self."""
        self.scale = Standardizer().fit(self.coordinates(p))
        return self

    def transform(self, p: np.ndarray) -> np.ndarray:
        """Events (n, 2, 4) in GeV → standardised coordinates (n, 3)."""
        return self._fitted().transform(self.coordinates(p))

    def inverse(self, z: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Standardised coordinates (n, 3) → events (n, 2, 4) in GeV, azimuths from the numpy Generator."""
        return self.events(self._fitted().inverse(z), rng)

    def coordinates(self, p: np.ndarray) -> np.ndarray:
        """Coordinates of events before they are standardised.

        Parameters
        ----------
        p : array (n, 2, 4)
            In GeV.

        Returns
        -------
        array (n, 3)

        Raises
        ------
        ValueError
            For another shape, and for events outside the cuts or with NaN.
        """
        pt1, eta1, eta2 = _physical(p)
        return np.column_stack(
            [np.log(pt1 - PT_EDGE), np.arctanh(eta1 / ETA_EDGE), np.arctanh(eta2 / ETA_EDGE)]
        )

    def events(self, c: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Coordinates before they are standardised (n, 3) → events (n, 2, 4) in GeV."""
        eta1, eta2 = ETA_EDGE * np.tanh(c[:, 1:]).T
        return balanced_pair(PT_EDGE + np.exp(c[:, 0]), eta1, eta2, rng)

    def _fitted(self):
        if not hasattr(self, "scale"):
            raise ValueError(f"fit the {type(self).__name__} on training events first")
        return self.scale


class PairMassCoordinates(MuonPairCoordinates):
    """Drell-Yan events as three standardised numbers with m_μμ: Φ⁻¹(F(m_μμ)), artanh(η₁/2.5), artanh(η₂/2.5).

    F is the cumulative distribution of m_μμ in the training events, Φ that of the unit Gaussian: the Z peak
    with its tails becomes a Gaussian. The price is the cut on pt, which is no longer built in; what fails it
    has to be thrown away.

    Attributes
    ----------
    scale : Standardizer
        As in MuonPairCoordinates.
    quantiles : array (2001,)
        After fit, the masses in GeV at Φ⁻¹(F) = GAUSS.
    """

    def fit(self, p: np.ndarray) -> "PairMassCoordinates":
        """Take mass distribution and scales from training events p (n, 2, 4) in GeV; returns self."""
        from scipy.special import ndtr  # slow to import, and nothing else here needs it

        self.quantiles = np.quantile(_pair_mass(*_physical(p)), ndtr(GAUSS))
        return super().fit(p)

    def coordinates(self, p: np.ndarray) -> np.ndarray:
        """Events (n, 2, 4) in GeV → coordinates before they are standardised, (n, 3)."""
        c = super().coordinates(p)
        c[:, 0] = np.interp(_pair_mass(*_physical(p)), self.quantiles, GAUSS)
        return c

    def events(self, c: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Coordinates before they are standardised (n, 3) → events (n, 2, 4), some with pt < 10 GeV."""
        eta1, eta2 = ETA_EDGE * np.tanh(c[:, 1:]).T
        m = np.interp(c[:, 0], GAUSS, self.quantiles)
        return balanced_pair(m / _pair_mass(1, eta1, eta2), eta1, eta2, rng)


def _physical(p):
    """Events (n, 2, 4) in GeV, checked → pt of the first muon in GeV, both η; (n,) each."""
    p = np.asarray(p, dtype=np.float64)
    if p.ndim != 3 or p.shape[1:] != (2, 4):
        raise ValueError(f"muon pairs need shape (n, 2, 4), got {p.shape}")
    pt1, etas = pt(p[:, 0]), eta(p)  # (n,), (n, 2)
    outside = ~((pt1 > PT_EDGE) & (np.abs(etas) < ETA_EDGE).all(1))
    if outside.any():
        raise ValueError(f"{outside.sum()} of {len(p)} events violate pt > {PT_MIN}, |η| < {ETA_MAX}")
    return pt1, *etas.T


def _pair_mass(pt, eta1, eta2):
    """Invariant mass of massless muons with opposite transverse momenta pt."""
    return pt * np.sqrt(2 * (1 + np.cosh(eta1 - eta2)))


def balanced_pair(pt: np.ndarray, eta1: np.ndarray, eta2: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two muons back to back in the transverse plane at a random azimuth, with the mass of a muon.

    Parameters
    ----------
    pt : array (n,)
        Of both, in GeV.
    eta1, eta2 : array (n,)
    rng : numpy.random.Generator

    Returns
    -------
    array (n, 2, 4)
        In GeV; the transverse momenta of a pair add up to zero exactly.

    Raises
    ------
    ValueError
        For values that are not finite.
    """
    finite = np.isfinite([pt, eta1, eta2]).all(0)
    if not finite.all():
        raise ValueError(f"{(~finite).sum()} of {len(finite)} events have NaN or infinity")
    phi = rng.uniform(-np.pi, np.pi, len(finite))
    first, second = (four_vector(pt, e, phi, MUON_MASS) for e in (eta1, eta2))
    second[:, 1:3] *= -1  # φ + π instead would add rounding
    return np.stack([first, second], axis=1)
