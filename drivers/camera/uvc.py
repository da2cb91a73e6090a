"""A document camera on USB (UVC, V4L2) through OpenCV, in a worker process that may be killed.

OpenCV's calls may hang for good after an unplug; then nothing here answers, and the host kills the worker.
"""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from drivers.camera.lenses import PageCamera, pictures
from drivers.camera.stream import Shared
from drivers.camera.video import VideoLink, VideoStream, make_video_link
from drivers.contract import Context, Identity, Info, Kind
from drivers.errors import BadConfig


class UvcConfig(BaseModel):
    """`side`: link of the second lens, which is a device of its own. `width`, `height`: dots, 0 = as it comes.

    `focus`, `exposure`: None = automatic; else the camera's own numbers, where it offers the control.
    `frame_seconds`: wait for a picture.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    side: str = Field(default="", pattern=r"^(video(-at)?:[!-~]+)?$")
    width: int = Field(default=0, ge=0, le=10_000)
    height: int = Field(default=0, ge=0, le=10_000)
    focus: int | None = Field(default=None, ge=0, le=10_000)
    exposure: int | None = Field(default=None, ge=-20, le=100_000)
    frame_seconds: float = Field(default=3.0, ge=0.2, le=20)


class UvcCamera(PageCamera):
    info: ClassVar[Info] = Info(
        kind=Kind.CAMERA,
        maker="USB video class",
        models=("UVC",),
        links=("video", "video-at"),
        isolation="process",
        secrets=("capture", "preview"),
    )
    Config: ClassVar[type[BaseModel]] = UvcConfig

    def __init__(self, config: UvcConfig, link: VideoLink, ctx: Context) -> None:
        super().__init__(ctx, config.frame_seconds)
        self._config = config
        self._link = link

    async def open(self) -> Identity:
        """Raises Absent, Denied, Busy, Gone, Late, BadConfig (another size), Unsupported (no picture library)."""
        pictures()
        if not isinstance(self._link, VideoLink):
            raise BadConfig("a camera of this kind needs a link video:///dev/video0 or video-at:socket")
        self._lenses["main"] = Shared(self._stream(self._link))
        if self._config.side:
            side = make_video_link(self._config.side, self._ctx)
            assert isinstance(side, VideoLink)
            self._lenses["side"] = Shared(self._stream(side))
        await self._new_frame("main")
        return Identity()

    def _stream(self, link: VideoLink) -> VideoStream:
        size = (self._config.width, self._config.height)
        return VideoStream(link, size, _controls(self._config), self._ctx.note)


def _controls(config: UvcConfig) -> dict[str, float]:
    """Automatic is what a camera starts with: nothing is sent for it. V4L2's manual exposure is 1 (videodev2.h)."""
    controls: dict[str, float] = {}
    if config.focus is not None:
        controls |= {"CAP_PROP_AUTOFOCUS": 0, "CAP_PROP_FOCUS": config.focus}
    if config.exposure is not None:
        controls |= {"CAP_PROP_AUTO_EXPOSURE": 1, "CAP_PROP_EXPOSURE": config.exposure}
    return controls
