from tests.campaign.conform import faults_of


def test_a_driver_without_a_fault_has_an_empty_list() -> None:
    assert faults_of(["hall485.bus"], most=4) == {"hall485.bus": []}
