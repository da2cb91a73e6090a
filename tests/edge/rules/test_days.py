"""A slice of the campaign's days: faults at closing and anywhere else, and nothing broken."""

from tests.campaign.days import simulate


def test_days_with_faults_keep_every_promise():
    verdict = simulate(20, seed=11)
    assert verdict["broken"] == []
    assert verdict["calls"] > 200
    assert verdict["crashes"] > 20
