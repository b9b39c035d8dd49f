"""The sentences in which shoppers say what they want, for each task.

Those of validation differ from those that are learnt, so that what is measured there is whether
such wishes are understood, and not whether sentences are known by heart. `{c}` is a category,
`{m}` stands for an amount that goes before "of them": "30%", "three in ten", "4".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from models.sft.data.kinds import Kind


@dataclass(frozen=True, slots=True)
class Phrases:
    """All sentences of one part."""

    wishes: Mapping[Kind, tuple[str, ...]]
    searches: tuple[str, ...]
    """What is typed into a field for searches."""
    amounts: tuple[str, ...]
    """How the length of the list is said; `{n}` is a number."""


LEARNT: Final = Phrases(
    wishes={
        Kind.INCLUDE: (
            "I'd like only {c}.",
            "Just {c} this time, nothing else.",
            "Keep it to {c}, please.",
            "Everything on the list should be {c}.",
            "{c} and nothing but {c}.",
            "Today it has to be {c}, all of it.",
            "Can you stick to {c}?",
            "I am in the mood for {c} alone.",
            "Leave all the rest aside: {c} only.",
            "Make every one of them {c}.",
            "Choose from {c} and from nowhere else.",
            "Limit yourself to {c} for now.",
        ),
        Kind.EXCLUDE: (
            "No {c}, please.",
            "Anything but {c}.",
            "I have had enough of {c} for a while.",
            "Leave {c} out.",
            "Spare me {c} today.",
            "Whatever you choose, not {c}.",
            "Without {c} this time.",
            "I can't stand {c} at the moment.",
            "Skip everything that is {c}.",
            "{c} is not for me, so none of it.",
            "Show me things, but keep {c} away.",
            "It must not be {c}.",
        ),
        Kind.AT_MOST: (
            "At most {m} of them may be {c}.",
            "No more than {m} of them from {c}, please.",
            "A little {c} is fine, up to {m} of them.",
            "Don't let {c} take more than {m} of them.",
            "I don't want {c} to be above {m} of them.",
            "Not too much {c}: {m} of them is the limit.",
            "Go easy on {c}, {m} of them at the very most.",
            "{c} should stay at or below {m} of them.",
            "You may add {c}, but {m} of them has to be enough.",
            "Hold {c} down to {m} of them or fewer.",
        ),
        Kind.AT_LEAST: (
            "At least {m} of them should be {c}.",
            "I want {c} for no less than {m} of them.",
            "Give me plenty of {c}, {m} of them or more.",
            "{c} ought to fill {m} of them, and more is welcome.",
            "Not less than {m} of them from {c}, please.",
            "Make sure that {m} of them or more are {c}.",
            "See that {c} gets {m} of them as a minimum.",
            "Let {c} have {m} of them, or above that.",
            "The more {c} the better, but {m} of them must be.",
            "I would be sad with {c} in fewer than {m} of them.",
        ),
        Kind.ABOUT: (
            "About {m} of them should be {c}.",
            "Roughly {m} of them from {c}, please.",
            "Let {c} be close to {m} of them.",
            "Mix it: some {m} of them {c}, the others not.",
            "I think {m} of them, more or less, could be {c}.",
            "Around {m} of them {c}, and something else for the rest.",
            "{c} for nearly {m} of them, if you can.",
            "Aim at {m} of them being {c}.",
            "Something like {m} of them out of {c}.",
            "I'd say {m} of them {c}, give or take.",
        ),
        Kind.SEARCH: (
            "Show me what you have in {c}.",
            "I am searching for {c}.",
            "What is there in {c} for me?",
            "Let me see your {c}.",
            "Could you find me some good {c}?",
            "I need something out of {c}.",
            "Take me to {c}.",
            "I came here for {c}.",
            "Got any {c} worth a look?",
            "Help me find {c}.",
            "Time to get some {c}.",
            "Put together a few {c} finds.",
        ),
    },
    searches=("{c}", "good {c}", "best {c}", "something {c}", "{c} to try", "new {c} for me"),
    amounts=("Make it {n}.", "{n} would do.", "Give me {n}.", "I can look at {n}.", "{n}, please."),
)
"""What is learnt with."""

HELD: Final = Phrases(
    wishes={
        Kind.INCLUDE: (
            "Only {c} for me, thank you.",
            "Would you pick from {c} exclusively?",
            "All of them must belong to {c}.",
            "Nothing outside {c}, if you please.",
            "I want {c} from the first to the last.",
        ),
        Kind.EXCLUDE: (
            "I would rather see no {c} at all.",
            "Not a single {c}, thanks.",
            "Stay clear of {c}.",
            "Pick what you like as long as it isn't {c}.",
            "{c} is out of the question.",
        ),
        Kind.AT_MOST: (
            "{c} may make up {m} of them and not more.",
            "Keep {c} within {m} of them.",
            "I accept {c} in {m} of them as a maximum.",
            "More than {m} of them being {c} would be too many.",
            "Let there be {c}, but never beyond {m} of them.",
        ),
        Kind.AT_LEAST: (
            "I expect {c} in {m} of them, if not more.",
            "{m} of them is the least of {c} I want.",
            "Fill {m} of them or more with {c}.",
            "Please don't go under {m} of them for {c}.",
            "A minimum of {m} of them should come from {c}.",
        ),
        Kind.ABOUT: (
            "Have {c} in approximately {m} of them.",
            "{c} should come to {m} of them or so.",
            "In the region of {m} of them {c}, I suppose.",
            "Plan for {m} of them to be {c}, as near as it goes.",
            "Let us say that {m} of them are {c}.",
        ),
        Kind.SEARCH: (
            "Where do I find {c}?",
            "I'm shopping for {c} today.",
            "Which {c} do you carry?",
            "Point me to {c} that is worth having.",
            "Browse {c} with me.",
        ),
    },
    searches=("{c} ideas", "top {c}", "any {c}"),
    amounts=("I need {n} of them.", "A list of {n} is right.", "Stop at {n}."),
)
"""What validation asks with."""
