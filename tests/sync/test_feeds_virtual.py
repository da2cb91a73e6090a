"""Feeds down a bad line in virtual time: real uplink, real centre, the site's real tables."""

import asyncio
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.centre import publishing
from sync.centre.conflicts import AboutVerdict
from sync.centre.feed_store import FeedStore, Published
from sync.centre.feeds import Feeds, SigningKey
from sync.centre.verdict import Verdict
from sync.downlink import Downlink
from sync.protocol import canonical, feeds, signing, topics
from sync.protocol.feeds import FeedMark
from sync.wire import Letter
from tests.support.virtual_time import VirtualClock, run_virtual
from tests.sync.memory_feeds import MemoryFeeds
from tests.sync.memory_journal import SITE, MemoryJournal
from tests.sync.paper_broker import PaperBroker, Troubles
from tests.sync.test_uplink_virtual import drained, running, until

KEY = SigningKey("s1", b"\x11" * 32)
FOREIGN = SigningKey("s1", b"\x12" * 32)
TRUSTED = {"s1": signing.public_of(KEY.private)}
REGION = "luohu"


class Downs:
    """A centre that publishes, a broker, and a site that follows."""

    def __init__(self, tmp_path, **more):
        self.published = FeedStore(tmp_path / "feeds.db")
        self.writer = FeedStore(tmp_path / "feeds.db")  # as another process
        verdict = AboutVerdict(Verdict(), self.published, REGION)
        self.broker = PaperBroker(tmp_path / "c.db", feeds=self.make, verdict=verdict, **more)
        self.journal = MemoryJournal()
        self.journal.append()
        self.held = MemoryFeeds()
        self.downlink = Downlink(self.held, SITE, TRUSTED, aside=_at_once)

    def make(self):
        return Feeds(self.published, KEY, clock=VirtualClock(), region=REGION)

    def publish(self, feed, lines, *, whole=False):
        scope = REGION if feed in feeds.SHARED else SITE
        return publishing.publish(
            self.writer, KEY, feed=feed, scope=scope, lines=lines, whole=whole, random_bytes=Random(1).randbytes
        )

    def running(self):
        return running(self.journal, self.broker, feeds=self.downlink)

    def mark(self, feed):
        return self.held.tables.marks().get(feed, feeds.NOTHING)

    def ids(self, feed):
        return sorted(self.held.tables.items(feed))

    async def level(self, *names, seconds=600):
        """Until the site holds what the centre has; the centre looks every second, as its worker does."""
        async with asyncio.timeout(seconds):
            while any(self.mark(feed) != self.ours(feed) for feed in names):
                self.broker.tell_news()
                await asyncio.sleep(1)

    def ours(self, feed):
        return self.published.mark(feed, REGION if feed in feeds.SHARED else SITE)


async def _at_once(work, *arguments):
    return work(*arguments)


def item(uid, **body):
    return {"id": uid, "body": body}


@pytest.fixture
def downs(tmp_path):
    return Downs(tmp_path)


def test_what_is_published_before_and_during_a_connection_arrives(downs):
    async def story():
        downs.publish("bookings", [item("b:1", slot="09:30"), item("b:2", slot="10:00")])
        downs.publish("catalogue", [item("i:1", name="a")])
        async with downs.running() as uplink:
            await downs.level("bookings", "catalogue")
            downs.publish("bookings", [item("b:2", slot="10:30"), {"id": "b:1", "gone": True}])
            downs.publish("catalogue", [item("i:2", name="b")])
            await downs.level("bookings", "catalogue", seconds=30)
            await until(uplink, drained(downs.journal))
        assert downs.ids("bookings") == ["b:2"]
        assert downs.held.tables.item("bookings", "b:2")["rev"] == 2
        assert downs.ids("catalogue") == ["i:1", "i:2"]
        assert not downs.broker.answers("offer"), "deltas were enough"
        assert not downs.downlink.ignored

    run_virtual(story())


def test_deltas_are_joined_and_a_lost_version_needs_a_snapshot(downs):
    async def story():
        for n in range(10):
            downs.publish("bookings", [item("b:1", slot=str(n))])
        async with downs.running():
            await downs.level("bookings")
        assert [(one["from"], one["to"]) for one in downs.broker.answers("delta")] == [(0, 10)]
        downs.held.tables._set("bookings", SITE, FeedMark(7, "0" * 63 + "1"))
        async with downs.running():
            await downs.level("bookings")
        assert len(downs.broker.answers("offer")) == 1
        assert downs.ids("bookings") == ["b:1"]

    run_virtual(story())


