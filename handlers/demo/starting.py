"""Starting a demo: the checks, the address, what is printed, and the server."""

import logging
import os
import socket
from functools import partial

import click
from click.core import ParameterSource

from channels.simulator.rules import is_loopback
from handlers.demo import folder as folders
from handlers.demo.folder import DemoFolder
from handlers.demo.people import OFFICERS
from handlers.runtime import Runtime

_PORTS_TO_TRY = 20


def run(host: str, port: int, *, fresh: bool) -> None:
    """Serve a demo on this machine until Ctrl-C or SIGTERM. Its folder is LOKET_DEMO_DIR, else ``var/demo``.

    Raises ``click.ClickException`` for a host of another machine, a taken port, or a folder in use.
    """
    from handlers import logs
    from handlers.serving import Server

    if not is_loopback(host):
        raise click.ClickException(f"a demo is for this machine only: {host} is not 127.0.0.1")
    folder = _folder(fresh=fresh)
    port = _free_port(host, port)
    logs.configure({}, logging.WARNING)
    click.echo("Menyiapkan demo …")
    shown = f"[{host}]" if ":" in host else host
    Server(partial(_wire, folder, f"http://{shown}:{port}"), shown, port, worker=True).run()


def _folder(*, fresh: bool) -> DemoFolder:
    folder = DemoFolder(folders.chosen(os.environ))
    if not folder.take():
        raise click.ClickException(f"another demo is running in {folder.path}; end it first")
    if fresh:
        folder.empty()
    return folder


def _free_port(host: str, port: int) -> int:
    """*port*, or the next free one when nobody asked for this very one."""
    if _is_free(host, port):
        return port
    if _was_asked_for():
        raise click.ClickException(f"port {port} is taken by another program; name a free one with --port")
    for other in range(port + 1, port + _PORTS_TO_TRY):
        if _is_free(host, other):
            click.echo(f"Port {port} sedang dipakai program lain; demo memakai port {other}.")
            return other
    raise click.ClickException(f"no free port from {port} on; name one with --port")


def _was_asked_for() -> bool:
    context = click.get_current_context(silent=True)
    return context is None or context.get_parameter_source("port") is not ParameterSource.DEFAULT


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _wire(folder: DemoFolder, public_url: str) -> Runtime:
    """In the process that serves: the provider's thread, the desk, and a past on the first start."""
    from handlers.demo import desk, past

    twilio = desk.local_twilio(folder.keys(), public_url)
    runtime = desk.open_desk(folder, public_url, twilio, desk.listening(twilio))
    desk.make_templates(runtime)
    past.prepare(runtime)
    twilio.desk_url = public_url
    _announce(public_url, runtime.password)
    return runtime


def _announce(address: str, password: str) -> None:
    click.echo(f"""
  Loket · demo di komputer ini saja, semua orang dan pesannya contoh

  Halaman demo   {address}/demo
  Kotak masuk    {address}/inbox
  Kata sandi     {password}   (sama untuk semua petugas contoh)""")
    for officer in OFFICERS:
        offices = ", ".join(f"{code} {role}" for code, role in officer.roles) or "administrator"
        click.echo(f"                 {officer.email:<22} {officer.name} ({offices})")
    click.echo("\n  Berhenti: Ctrl-C\n")
