"""``loket demo`` and ``loket chat``: the desk without an account, to try it out."""

import click

_host = click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
_port = click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The port to listen on."
)


@click.command()
@_host
@_port
@click.option("--fresh", is_flag=True, help="Begin again with an empty demo.")
def demo(host: str, port: int, fresh: bool) -> None:
    """The whole desk on this machine, with simulated phones: no account, no key."""
    from handlers.demo import run

    run(host, port, fresh=fresh)


@click.command()
@click.option("--office", default=None, help="The BPS code of the office to talk to.")
@click.option("--why", is_flag=True, help="Say which rule understood each line.")
def chat(office: str | None, *, why: bool) -> None:
    """Talk to the bot in the terminal, through a really signed webhook."""
    from handlers.chat import run

    run(office, why=why)
