"""Vectors and bounds of chunks and bitmaps (protocol page, section 6)."""

import json
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.protocol import chunks, parts
from sync.protocol.chunks import BadChunk, Chunk
from sync.protocol.record import digest

VECTORS = json.loads((Path(__file__).parent / "vectors" / "files.json").read_text("utf-8"))


def test_the_vector_of_a_chunk():
    case = VECTORS["chunk"]
    data = bytes.fromhex(case["data_hex"])
    chunk = Chunk(digest(data), case["index"], data)
    assert chunks.pack(chunk).hex() == case["payload_hex"]
    assert chunks.read(bytes.fromhex(case["payload_hex"])) == chunk


def test_the_vector_of_a_bitmap():
    case = VECTORS["bitmap"]
    assert chunks.bitmap(case["wanted"], case["count"]) == case["base64"]
    assert chunks.wanted(case["base64"], case["count"]) == case["wanted"]


def test_the_vector_of_a_sealed_file():
    case = VECTORS["file"]
    key, plain, stored = (bytes.fromhex(case[name]) for name in ("key_hex", "plain_hex", "stored_hex"))
    assert parts.file_aad(case["site"], case["kid"]).decode() == case["aad_utf8"]
    where = {"key": key, "kid": case["kid"], "site": case["site"]}
    assert parts.seal_file(plain, nonce=bytes(range(12)), **where) == stored
    assert parts.unseal_file(stored, alg="aes-256-gcm", nonce=case["nonce"], **where) == plain
    for wrong in ({"alg": "sm4-gcm"}, {"nonce": "?"}, {"site": "LH-0001"}, {"kid": "k:other"}, {"key": bytes(32)}):
        with pytest.raises(parts.CannotOpen):
            parts.unseal_file(stored, **({"alg": "aes-256-gcm", "nonce": case["nonce"], **where} | wrong))


@given(st.integers(0, 2**32 - 1), st.binary(min_size=1, max_size=300), st.integers(0, 7), st.data())
@settings(max_examples=60, deadline=None)
def test_a_chunk_with_one_wrong_bit_of_data_is_none(index, content, bit, data):
    packed = bytearray(chunks.pack(Chunk(digest(content), index, content)))
    assert chunks.read(bytes(packed)) == Chunk(digest(content), index, content)
    packed[data.draw(st.integers(36, len(packed) - 1))] ^= 1 << bit
    with pytest.raises(BadChunk):
        chunks.read(bytes(packed))


@given(st.integers(1, 4096).flatmap(lambda of: st.tuples(st.just(of), st.sets(st.integers(0, of - 1)))))
@settings(max_examples=60, deadline=None)
def test_bitmaps_come_back_as_they_went(case):
    of, wanted = case
    assert chunks.wanted(chunks.bitmap(wanted, of), of) == sorted(wanted)


def test_other_forms_are_refused():
    for text in ("wEA", "wEA=", "wEAQAA==", b64encode(b"\xc0\x40\x11").decode(), "***="):
        with pytest.raises(BadChunk):
            chunks.wanted(text, 20)
    for payload in (b"", bytes(40), bytes(40 + 262_145)):
        with pytest.raises(BadChunk, match="length"):
            chunks.read(payload)
    sizes = [size for size in range(1, 300_000) if chunks.is_chunk_size(size)]
    assert sizes == [16_384, 32_768, 65_536, 131_072, 262_144]
    assert [chunks.count(size, 16_384) for size in (0, 1, 16_384, 16_385)] == [0, 1, 1, 2]
    assert [chunks.length(16_385, 16_384, index) for index in (0, 1)] == [16_384, 1]
    assert chunks.is_offer("0" * 64, 67_108_864, 16_384)
    assert not chunks.is_offer("0" * 64, 67_108_865, 16_384)
