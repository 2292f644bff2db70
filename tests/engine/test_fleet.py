"""The fleet's connections: a relay never has more of them than it bears."""

import asyncio

import pytest

from newsletter.engine.fleet import Fleet
from newsletter.smtp import RelayAddress


@pytest.mark.parametrize(
    ("connections", "option", "parts"),
    [
        (20, "", [1, 10, 9]),
        (10, "", [1, 5, 4]),
        (3, "", [1, 1, 1]),
        (2, "", [1, 1]),
        (20, "?connections=5", [1, 2, 2]),
    ],
)
def test_connections_are_divided_among_the_lanes(
    connections: int, option: str, parts: list[int]
) -> None:
    assert divided(connections, option) == parts


@pytest.mark.parametrize(("connections", "option"), [(1, ""), (20, "?connections=2")])
def test_lanes_take_turns_where_there_are_too_few(connections: int, option: str) -> None:
    async def pools() -> set[int]:
        fleet = Fleet(
            RelayAddress.parse_all(f"smtp://127.0.0.1:25{option}"), connections=connections
        )
        return {id(fleet.relay(lane, "127.0.0.1:25")) for lane in range(fleet.lanes + 1)}

    assert len(asyncio.run(pools())) == 1
    assert divided(connections, option)[0] <= 2


def divided(connections: int, option: str) -> list[int]:
    """Tell how many connections each lane has, notices first."""

    async def parts() -> list[int]:
        fleet = Fleet(
            RelayAddress.parse_all(f"smtp://127.0.0.1:25{option}"), connections=connections
        )
        return [fleet.relay(lane, "127.0.0.1:25").connections for lane in range(fleet.lanes + 1)]

    return asyncio.run(parts())
