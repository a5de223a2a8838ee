"""What runs in the sandbox: a kernel and its client, one JSON line per event. Imports nothing of the course.

The notebook comes through standard input and the events leave through one pipe, so that no file that this
process or the kernel can see holds the cells.
"""

import base64
import contextlib
import ctypes
import errno
import json
import os
import platform
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

IDLE_SECONDS = 5  # a kernel that prints faster than the sockets carry may lose the message that says idle
OUTPUTS = {"stream", "display_data", "update_display_data", "execute_result", "error", "clear_output"}
# Calls whose memory belongs to no process, that reach into other processes, or that have been ways out of
# sandboxes: name → number on x86_64 and aarch64. Python and NumPy do without them.
REFUSED = {
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "unshare": (272, 97),
    "setns": (308, 268),
}
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def main() -> None:
    """Run the cells of the request one after the other and tell what happens on the pipe `sys.argv[1]`."""
    events = os.fdopen(int(sys.argv[1]), "wb", closefd=False)

    def tell(*event):
        events.write(json.dumps(event, default=str).encode() + b"\n")
        events.flush()

    request = json.load(sys.stdin.buffer)
    if sys.platform == "linux":
        confine(request["rlimits"])
    for path, content in request["files"].items():
        with contextlib.suppress(OSError):  # a name too long, a file where a folder should be
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            with open(path, "wb") as file:
                file.write(base64.b64decode(content))
    with kernel() as (process, client):
        tell("ready")
        for index, source, recorded in request["cells"]:
            tell("start", index)
            status, name, value = run(source, recorded, process, client, tell)
            tell("end", index, status, name, value)
            if status == "died" or (status == "error" and not request["keep_going"]):
                break
    tell("done")


def confine(rlimits: dict[str, int]) -> None:
    """Let nobody read this process, let it go first where memory is short, and bound what it may take.

    Parameters
    ----------
    rlimits : dict of str to int
        Name of the limit → value. Without any there is no sandbox, and only what protects the caller is done.
    """
    import resource

    PR_SET_PDEATHSIG, PR_SET_DUMPABLE, SIGKILL = 1, 4, 9
    libc = ctypes.CDLL(None, use_errno=True)
    if rlimits:
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
        os.nice(5)
        for name, value in rlimits.items():
            resource.setrlimit(getattr(resource, name), (value, value))
        refuse_calls(libc)
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def refuse_calls(libc: ctypes.CDLL) -> None:
    """Have Linux answer the calls in REFUSED as if it did not know them (a seccomp filter).

    Parameters
    ----------
    libc : ctypes.CDLL

    Raises
    ------
    OSError
        When Linux takes no filter.
    """
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    allowed, unknown = 0x7FFF0000, 0x00050000 | errno.ENOSYS
    if (machine := platform.machine()) not in AUDIT_ARCH:
        return
    column = list(AUDIT_ARCH).index(machine)
    numbers = [numbers[column] for numbers in REFUSED.values()]
    refuse = (answer, 0, 0, unknown)
    program = [
        *((load, 0, 0, 4), (equal, 1, 0, AUDIT_ARCH[machine]), refuse),  # other instruction sets
        *((load, 0, 0, 0), (at_least, 0, 1, 0x40000000), refuse),  # the numbers of x32
        *(step for number in numbers for step in ((equal, 0, 1, number), refuse)),
        (answer, 0, 0, allowed),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    prepared = Filter(len(program), ctypes.addressof(code))
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(prepared), 0, 0):
        raise OSError(ctypes.get_errno(), "no filter for system calls")


@contextlib.contextmanager
def kernel() -> Iterator[tuple]:
    """A new Python kernel, whatever the notebook names.

    Yields
    ------
    process : subprocess.Popen
    client : BlockingKernelClient
        Connected to it.
    """
    from jupyter_client.blocking import BlockingKernelClient
    from jupyter_client.connect import write_connection_file

    with tempfile.TemporaryDirectory(prefix="k", ignore_cleanup_errors=True) as folder:
        sockets = {} if os.name == "nt" else {"transport": "ipc", "ip": f"{folder}/s"}
        file, connection = write_connection_file(f"{folder}/kernel.json", **sockets)
        client = BlockingKernelClient()
        client.load_connection_info(connection)
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", file, "--HistoryManager.enabled=False"]
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        # the kernel ends when this process does
        alone = {} if os.name == "nt" else {"JPY_PARENT_PID": str(os.getpid())}
        process = subprocess.Popen(command, env=os.environ | alone, **streams)
        client.start_channels(stdin=False, hb=False)
        client.wait_for_ready(timeout=120)
        yield process, client
        client.stop_channels()
        process.kill()
        process.wait()


def run(
    source: str, recorded: bool, process: subprocess.Popen, client: Any, tell: Callable[..., None]
) -> tuple[str, str, str]:
    """Execute one cell.

    Parameters
    ----------
    source : str
    recorded : bool
        Whether the history of the kernel (`In`) keeps its text.
    process : subprocess.Popen
        Of the kernel.
    client : BlockingKernelClient
    tell : callable
        Gets each output: "output", kind and content.

    Returns
    -------
    str
        "ok", "error" or "died".
    name, value : str
        Of the error; how the process ended where it died.
    """
    from zmq import POLLIN, Poller

    shell, iopub = client.shell_channel, client.iopub_channel
    poller = Poller()
    poller.register(shell.socket, POLLIN)
    poller.register(iopub.socket, POLLIN)
    mine = client.execute(source, store_history=recorded, allow_stdin=False)
    reply, idle, patience, error = None, False, float("inf"), {}
    while not (reply and idle) and time.monotonic() < patience:
        ready = dict(poller.poll(200))
        if shell.socket in ready:
            message = shell.get_msg()
            if message["parent_header"].get("msg_id") == mine:
                reply, patience = message["content"], time.monotonic() + IDLE_SECONDS
        if iopub.socket in ready:
            message = iopub.get_msg()
            if message["parent_header"].get("msg_id") == mine:
                kind, content = message["msg_type"], message["content"]
                idle = idle or (kind == "status" and content.get("execution_state") == "idle")
                if kind in OUTPUTS:
                    tell("output", kind, content)
                if kind == "error" and not error:
                    error = content
        if not ready and process.poll() is not None:
            return "died", "", f"exit status {process.returncode}"
    if reply.get("status") == "ok":
        return "ok", "", ""
    if reply.get("ename") == "NoneType":  # where showing a result failed, only the message knows the error
        reply = reply | error
    return "error", reply.get("ename", ""), reply.get("evalue", "")


if __name__ == "__main__":
    main()
