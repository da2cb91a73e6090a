from hw_sim.box.mailbox import Board


async def test_a_slow_reader_gets_the_newest_of_each_subject() -> None:
    board = Board()
    mailbox = board.open()
    for n in range(1000):
        board.post("a", {"n": n})
        board.post("b", {"n": -n})
    assert await mailbox.take() == [{"n": 999}, {"n": -999}]


async def test_what_is_known_is_no_news() -> None:
    board = Board()
    mailbox = board.open()
    assert board.post("a", {"n": 1})
    assert not board.post("a", {"n": 1})
    assert await mailbox.take() == [{"n": 1}]
    assert await board.open().take() == [{"n": 1}]


async def test_nobody_watches_after_the_last_has_gone() -> None:
    board = Board()
    one, two = board.open(), board.open()
    board.close(one)
    assert board.watched.is_set()
    board.close(two)
    assert not board.watched.is_set()
    board.post("a", {"n": 1})
