"""Whether the broker keeps this site apart, tried with its own certificate: by the running halld, or without it."""

from edge.api.station_schema import IsolationReport, IsolationSeen
from edge.enrolment.identity import SiteIdentity
from sync.broker_url import BadBrokerUrl
from sync.site_isolation import SiteIsolation
from sync.wire import WireLost

NOT_ENROLLED = IsolationReport(why="not_enrolled")


async def tried(identity: SiteIdentity) -> IsolationReport:
    """Nobody else may use the certificate meanwhile."""
    try:
        seen = await SiteIsolation(identity.broker, identity.site, identity, identity.authority_pem).check()
    except WireLost as lost:
        return IsolationReport(why=lost.code)
    except BadBrokerUrl:
        return IsolationReport(why="unreachable")
    return IsolationReport(
        seen=tuple(IsolationSeen(check=one.check, verdict=one.verdict, facts=one.facts) for one in seen)
    )
