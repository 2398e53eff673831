"""The roster: who is here and who was, as the moves tell it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from habeas.core.errors import NotAllowed, Unproven
from habeas.core.languages import enumeration
from habeas.core.staff.members import Joining, Leaving, Member, Role, RoleChange, Roles, StaffMove
from habeas.core.staff.spelling import CLIP, folded
from habeas.core.times import minute

MOST_NEAR = 3


@dataclass(frozen=True, slots=True)
class Roster:
    """`members` by id, those who left as well. `spans` has for each the roles since each of their
    moves (microseconds); `skeletons` who is behind each folded id."""

    members: Mapping[str, Member] = field(default_factory=dict)
    spans: Mapping[str, tuple[tuple[int, Roles], ...]] = field(default_factory=dict)
    skeletons: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, moves: Iterable[StaffMove]) -> Roster:
        """The roster after all these moves, in their order. Raises Unproven for one that nobody can
        make: of somebody who is not here, or a second spelling of one id. Whether each was allowed
        is asked by `appointments.unsound`."""
        return cls().after(*moves)

    def after(self, *moves: StaffMove) -> Roster:
        """The roster after more moves. Raises Unproven as `of` does."""
        members, spans = dict(self.members), dict(self.spans)
        skeletons = dict(self.skeletons)
        for move in moves:
            member = _moved(members.get(move.id), move)
            if isinstance(move, Joining):
                first = skeletons.setdefault(folded(move.id), move.id)
                if first != move.id:
                    raise Unproven(f"the record has '{move.id}' join, which is '{first}' again")
            members[move.id] = member
            spans[move.id] = (*spans.get(move.id, ()), (move.time_us, member.roles))
        return Roster(members, spans, skeletons)

    @property
    def present(self) -> tuple[Member, ...]:
        """Who is here, by id."""
        return tuple(m for _, m in sorted(self.members.items()) if m.left_us is None)

    def twin(self, who: str) -> Member | None:
        """Whoever has or had an id that folds to the same as this one."""
        found = self.skeletons.get(folded(who))
        return None if found is None else self.members[found]

    def role_at(self, who: str, role: Role, time_us: int) -> bool:
        """Whether they had the role at that time: from the move that gave it, until before the one
        that took it. Of moves that a wrong clock put in another order the later one stands."""
        for since_us, roles in reversed(self.spans.get(who, ())):
            if since_us <= time_us:
                return role in roles
        return False

    def near(self, who: str) -> tuple[str, ...]:
        """Ids of those here who may be meant, at most three, the likeliest first: the same when
        folded, the same name, then by likeness."""
        skeleton = folded(who[:CLIP])
        ids = {folded(m.id): m.id for m in self.present}
        named = [m.id for m in self.present if folded(m.name) == skeleton]
        close = [ids[one] for one in get_close_matches(skeleton, ids, MOST_NEAR)]
        exact = [ids[skeleton]] if skeleton in ids else []
        return tuple(dict.fromkeys([*exact, *named, *close]))[:MOST_NEAR]

    def require(self, who: str, *roles: Role) -> Member:
        """The member who is here under this very id and has one of the roles, where any are asked.
        Raises NotAllowed, which names ids that are near, or the roles."""
        member = self.members.get(who)
        if member is None:
            raise NotAllowed(f"nobody here has the id {who[:CLIP]!r}", self._meant(who))
        if member.left_us is not None:
            gone = f"{member.shown} left on {minute(member.left_us)} UTC"
            raise NotAllowed(f"{gone} and acts here no more", self._meant(who))
        if roles and not member.roles.intersection(roles):
            has = enumeration(sorted(member.roles), "en") or "no role"
            hint = "ask somebody who has it, or an admin to give it"
            needed = f"this takes the role {_either(roles)}"
            raise NotAllowed(f"{needed}, and {member.shown} has {has}", hint)
        return member

    def _meant(self, who: str) -> str:
        near = self.near(who)
        if near:
            return f"did you mean {_either(f'`{one}`' for one in near)}?"
        return "`staff list` says who is here" if self.members else "nobody is here yet"


def _moved(member: Member | None, move: StaffMove) -> Member:
    if isinstance(move, Joining):
        if member is not None:
            raise Unproven(f"the record has '{move.id}' join twice")
        return Member(move.id, move.name, move.email, move.roles, move.time_us)
    if member is None or member.left_us is not None:
        what = "leave" if isinstance(move, Leaving) else "change roles"
        raise Unproven(f"the record has '{move.id}' {what}, who is not here")
    if isinstance(move, RoleChange):
        return replace(member, roles=(member.roles | move.gave) - move.took)
    return replace(member, roles=frozenset(), left_us=move.time_us)


def _either(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
