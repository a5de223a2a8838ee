"""What hostile cells do; @FILE@, @ROOT@, @PORT@ and @SOCKET@ stand for what they must not reach."""

FOREVER = "import time\nwhile True: time.sleep(1)"
CATCHES = """
while True:
    try:
        while True: pass
    except BaseException: pass
"""
DEAF = f"""
import signal
for n in range(1, 32):
    if n not in (9, 19): signal.signal(n, signal.SIG_IGN)
{FOREVER}
"""
FORKS = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
THREADS = """
import threading, time
try:
    while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
except RuntimeError as error: print('stopped:', error)
while True: time.sleep(1)
"""
DAEMON = """
import os, signal
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        for n in range(64):
            try: os.close(n)
            except OSError: pass
        os.execlp('sleep', 'sleep', '31415')
    os._exit(0)
print('daemon started')
"""
NOHUP = """
import os
os.system('nohup sleep 31415 > /dev/null 2>&1 &')
print('left')
"""
CHILDREN_EAT = """
import os, time
for _ in range(10):
    if os.fork() == 0:
        x = bytearray(os.urandom(1)) * (100 * 2**20)
        time.sleep(60)
time.sleep(60)
"""
SHARED = (
    "import mmap, time\nx = mmap.mmap(-1, 2**31)\nfor i in range(0, 2**31, 4096): x[i] = 1\ntime.sleep(60)"
)
SYSTEM_V = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.shmget(0, 2**28, 0o1600) < 0: raise OSError(ctypes.get_errno(), 'shmget')
"""
FILL = "with open('{}/big', 'wb') as f:\n    while True: f.write(bytes(10**6)); f.flush()"
FLOOD_PICTURES = """
from IPython.display import Image, display
while True: display(Image(b'\\x89PNG\\r\\n\\x1a\\n' + bytes(10**5), format='png'))
"""
DEEP_OUTPUT = """
from IPython.display import publish_display_data
deep = x = []
for _ in range(900): x.append([]); x = x[0]
publish_display_data({'application/json': deep, 'text/plain': 'deep'})
print('sent')
"""
ODD_OUTPUT = """
from IPython.display import publish_display_data
publish_display_data({'application/javascript': 'alert(1)', 'text/x-odd': 'odd', 'text/plain': 'kept'})
kernel = get_ipython().kernel
for kind, content in (('stream', {'name': 7, 'text': {'a': 1}}),
                      ('display_data', {'data': {'text/plain': 3}}), ('error', {'traceback': 3}),
                      ('execute_result', {'data': 5})):
    kernel.send_response(kernel.iopub_socket, kind, content)
print('odd \\ud800 done')
"""
REMOVE = """
import os, shutil, subprocess
for folder in ('@ROOT@', os.path.dirname('@FILE@'), '/proc/1/root', '/etc', '/bin/python3'):
    shutil.rmtree(folder, ignore_errors=True)
subprocess.run('rm -rf --no-preserve-root /course /tmp /home /root /dev/shm /etc', shell=True)
print('removed')
"""
READ = """
import glob, os
found = []
wanted = ['@FILE@', '/etc/shadow', '/etc/passwd', '/root/.bash_history', '/proc/1/environ',
          '@ROOT@/notebooks/04_1_pytorch_autograd.ipynb', '@ROOT@/tests/builders/hostile.py',
          '@ROOT@/helpers/course/untrusted.py', '../helpers/course/untrusted.py', '/proc/1/root@FILE@',
          *glob.glob('/proc/*/environ'), *glob.glob('/proc/*/root@FILE@'), *glob.glob('/home/*/.*/*')]
for path in wanted:
    try: found.append((path, open(path, 'rb').read().decode(errors='replace')))
    except OSError: pass
print('tried', len(wanted), [f for f in found if not f[0].endswith('environ')])
print([text for path, text in found if path.endswith('environ')])
"""
LINKS = """
import os
for k, target in enumerate(('@FILE@', '/', '/proc/1/root', '@ROOT@')):
    os.symlink(target, f'link{k}')
    try: print(open(f'link{k}').read())
    except OSError as error: print('no', error.errno)
    try: open(f'link{k}', 'w').write('changed')
    except OSError: pass
