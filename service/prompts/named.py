"""How an answer is named: by its label, by a number in words, by its place in the list."""

from __future__ import annotations

from typing import Final

_LABEL: Final = r"[\"'(]?(?:\d{1,4}|[a-z])[\"')]?"
_NOUN: Final = (
    r"(?:(?:option|answer|number|label|choice|candidate|item|product|nummer|opci\u00f3n"
    r"|opzione)s?|entry|entries)"
)
_NUMBER: Final = r"(?:one|two|three|four|five|six|seven|eight|nine|ten)\b"
_PLACE: Final = (
    r"(?:(?:very )?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last)\b"
    r"|\d{1,3}(?:st|nd|rd|th)\b)"
)

MARKED: Final = (
    rf"(?:(?:the )?{_NOUN} (?:number |no\. ?|# ?)?(?:{_NUMBER}|{_LABEL}(?!\w))"
    rf"|(?:the )?{_PLACE} (?:listed )?(?:{_NOUN}|one)\b)"
)
"""A name that is nothing else, whatever comes behind it."""

NAMES: Final = (
    rf"(?:{MARKED}|{_LABEL})"
    rf"(?:(?:, and |, then |, | and | then | [>\u203a] ?|,|-)(?:{MARKED}|{_LABEL})){{0,200}}"
)

# Behind a letter or a number no word comes that it belongs to: "a tent", "2 pegs".
ALONE: Final = (
    r"(?=\s?(?:[.,;:!()-]|$)| (?:without (?:a |any )?doubt|beyond|for (?:sure|certain)|by far))"
)

ANSWER: Final = rf"(?:{NAMES}|{_NUMBER}|the {_PLACE}){ALONE}"
"""What may stand where nothing but an answer is looked for."""
