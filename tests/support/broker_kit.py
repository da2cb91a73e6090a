"""mosquitto as `hall-centre broker mosquitto` sets it up, with certificates; or set up wrongly, line by line."""

from collections.abc import Mapping
from pathlib import Path

from sync.centre import brokers
from tests.support.certificates import Authority
from tests.support.mosquitto import Mosquitto

WORKERS = ["hall-centre", "hall-centre-check"]
NO_CERTIFICATE = {
    "require_certificate true": "require_certificate false\nallow_anonymous true",
    "allow_anonymous false\n": "",
    "use_identity_as_username true\n": "",
    "use_username_as_clientid true\n": "",
    "acl_file ": "# ",
}


def kit_mosquitto(folder: Path, authority: Authority, wrong: Mapping[str, str] | None = None) -> Mosquitto:
    """Not started yet. `wrong`: what stands in its files and what shall stand there instead; each must stand there."""
    own, acl = authority.issue("broker"), folder / "acl"

    def kit(port: int) -> str:
        listener = brokers.Listener(port, "127.0.0.1", own.authority, own.certificate, own.key, WORKERS)
        text, rules = brokers.mosquitto(listener, acl)
        text, rules = wrongly(wrong or {}, text, rules)
        acl.write_text(rules)
        acl.chmod(0o600)
        return text

    return Mosquitto(folder, scheme="mqtts", kit=kit)


def wrongly(wrong: Mapping[str, str], text: str, rules: str) -> tuple[str, str]:
    """Settings and access rules with each of `wrong` put in its place."""
    for right, instead in wrong.items():
        assert right in text + rules
        text, rules = text.replace(right, instead), rules.replace(right, instead)
    return text, rules
