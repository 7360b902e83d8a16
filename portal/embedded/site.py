"""The whole site on one machine: what `make run` starts, in which order, and what it prints."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from portal.embedded import paths, ports
from portal.embedded.configured import is_configured
from portal.embedded.lock import RunLock
from portal.embedded.postgres import EmbeddedPostgres
from portal.embedded.process import Child, ProcessSpec
from portal.embedded.supervisor import Supervisor, print_line, run_in_terminal
from portal.embedded.valkey import EmbeddedValkey

# One queue per provider, so that one that stalls holds up nobody else's work for long.
PROVIDER_QUEUES = ("voip_innovations", "voicetel", "intelepeer", "custom_toll_free")
BACKGROUND_QUEUES = (*PROVIDER_QUEUES, "bulk", "default")
THREADS = 8
READY_PATH = "/accounts/login/"
SANDBOX_ADDRESS = "sandbox.url"  # where commands beside the running site find its sandbox


class Servers:
    """The database and the broker of a run-time directory, as far as they are ours to start."""

    def __init__(self, var_dir: Path) -> None:
        log_dir, env_file = var_dir / "log", paths.BASE_DIR / ".env"
        self.postgres: EmbeddedPostgres | None = None
        self.valkey: EmbeddedValkey | None = None
        if not is_configured("DATABASE_URL", env_file=env_file):
            self.postgres = EmbeddedPostgres(var_dir / "postgres", log=log_dir / "postgres.log")
        if not is_configured("CELERY_BROKER_URL", env_file=env_file):
            self.valkey = EmbeddedValkey(var_dir / "valkey", log=log_dir / "valkey.log")

    def start(self, supervisor: Supervisor) -> None:
        """Start what is ours and let `supervisor` keep it; raises CannotStart."""
        for server in (self.valkey, self.postgres):
            if server is not None:
                server.start()
                assert server.child is not None  # noqa: S101 - a started server has one
                supervisor.keep(server.child)


class Site:
    """Numberdesk with everything that it needs, as processes of this machine."""

    def __init__(self, var_dir: Path, supervisor: Supervisor) -> None:
        self.var_dir = var_dir
        self.port = ports.web_port()
        self.sandbox_port = ports.sandbox_port(but_not=self.port)
        self._supervisor = supervisor
        self._servers = Servers(var_dir)
        self.address = os.environ.get("SITE_URL") or f"http://localhost:{self.port}"
        self._env = dict(os.environ) | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PYTHONUNBUFFERED": "1",
            "VAR_DIR": str(var_dir),
            "SITE_URL": self.address,
            "SANDBOX_URL": f"http://{ports.HOST}:{self.sandbox_port}",
        }

    def start(self) -> str:
        """Start everything and return what a person needs to know to begin: address and logins."""
        print_line("Starting the database, the broker and the sandbox …")
        sandbox = self._supervisor.start(self._sandbox())
        (self.var_dir / SANDBOX_ADDRESS).write_text(self._env["SANDBOX_URL"])
        self._servers.start(self._supervisor)
        sandbox.wait_ready()  # the demo numbers come from there
        logins = self._prepare()
        print_line("Starting the workers and the web server …")
        web = self._start_processes()
        web.wait_ready()
        return f"\nNumberdesk is at {self.address}\n\n{logins.strip()}\n\nStop it with Ctrl-C."

    def _start_processes(self) -> Child:
        """Start workers, beat and web; return the web server, which may not be ready yet."""
        for spec in (
            self._worker("interactive", ("interactive",)),
            self._worker("providers", BACKGROUND_QUEUES),
            self._beat(),
        ):
            self._supervisor.start(spec)
        return self._supervisor.start(self._web())

    def _prepare(self) -> str:
        """Bring the database up to date, and return what to say about the demo logins."""
        if self._servers.postgres is not None:
            print_line("Bringing the database and its demo data up to date …")
            spec = self._python("prepare", "-m", "portal.embedded.prepare")
            return self._supervisor.run_step(spec, fails_as="The database could not be prepared")
        self._manage("migrate", fails_as="The database could not be migrated")
        self._collect_static()
        return "The demo data were not loaded into a database of your own; make seed does it."

    def _manage(self, command: str, *, fails_as: str) -> None:
        """Run a management command to its end."""
        spec = self._python(command, "manage.py", command, "--noinput")
        self._supervisor.run_step(spec, fails_as=fails_as)

    def _collect_static(self) -> None:
        """Gather the static files for a site with a database of its own, if any is newer."""
        manifest = paths.BASE_DIR / "staticfiles" / "staticfiles.json"
        made_at = manifest.stat().st_mtime if manifest.is_file() else 0.0
        sources = (*(paths.BASE_DIR / "static").rglob("*"), paths.BASE_DIR / "requirements.txt")
        if any(path.stat().st_mtime > made_at for path in sources):
            print_line("Gathering the static files …")
            self._manage("collectstatic", fails_as="The static files could not be gathered")

    def _sandbox(self) -> ProcessSpec:
        return self._python(
            "sandbox",
            *("manage.py", "runsandbox", "--port", str(self.sandbox_port)),
            *("--dir", str(self.var_dir / "sandbox")),
            is_ready=lambda: ports.answers(self.sandbox_port, "/_sandbox/state"),
            ready_seconds=120.0,  # the first start makes its stock
            is_server=True,
        )

    def _worker(self, name: str, queues: tuple[str, ...]) -> ProcessSpec:
        return self._python(f"worker-{name}", *worker_arguments(name, queues))

    def _beat(self) -> ProcessSpec:
        schedule = str(self.var_dir / "celerybeat-schedule")
        return self._python("beat", "-m", "celery", "-A", "portal", "beat", "-s", schedule)

    def _web(self) -> ProcessSpec:
        return self._python(
            "web",
            *web_arguments(self.port),
            is_ready=lambda: ports.answers(self.port, READY_PATH),
            ready_seconds=60.0,
            orphan_signal=signal.SIGTERM,  # its own processes end with it, but not when killed
        )

    def _python(self, name: str, *arguments: str, **facts: object) -> ProcessSpec:
        """Return the spec of a Python program of this project."""
        return ProcessSpec(
            name=name,
            argv=(sys.executable, *arguments),
            log=self.var_dir / "log" / f"{name}.log",
            directory=paths.BASE_DIR,
            env=self._env,
            **facts,  # type: ignore[arg-type]
        )


def web_arguments(port: int) -> tuple[str, ...]:
    """Return what Python is started with to serve the site on `port` of this machine."""
    return (
        *("-m", "gunicorn", "portal.wsgi:application", "-k", "gthread"),
        *("-w", "2", "--threads", "4", "--bind", f"{ports.HOST}:{port}"),
        # A list's chosen rows stand in the address; without JavaScript 250 of them take 5,000 bytes.
        *("--limit-request-line", "8190"),
        *("--graceful-timeout", "5", "--access-logfile", "-", "--no-control-socket"),
    )


def worker_arguments(name: str, queues: tuple[str, ...]) -> tuple[str, ...]:
    """Return what Python is started with for a worker on `queues`."""
    return (
        *("-m", "celery", "-A", "portal", "worker", "-n", f"{name}@%h", "-l", "info"),
        *("-Q", ",".join(queues), "--pool", "threads", "--concurrency", str(THREADS)),
    )


def run_site(var_dir: Path) -> None:
    """Run the whole site until somebody asks for its end; raises CannotStart."""
    lock = RunLock(var_dir)
    lock.acquire()
    try:
        with Supervisor() as supervisor:
            site = Site(var_dir, supervisor)
            print_line(site.start())
            supervisor.run()
    finally:
        lock.release()


def run_with_servers(argv: list[str], *, var_dir: Path) -> int:
    """Run a command with the database and the broker up, and return its exit code.

    They are started for it and stopped after it, unless the site runs from `var_dir` already.
    """
    env = dict(os.environ) | {"VAR_DIR": str(var_dir)}
    sandbox = var_dir / SANDBOX_ADDRESS
    lock = RunLock(var_dir)
    with Supervisor() as supervisor:
        if lock.try_acquire() is None:
            Servers(var_dir).start(supervisor)
        elif sandbox.is_file():
            env.setdefault("SANDBOX_URL", sandbox.read_text())
        try:
            return run_in_terminal(argv, env=env, directory=paths.BASE_DIR)
        finally:
            supervisor.stop()
            lock.release()
