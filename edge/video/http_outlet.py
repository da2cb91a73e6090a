"""Markers to an HTTP address."""

from typing import Final

import httpx

from edge.video.marks import Marker
from edge.video.outlets import NotKept

ANSWER_SECONDS: Final = 10.0
_HAD_IT: Final = 409


class HttpOutlet:
    """POST, the marker's id as Idempotency-Key. No proxy and no redirect: markers go where the site says."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False, follow_redirects=False)

    async def put(self, marker: Marker) -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": marker.id}
        try:
            answer = await self._client.post(self._url, content=marker.model_dump_json(), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotKept(type(error).__name__) from error
        if not answer.is_success and answer.status_code != _HAD_IT:
            raise NotKept(f"status {answer.status_code}")

    async def close(self) -> None:
        await self._client.aclose()
