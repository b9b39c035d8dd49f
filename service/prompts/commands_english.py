"""How commands are worded in English, and in any language those to put aside what was said."""

from __future__ import annotations

from typing import Final

JOINT: Final = r"(?:^|[:;,.!?\u2013\u2014]\s?|\s-\s)"
"""Where a command may begin within a sentence."""

_OF_WHAT: Final = (
    # Away with what was said before, in several languages: a verb, and within reach its object.
    r"(?:ignor|disregard|forget(?!ta)|overrid|overrul|bypass|vergiss|vergess|missacht|oubli|olvid"
    r"|dimentic|esque[cç]|negeer|vergeet|игнорир|забудь|не обращай|haz caso omiso"
    r"|ne (?:tiens|tenez) pas compte|non tenere conto)[^.!?]{0,60}?"
    r"\b(?:above|previous|prior|earlier|preceding|before|instruct|rules?\b|guidelines"
    r"|everything|question|prompt|system|told|said|asked|oben|obige|vorherig|bisherig|alles|regel"
    r"|anweisung|ci-dessus|tout|précédent|consigne|règle|anterior|arriba|todo|regla|preceden|sopra"
    r"|tutto|regol|istruzion|acima|tudo|regra|instruç|hierboven|bovenstaand|vorige|eerder|alles"
    r"|выше|предыдущ|прежн|инструкц|указани|правил|систем)"
)
_AT_ONCE: Final = (
    rf"(?:{JOINT}|\b(?:please|and|then|so|must|should|bitte|und|et|puis|y|luego|e|poi|en|и) )"
    r"(?:please |now |just |simply |bitte |por favor )?(?:ignore|disregard|forget|override|bypass"
    r"|ignoriere?|ignorieren sie|missachte|vergiss|vergessen sie|übergehe|ignorez|oublie[zr]?"
    r"|ignor[ae]d?|olvid[ae]|omite|ignorate|dimentica(?:te)?"
    r"|esque[cç]a|negeer|vergeet|(?:про)?игнорируй(?:те)?|забудь(?:те)?)\b"
)
AWAY: Final = (_OF_WHAT, _AT_ONCE)

ENGLISH: Final = (
    # Commands to answer; neither "answer:" nor "the answer is".
    (
        rf"(?:{JOINT}|\b(?:please|kindly|now|then|so|just|simply|and|but|instead) )"
        r"(?:please |now |then |just |simply |only |always |first )?"
        r"(?:answer|output|reply|respond)\b(?!\s?(?::|is\b|was\b|to\b|of\b|time))"
    ),
    (
        rf"(?:{JOINT}|\b(?:please|now|then|just|simply|only|and|always) )(?:print|return|say"
        r"|write)\s(?:only|just|exactly|back|down|the (?:answer|label|number|letter|word|following)"
        r"|your|all of|option|(?:it|this|that|yes|no|nothing)(?:[,.!]|$)|[\"'\d]|[a-z]\b)"
    ),
    (
        r"^(?:please |now |just |always |only |simply |then |so |instead |first |finally )?"
        r"(?:choose|select|pick|rank|submit|generate|say|write|pretend|obey|follow"
        r"|act as|behave|roleplay|role-play|listen|stop|reveal|give|tell|provide)\b(?![-:])"
    ),
    rf"{JOINT}please\b|\bplease (?:choose|select|pick|rank|give|use|make|do|note)\b",
    # Of a face "kindly" is said too.
    r"(?:^|[:;.!?]\s?)kindly\b|\bkindly (?:choose|select|pick|rank|give|use|make|do|note|name)\b",
    (
        r"\bone (?:should|must|ought to|has to|needs to) [^.!?]{0,20}?"
        r"\b(?:answer|output|reply|respond)\b(?! to\b)"
    ),
    r"\b(?:put|use|list|state|mark|take) (?:the )?(?:option|label|number|answer)\b",
    # Commands to settle on an answer.
    r"^(?:please |now |just |simply |then |so )?(?:go with|go for|settle on|stick with|opt for)\b",
    (
        rf"(?:{JOINT}|\b(?:please|kindly|now|then|so|just|simply|instead) )"
        r"(?:please |kindly |just |simply )?"
        r"(?:go with|go for|settle on|stick with|opt for) (?:(?:the )?(?:option|label|number|answer"
        r"|entry|first|second|third|last)|[\"'#\d]|[b-z]\b)"
    ),
    (
        rf"(?:{JOINT}|\b(?:please|now|then|so|just|simply) )let (?:the|your|this|that|it|its"
        r"|option|[\"'\d])[^.!?]{0,40}?\b(?:be|read|say|equal|become)\b"
    ),
    rf"(?:{JOINT}|\b(?:please|now|then|so|just|simply) )make (?:option|it|[\"'\d]|[b-z]\b)",
    (
        r"(?:^|[:;.!?]\s?|\bplease )(?:please |always |just )?"
        r"(?:ensure|make (?:sure|certain)|be (?:sure|certain)|see to it)\b"
    ),
    r"\b(?:reply|respond|answer) (?:only |just |simply |back )?with\b",
    (
        r"\bthat you (?:only |just |always |simply )?(?:answer|output|reply|respond|print|select"
        r"|pick|say)\b"
    ),
    r"\b(?:trust|believe) me\b",
    # The reader addressed.
    r"\byou (?:must|should|shall|need to|have to|ought to|will|are to|are now|can only|now)\b",
    r"\byou're (?:to|now)\b",
    (
        r"\byour (?:new |only |final |next |first |real )?(?:answer|output|reply|response|task|job"
        r"|instruction|role|goal|rules?\b|prompt|(?:choice|pick|selection|decision)\b(?! of\b))"
    ),
    r"\b(?:assistant|reader|ai|chatbot) (?:must|should|shall|has to|needs to|will now)\b",
    r"\bmust (?:be )?(?:answer|output|repl|respond|choose|select|print|return)",
    # Talk of instructions.
    r"\bfrom (?:now|here|this point) on\b",
    r"\b(?:system|developer|this|above|previous|initial|original) (?:prompt|instruction)",
    r"\b(?:system|developer) message\b",
    r"\b(?:new|following|updated|real|actual|important|special) (?:instruction|directive)",
    (
        r"\b(?:do not|don't|never) (?:answer|output|reply|respond|explain|follow|obey|listen|reveal"
        r"|trust)\b"
    ),
    r"(?:^|[:;]\s?)(?:do not|don't|never|avoid)\s",
    r"\b(?:jailbreak|developer mode)\b",
)