def test_a_person_who_was_taken_out_of_a_feed_is_in_no_version_of_it_any_more(downs, tmp_path):
    async def story():
        downs.publish("bookings", [item("b:0"), item("b:1", slot="marked-for-life")])
        downs.publish("bookings", [item("b:2")])
        async with downs.running():
            await downs.level("bookings")
            downs.publish("bookings", [{"id": "b:1", "gone": True}])
            await downs.level("bookings")
        assert [(one["from"], one["to"]) for one in downs.broker.answers("delta")] == [(0, 2), (2, 3)]
        assert downs.ids("bookings") == ["b:0", "b:2"]
        for path in tmp_path.glob("feeds.db*"):
            assert b"marked-for-life" not in path.read_bytes()
        downs.held.tables._set("bookings", SITE, FeedMark(1, "0" * 64))  # of a site that was away
        async with downs.running():
            await downs.level("bookings")
        assert len(downs.broker.answers("offer")) == 1
        downs.publish("bookings", [{"id": "b:0", "gone": True}])
        downs.publish("bookings", [{"id": "b:2", "gone": True}])
        async with downs.running():
            await downs.level("bookings")
        assert downs.ids("bookings") == []

    run_virtual(story())


def test_a_site_ahead_of_a_restored_centre_takes_its_state(downs):
    async def story():
        downs.publish("bookings", [item("b:1")])
        downs.held.tables._set("bookings", SITE, FeedMark(9, "e" * 64))
        async with downs.running():
            await downs.level("bookings")
        assert downs.ids("bookings") == ["b:1"]

    run_virtual(story())


def test_a_digest_that_does_not_come_out_is_rolled_back_and_the_whole_asked_for(downs):
    async def story():
        downs.publish("bookings", [item("b:1"), item("b:2")])
        async with downs.running():
            await downs.level("bookings")
            downs.held.tables._db.execute("DELETE FROM items WHERE id = 'b:2'")  # the site's disk forgot one
            downs.publish("bookings", [item("b:3")])
            await downs.level("bookings")
        assert downs.ids("bookings") == ["b:1", "b:2", "b:3"]
        assert downs.downlink.ignored["digest"] == 1
        told = [one["feeds"]["bookings"] for one in downs.broker.of("marks")]
        assert {"ver": 0, "digest": "0" * 64} in told

    run_virtual(story())


def test_a_snapshot_is_dropped_when_the_feed_moved_meanwhile(downs):
    async def story():
        downs.publish("catalogue", [item(f"i:{n}", text="x" * 500, n=n) for n in range(1_000)])
        async with downs.running():
            await downs.level("catalogue")
            before = downs.mark("catalogue")
            offer = downs.broker.answers("offer")[-1]
        stale = feeds.Snapshot.model_validate(offer)
        assert await downs.held.replace(stale, {}, since=feeds.NOTHING) is False
        assert downs.mark("catalogue") == before
        assert len(downs.ids("catalogue")) == 1_000

    run_virtual(story())


def test_only_the_centres_word_for_this_site_counts(downs):
    async def story():
        downs.publish("bookings", [item("b:1")])
        async with downs.running() as uplink:
            await downs.level("bookings")
            mark = downs.mark("bookings")
            forged = {
                "m": "delta", "feed": "bookings", "scope": SITE, "from": mark.ver, "to": mark.ver + 1,
                "items": [], "digest": mark.digest,
            }  # fmt: skip
            for message, key in ((forged, FOREIGN), ({**forged, "scope": "LH-0043"}, KEY)):
                payload = canonical.encode(signing.sign(message, key=key.kid, private=key.private))
                downs.broker._reach_site(Letter(topics.topic(SITE, topics.FEEDS_DOWN), payload))
            downs.broker._reach_site(Letter(topics.topic(SITE, topics.FEEDS_DOWN), b"no sense"))
            await until(uplink, drained(downs.journal))
            await asyncio.sleep(1)
            assert downs.mark("bookings") == mark
            assert downs.downlink.ignored == {"signature": 1, "scope": 1, "format": 1}
            downs.publish("bookings", [item("b:2")])
            await downs.level("bookings", seconds=30)

    run_virtual(story())


def test_an_old_delta_again_changes_nothing(downs):
    async def story():
        downs.publish("bookings", [item("b:1")])
        async with downs.running():
            await downs.level("bookings")
            downs.publish("bookings", [{"id": "b:1", "gone": True}])
            await downs.level("bookings")
            old = downs.broker.answers("delta")[0]
            downs.broker._reach_site(Letter(topics.topic(SITE, topics.FEEDS_DOWN), canonical.encode(old)))
            await asyncio.sleep(5)
            assert downs.ids("bookings") == []
            assert downs.mark("bookings") == downs.ours("bookings")

    run_virtual(story())


def test_a_centre_started_again_in_the_middle_of_a_snapshot_brings_it_all(downs):
    async def story():
        blob = Random(3)
        downs.publish("catalogue", [item(f"i:{n}", text=blob.randbytes(500).hex()) for n in range(3_000)])
        async with downs.running() as uplink:
            await until(uplink, lambda state: state.online)
            while not downs.broker.of("need"):
                await asyncio.sleep(0.01)
            downs.broker.start_centre()
            await downs.level("catalogue", seconds=900)
        assert len(downs.ids("catalogue")) == 3_000

    run_virtual(story())


