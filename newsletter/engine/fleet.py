"""The fleet: the relays of this process, and which of them is to carry what.

A batch is dealt among the relays that may be used, by their weights, as far as the rates of relays
and domains allow; what goes beyond is put off to a time of its own. What is remembered of rates and
troubles stands in the database, for all workers; here are only the connections.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from newsletter.deliveries import rates, relays
from newsletter.deliveries.relays import Use
from newsletter.mail import Limit, Parcel, Rate
from newsletter.smtp import Relay, RelayAddress, Timeouts

LANES = 2
"""How many batches of issues are on their way at one time."""
ROUND = 10
"""How many seconds' worth of mails is put off together, where a rate holds them back."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one relay is to carry; with a ``domain``, over the few connections that may lead there.

    ``probe`` says that the relay was in trouble and that this is its trial.
    """

    relay: str
    parcels: Sequence[Parcel]
    domain: str = ""
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How a batch is carried: by shares now, and the rest at the times at which it is due."""

    made_at: datetime
    shares: Sequence[Share] = ()
    put_off: Mapping[datetime, Sequence[int]] = field(default_factory=dict)


class Fleet:
    """Relays with what binds them: weights, publications, rates, limits of single domains."""

    def __init__(
        self,
        addresses: Sequence[RelayAddress],
        *,
        connections: int,
        limits: Mapping[str, Limit] | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._addresses = {address.name: address for address in addresses}
        self._limits = limits or {}
        self._timeouts = timeouts
        self._pools: dict[tuple[int, str, str], Relay] = {}
        self._credit: Counter[str] = Counter()
        self.names = tuple(self._addresses)
        self._slots: dict[str, datetime] = {}
        self._connections = connections
        # One connection is for notices, which must not wait; issues have two lanes, so that one
        # sends while the other visits the database.
        self.lanes = 1 if connections < LANES + 1 else LANES

    def relay(self, lane: int, name: str, domain: str = "") -> Relay:
        """Return the connections of a lane to a relay; those for a limited domain all lanes share.

        Lane 0 is that of notices. What a relay bears at one time is divided among the lanes.
        """
        address = self._addresses[name]
        most = min(self._connections, address.connections or self._connections)
        if domain:
            lane, most = 0, min(most, self._limits[domain].connections)
        elif most <= self.lanes:
            # Too few for each lane to have its own: they take turns.
            lane = 0
        elif lane == 0:
            most = 1
        else:
            most = (most - 1 + self.lanes - lane) // self.lanes
        key = (lane, name, domain)
        if key not in self._pools:
            self._pools[key] = Relay(address, connections=most, timeouts=self._timeouts)
        return self._pools[key]

    async def close(self) -> None:
        """Say QUIT on every connection."""
        await asyncio.gather(*(relay.close() for relay in self._pools.values()))

    def plan(
        self,
        session: Session,
        publication: str,
        parcels: Sequence[Parcel],
        now: datetime,
        *,
        without: Collection[str] = (),
        urgent: bool = False,
    ) -> Plan:
        """Deal ``parcels`` among the relays that serve ``publication``, but those ``without``.

        Takes tokens from the buckets of the rates. What is ``urgent``, as notices are, takes them
        too, but waits for none. Where no relay can be used, everything is put off.
        """
        serving = [
            address
            for address in self._addresses.values()
            if not address.publications or publication in address.publications
        ]
        names = [address.name for address in serving if address.name not in without]
        uses = relays.may_use(session, names, now)
        usable = [name for name in names if uses[name] is not Use.RESTING]
        put_off: dict[datetime, list[int]] = defaultdict(list)
        if not usable:
            every = [address.name for address in serving]
            when = relays.next_use(session, every, now) if every else now + timedelta(minutes=1)
            put_off[max(when, now + timedelta(seconds=1))] = [one.delivery for one in parcels]
            return Plan(now, (), put_off)
        allowed = parcels if urgent else self._within_domains(session, parcels, put_off, now)
        dealt = self._deal(allowed, usable, uses)
        shares: list[Share] = []
        # In one order everywhere: buckets stay locked until the transaction ends.
        for name, part in sorted(dealt.items()):
            granted = self._within_relay(session, name, part, put_off, now, urgent=urgent)
            probe = uses[name] is Use.PROBE
            shares += [
                Share(name, group, domain, probe)
                for domain, group in self._by_connections(granted).items()
            ]
        return Plan(now, shares, put_off)

    def give_back(
        self,
        session: Session,
        unused: Sequence[tuple[str, Sequence[Parcel]]],
        taken_at: datetime,
        now: datetime,
    ) -> None:
        """Put back the tokens that relays, by their names, were given for parcels not sent."""
        counts: Counter[str] = Counter()
        bounds: dict[str, tuple[Rate, ...]] = {}
        for name, parcels in unused:
            key, address = f"relay:{name}", self._addresses[name]
            bounds[key] = rates.allowance(session, name, address.rates, address.warmup, now)
            counts[key] += len(parcels)
            for parcel in parcels:
                domain = domain_of(parcel)
                if limit := self._limits.get(domain):
                    bounds[f"domain:{domain}"] = limit.rates
                    counts[f"domain:{domain}"] += 1
        wants = {key: rates.Want(count, bounds[key]) for key, count in counts.items()}
        rates.give_back(session, wants, taken_at, now)

    def _within_domains(
        self,
        session: Session,
        parcels: Sequence[Parcel],
        put_off: dict[datetime, list[int]],
        now: datetime,
    ) -> Sequence[Parcel]:
        """Hold back what goes to a domain beyond its rates and its learned pace."""
        paces = rates.paces(session, now)
        held = {key.removeprefix("domain:") for key in paces if key.startswith("domain:")}
        held |= {domain for domain, limit in self._limits.items() if limit.rates}
        if not held:
            return parcels
        groups: dict[str, list[Parcel]] = defaultdict(list)
        for parcel in parcels:
            if (domain := domain_of(parcel)) in held:
                groups[domain].append(parcel)
        if not groups:
            return parcels
        wants = {
            f"domain:{domain}": rates.Want(len(group), self._limits.get(domain, Limit()).rates)
            for domain, group in groups.items()
        }
        back: set[int] = set()
        for key, grant in rates.take(session, wants, now).items():
            group = groups[key.removeprefix("domain:")]
            back |= self._put_off(key, group[grant.granted :], grant, put_off, now)
        return [parcel for parcel in parcels if parcel.delivery not in back]

    def _within_relay(
        self,
        session: Session,
        name: str,
        parcels: Sequence[Parcel],
        put_off: dict[datetime, list[int]],
        now: datetime,
        *,
        urgent: bool,
    ) -> Sequence[Parcel]:
        """Hold back what goes beyond a relay's rates, its warm-up and its learned pace."""
        address = self._addresses[name]
        key = f"relay:{name}"
        allowance = rates.allowance(session, name, address.rates, address.warmup, now)
        if not allowance and not rates.paces(session, now, [key]):
            return parcels
        want = rates.Want(len(parcels), allowance)
        grant = rates.take(session, {key: want}, now)[key]
        if urgent:
            return parcels
        self._put_off(key, parcels[grant.granted :], grant, put_off, now)
        return parcels[: grant.granted]

    def _put_off(
        self,
        key: str,
        parcels: Sequence[Parcel],
        grant: rates.Grant,
        put_off: dict[datetime, list[int]],
        now: datetime,
    ) -> set[int]:
        """Give parcels the next free turn of a rate, so that batches do not all come back at once.

        A turn is what the rate brings in some seconds; the rates themselves are asked again then.
        """
        if not parcels:
            return set()
        again_at = grant.again_at or now + timedelta(seconds=1)
        turn = max(self._slots.get(key, again_at), again_at)
        pause = min(max(again_at - now, timedelta(seconds=1)), timedelta(seconds=ROUND))
        self._slots[key] = turn + pause
        back = {parcel.delivery for parcel in parcels}
        put_off[turn].extend(back)
        return back

    def _deal(
        self, parcels: Sequence[Parcel], usable: Sequence[str], uses: Mapping[str, Use]
    ) -> Mapping[str, Sequence[Parcel]]:
        """Deal by weight, with what is owed to a relay carried over to the next batch.

        A relay on trial gets one parcel, if there is another to take the rest; else all of them
        wait behind that one.
        """
        trials = [name for name in usable if uses[name] is Use.PROBE]
        free = [name for name in usable if uses[name] is Use.FREE]
        dealt: dict[str, Sequence[Parcel]] = {}
        start = 0
        for name in trials:
            if start < len(parcels):
                dealt[name] = parcels[start : start + 1]
                start += 1
        rest = parcels[start:]
        if not free:
            # The rest is put to those on trial too; a relay that fails hands it all back.
            if trials and rest:
                dealt[trials[0]] = [*dealt[trials[0]], *rest]
            return dealt
        if len(free) == 1:
            return dealt | ({free[0]: rest} if rest else {})
        weights = {name: self._addresses[name].weight for name in free}
        counts: Counter[str] = Counter()
        for _ in rest:
            for name, weight in weights.items():
                self._credit[name] += weight
            chosen = max(free, key=self._credit.__getitem__)
            self._credit[chosen] -= sum(weights.values())
            counts[chosen] += 1
        place = start
        for name, count in counts.items():
            dealt[name] = parcels[place : place + count]
            place += count
        return dealt

    def _by_connections(self, parcels: Sequence[Parcel]) -> Mapping[str, Sequence[Parcel]]:
        """Group what goes to domains with few connections apart; the name "" is for all others."""
        few = {domain for domain, limit in self._limits.items() if limit.connections}
        if not few:
            return {"": parcels} if parcels else {}
        groups: dict[str, list[Parcel]] = defaultdict(list)
        for parcel in parcels:
            domain = domain_of(parcel)
            groups[domain if domain in few else ""].append(parcel)
        return groups


def domain_of(parcel: Parcel) -> str:
    """Return the domain of a parcel's address, in small letters."""
    return parcel.address.rpartition("@")[2].lower()
