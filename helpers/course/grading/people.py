"""Who is who: people and groups told apart by name, matriculation number and tutorial."""

from helpers.course.member import Member

__all__ = ["conflicting_numbers", "may_be_one", "may_be_one_group", "merged", "same_names"]


def may_be_one(one: Member, other: Member) -> bool:
    """Whether two entries may be of one person.

    The names are the same. Matriculation numbers decide where both are known, else the tutorials do.
    """
    if one.name.casefold() != other.name.casefold():
        return False
    if one.matriculation and other.matriculation:
        return one.matriculation == other.matriculation
    if one.tutorial and other.tutorial:
        return one.tutorial == other.tutorial
    return True


def may_be_one_group(one: tuple[Member, ...], other: tuple[Member, ...]) -> bool:
    """Whether two lists of members may be of one group."""
    if len(one) != len(other):
        return False
    pairs = zip(_in_order(one), _in_order(other), strict=True)
    return all(may_be_one(a, b) for a, b in pairs)


def same_names(one: tuple[Member, ...], other: tuple[Member, ...]) -> bool:
    """Whether two lists of members hold the same names, whatever else they say."""
    return sorted(m.name.casefold() for m in one) == sorted(m.name.casefold() for m in other)


def conflicting_numbers(one: tuple[Member, ...], other: tuple[Member, ...]) -> bool:
    """Whether two lists with the same names give somebody two matriculation numbers."""
    for a, b in zip(_in_order(one), _in_order(other), strict=True):
        if a.matriculation and b.matriculation and a.matriculation != b.matriculation:
            return True
    return False


def merged(one: tuple[Member, ...], other: tuple[Member, ...]) -> tuple[Member, ...]:
    """One group from two lists of its members.

    Parameters
    ----------
    one, other : tuple of Member
        The same people; the second list fills in what the first one does not know.

    Returns
    -------
    tuple of Member
        In the order of the first one.
    """
    known = {}
    for a, b in zip(_in_order(one), _in_order(other), strict=True):
        known[a] = Member(a.name, a.tutorial or b.tutorial, a.matriculation or b.matriculation)
    return tuple(known[member] for member in one)


def _in_order(members: tuple[Member, ...]) -> list[Member]:
    return sorted(members, key=lambda m: (m.name.casefold(), m.matriculation, m.tutorial))