def test_uploads_go_on_while_a_snapshot_comes(downs):
    async def story():
        blob = Random(3)
        downs.publish("catalogue", [item(f"i:{n}", text=blob.randbytes(500).hex()) for n in range(3_000)])
        downs.broker.troubles.late_s = 0.5
        async with downs.running() as uplink:
            while not downs.broker.of("need"):
                await asyncio.sleep(0.01)
            for _ in range(20):
                downs.journal.append()
            await until(uplink, drained(downs.journal), seconds=30)
            await downs.level("catalogue")

    run_virtual(story())


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    lose=st.floats(0, 0.3),
    double=st.floats(0, 0.3),
    late=st.floats(0, 4),
    cut=st.floats(0, 0.05),
)
def test_whatever_the_line_does_the_site_ends_level(tmp_path_factory, seed, lose, double, late, cut):
    random = Random(seed)

    async def story():
        troubles = Troubles(lose_answer=lose, double=double, late_s=late, cut=cut)
        downs = Downs(tmp_path_factory.mktemp("downs"), random=random, troubles=troubles)
        async with downs.running():
            for n in range(12):
                feed = random.choice(["bookings", "catalogue", "config"])
                downs.publish(feed, [item(f"x:{random.randrange(6)}", n=n, text="x" * random.choice([5, 60_000]))])
                downs.broker.tell_news()
                await asyncio.sleep(random.uniform(0, 8))
                if random.random() < 0.1:
                    downs.broker.start_centre()
            downs.broker.troubles = Troubles()
            await downs.level("bookings", "catalogue", "config", seconds=3_000)
        for feed in ("bookings", "catalogue", "config"):
            assert feeds.digest(downs.held.tables.items(feed)) == downs.ours(feed).digest

    run_virtual(story())


def test_a_record_about_another_rev_waits_for_a_person(downs):
    async def story():
        downs.publish("bookings", [item("b:1", slot="09:30")])
        downs.publish("bookings", [item("b:1", slot="10:30")])
        about = {"feed": "bookings", "id": "b:1", "rev": 1}
        downs.journal.append(kind="booking.checked_in", body={"about": about})
        downs.journal.append(kind="booking.checked_in", body={"about": {**about, "rev": 2}})
        async with downs.running() as uplink:
            await until(uplink, drained(downs.journal))
            await until(uplink, lambda state: state.held == 1)
            assert uplink.state.bad[0][2] == "conflict"
            (held,) = downs.writer.conflicts(SITE)
            assert canonical.decode(held.record)["body"] == {"about": about}
            assert downs.writer.settle(SITE, held.birth, "site", "c:01", 1)
            assert not downs.writer.settle(SITE, held.birth, "centre", "c:02", 2)
            downs.broker.tell_news()
        assert downs.broker.store.held(SITE) == 0

    run_virtual(story())


def test_done_removes_the_command_and_a_new_epoch_settles_what_was_begun(downs):
    async def story():
        for uid in ("c:1", "c:2", "c:3"):
            publishing.order(downs.writer, KEY, site=SITE, id=uid, do="print", args={}, not_after=2**40, effect="once")
        async with downs.running() as uplink:
            await downs.level("commands")
            assert downs.ids("commands") == ["c:1", "c:2", "c:3"]
            downs.journal.append(kind="command.begun", body={"id": "c:1"})
            downs.journal.append(kind="command.done", body={"id": "c:1", "outcome": "done", "why": ""})
            downs.journal.append(kind="command.begun", body={"id": "c:2"})
            await until(uplink, drained(downs.journal))
            await downs.level("commands", seconds=30)
        assert downs.ids("commands") == ["c:2", "c:3"]
        downs.published.settle_begun(SITE, 5)
        found = {one.id: (one.outcome, one.why) for one in downs.writer.outcomes(SITE)}
        assert found == {"c:1": ("done", ""), "c:2": ("unknown", "epoch")}
        async with downs.running():
            await downs.level("commands")
        assert downs.ids("commands") == ["c:3"]

    run_virtual(story())


def test_the_same_content_again_is_no_new_version(downs):
    first = downs.publish("bookings", [item("b:1", slot="09:30")])
    assert downs.publish("bookings", [item("b:1", slot="09:30")]) == first
    assert downs.publish("bookings", [{"id": "b:9", "gone": True}]) == first
    assert downs.publish("bookings", [item("b:2")], whole=True).ver == 2
    assert [one["id"] for one in downs.writer.items("bookings", SITE)] == ["b:2"]
    downs.publish("bookings", [item("b:1", slot="09:30")])
    assert downs.writer.rev("bookings", SITE, "b:1") == 3, "removed and there again: no rev comes twice"
    assert downs.writer.publish("bookings", SITE, [Published("b:1", "", None)]).ver == 4