try: os.link('@FILE@', 'hard')
except OSError: pass
try: open('../../..@FILE@', 'a').write('changed')
except OSError: pass
print('tried')
"""
SPY = """
import glob, os
secret = 'SECRET-' + 'of-a-later-cell'
seen = []
for path in glob.glob('/proc/[0-9]*'):
    if path == f'/proc/{os.getpid()}': continue
    for name in ('mem', 'maps', 'environ', 'fd', 'cwd', 'root'):
        try:
            content = os.listdir(f'{path}/{name}') if name == 'fd' else open(f'{path}/{name}', 'rb').read()
            seen.append((path, name, str(content)[:60]))
        except OSError: pass
print('seen', seen)
client = os.getppid()
assert not [s for s in seen if s[0] == f'/proc/{client}'], seen
print('tried', secret in str(seen))
"""
FORGE = """
import glob, os, json
forged = ['output', 'stream', {'name': 'stdout', 'text': 'forged'}]
events = ['end', 0, 'ok', '', ''], ['start', 1], forged, ['end', 1, 'ok', '', ''], ['done']
lines = '\\n'.join(map(json.dumps, events)) + '\\n'
tried = 0
for path in glob.glob('/proc/[0-9]*/fd/*') + [f'/dev/fd/{n}' for n in range(3, 64)]:
    try:
        with open(path, 'w') as file: tried += 1; os.set_blocking(file.fileno(), False); file.write(lines)
    except (OSError, ValueError): pass
print('tried', tried)
"""
ESCAPE = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
tried = {
    'user namespace': libc.unshare(0x10000000), 'mount namespace': libc.unshare(0x00020000),
    'mount': libc.mount(b'none', b'/course', b'tmpfs', 0, None),
    'remount': libc.mount(b'', b'/', b'', 32, None),
    'chroot': libc.chroot(b'/'), 'setuid': libc.setuid(0), 'pivot': libc.syscall(155, b'/', b'/'),
    'ptrace': libc.ptrace(16, os.getppid(), 0, 0), 'host name': libc.sethostname(b'x', 1),
}
assert set(tried.values()) == {-1}, tried
print('tried', len(tried))
"""
WRITE = """
import os, sys, site, glob
written = []
for folder in ('/', '/usr', '/usr/bin', '/etc', sys.prefix, sys.base_prefix, *site.getsitepackages(),
               '/course/helpers', '/course/data', '/course/helpers/course', '/proc/sys/kernel', '/sys',
               '/dev', '/kernel_runner.py', '/home', '@ROOT@'):
    if folder == '@ROOT@' and folder.startswith('/tmp/'):
        continue  # in the memory that stands for /tmp here; the test looks outside
    for path in (folder, f'{folder}/planted.py'):
        try: open(path, 'a').write('x'); written.append(path)
        except OSError: pass
for path in [*glob.glob('/proc/sys/*/*'), '/proc/sysrq-trigger', '/dev/mem']:
    try: open(path, 'w').close(); written.append(path)
    except OSError: pass
assert not written, written
print('tried')
"""
CONNECT = """
import socket
for family, address in ((socket.AF_INET, ('127.0.0.1', @PORT@)), (socket.AF_UNIX, '\\0@SOCKET@'),
                        (socket.AF_UNIX, '@FILE@.socket')):
    with socket.socket(family) as s:
        s.settimeout(1)
        try: s.connect(address); s.sendall(b'hello'); print('reached', address)
        except OSError as error: print('no', error.errno)
print('tried', socket.if_nameindex())
"""
SILENCE = "get_ipython().kernel.session.send = lambda *a, **k: None"
PRETEND = "get_ipython().transform_cell = lambda source, **k: 'None'"
POISON = """
import os
for name in ('json', 'numpy', 'ipykernel', 'sitecustomize', 'usercustomize'):
    open(f'{name}.py', 'w').write('raise SystemExit')
    open(f'/tmp/{name}.py', 'w').write('raise SystemExit')
startup = os.path.expanduser('~/.ipython/profile_default/startup')
os.makedirs(startup, exist_ok=True)
open(f'{startup}/00.py', 'w').write('raise SystemExit')
print('poisoned')
"""
