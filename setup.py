"""What pip runs before it installs anything: machines without wheels hear here what to do instead.

Everything else about the package stands in pyproject.toml.
"""

import platform
import sys
import sysconfig


def refusal(system, built_for, machine, release):
    """Say why the course cannot be installed on a machine.

    Parameters
    ----------
    system : str
        As `sys.platform`.
    built_for : str
        As `sysconfig.get_platform`, which tells for what Python was built, not on what it runs.
    machine : str
        As `platform.machine`.
    release : str
        Version of macOS, "" elsewhere.

    Returns
    -------
    str
        What is missing, and what to do; "" where nothing is.
    """
    if system == "win32" and built_for != "win-amd64":
        return (
            f"This is Python for {built_for}, for which PyTorch and others are not there. Install the 64-bit "
            'Python for x86-64 from python.org ("Windows installer (64-bit)"); it runs on Windows on Arm too.'
        )
    if system == "darwin" and machine == "x86_64":
        return (
            "This is Python for Macs with an Intel processor, for which PyTorch is no longer made. On a Mac "
            "with an M processor, install Python from python.org and use that one. On an Intel Mac, work on "
            "Linux: a machine of your university, or Binder."
        )
    if system == "darwin" and int(release.partition(".")[0]) < 14:
        return f"This is macOS {release}, and PyTorch needs macOS 14 or newer. Update it, then try again."
    return ""


if __name__ == "__main__":
    from setuptools import setup

    reason = refusal(sys.platform, sysconfig.get_platform(), platform.machine(), platform.mac_ver()[0])
    if reason:
        sys.exit(reason)
    setup()
