"""A TCP link that knows which page of a web server it is for. The driver speaks HTTP itself."""

from drivers.contract import Context
from drivers.links.tcp import TcpLink


class HttpLink(TcpLink):
    """`host`: the Host header; `target`: path and query. What it carries is pictures of papers: sizes only are kept."""

    def __init__(self, ctx: Context, host: str, port: int, target: str, timeout: float = 3.0) -> None:
        super().__init__(f"http://{host}:{port}{target.partition('?')[0]}", ctx, host.strip("[]"), port, timeout)
        self.host = f"{host}:{port}"
        self.target = target
        self.tap.private = True
        self._make = (ctx, host, port, timeout)

    def beside(self, target: str) -> "HttpLink":
        """Another page of the same server, as a link of its own."""
        ctx, host, port, timeout = self._make
        return HttpLink(ctx, host, port, target, timeout)
