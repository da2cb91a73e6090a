"""The form of every section of a site's file: what ids, codes, addresses and texts look like."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
SiteCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{2,32}$")]
_PORT = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-4])"
CODE = r"^[A-Za-z0-9-]{1,32}$"
ADDRESS = rf"^([0-9A-Za-z.-]+|\[[0-9A-Fa-f:.]+\]):{_PORT}$"  # host:port, [IPv6]:port; the port after it is one too
# No user and password: whoever reads the file would have them.
WEB_ADDRESS = rf"^https?://([0-9A-Za-z.-]+|\[[0-9A-Fa-f:.]+\])(:{_PORT})?(/[^\s#]*)?$"
Text = dict[Literal["zh-Hans", "zh-Hant", "en"], str]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
