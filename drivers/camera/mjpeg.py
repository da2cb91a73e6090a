"""A document camera that serves its picture as MJPEG over HTTP: from its own server or from a streaming program."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from drivers.camera.lenses import PageCamera, pictures
from drivers.camera.stream import FrameStream, Shared
from drivers.contract import Context, Identity, Info, Kind
from drivers.errors import BadConfig
from drivers.links.http import HttpLink


class MjpegConfig(BaseModel):
    """`side`: path of the second lens on the same server, if there is one. `frame_seconds`: wait for a picture."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    side: str = Field(default="", pattern=r"^(/[!-~]*)?$")
    frame_seconds: float = Field(default=3.0, ge=0.2, le=20)


class MjpegCamera(PageCamera):
    info: ClassVar[Info] = Info(
        kind=Kind.CAMERA,
        maker="MJPEG over HTTP",
        models=("MJPEG",),
        links=("http",),
        isolation="process",
        secrets=("capture", "preview"),
    )
    Config: ClassVar[type[BaseModel]] = MjpegConfig

    def __init__(self, config: MjpegConfig, link: HttpLink, ctx: Context) -> None:
        super().__init__(ctx, config.frame_seconds)
        self._config = config
        self._link = link

    async def open(self) -> Identity:
        """Identity.model is what the server calls itself.

        Raises Absent, Late, Garbled, Denied, ServiceDown, WrongDevice (answers, but with no picture stream),
        Unsupported (the picture library is not installed).
        """
        pictures()
        if not isinstance(self._link, HttpLink):
            raise BadConfig("a camera of this kind needs a link http://host:port/path")
        stream = FrameStream(self._link, self._config.frame_seconds)
        self._lenses["main"] = Shared(stream)
        if self._config.side:
            aside = self._link.beside(self._config.side)
            self._lenses["side"] = Shared(FrameStream(aside, self._config.frame_seconds))
        await self._new_frame("main")
        return Identity(model=stream.head.server)
