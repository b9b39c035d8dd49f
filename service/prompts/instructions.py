"""Sentences that tell their reader what to do, in the languages that shops are asked in.

This keeps honest models' asides and plain attempts at injection out of a prompt. It is no promise:
what promises is the fence around the text, and an answer that can only be one of the options.
Every pattern is read in one pass: gaps are bounded, and nothing repeats inside a repetition.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Where a command may begin within a sentence.
_JOINT: Final = r"(?:^|[:;,.!?\u2013\u2014]\s?|\s-\s)"

_AWAY: Final = (
    # Away with what was said before, in several languages: a verb, and within reach its object.
    r"(?:ignor|disregard|forget(?!ta)|overrid|overrul|bypass|vergiss|vergess|missacht|oubli|olvid"
    r"|dimentic|haz caso omiso|ne (?:tiens|tenez) pas compte|non tenere conto)[^.!?]{0,60}?"
    r"\b(?:above|previous|prior|earlier|preceding|before|instruct|rules?\b|guidelines"
    r"|everything|question|prompt|system|told|said|asked|oben|obige|vorherig|bisherig|alles|regel"
    r"|anweisung|ci-dessus|tout|précédent|consigne|règle|anterior|arriba|todo|regla|preceden|sopra"
    r"|tutto|regol|istruzion)"
)
_AWAY_AT_ONCE: Final = (
    rf"(?:{_JOINT}|\b(?:please|and|then|so|must|should|bitte|und|et|puis|y|luego|e|poi) )"
    r"(?:please |now |just |simply |bitte |por favor )?(?:ignore|disregard|forget|override|bypass"
    r"|ignoriere?|ignorieren sie|missachte|vergiss|vergessen sie|übergehe|ignorez|oublie[zr]?"
    r"|ignor[ae]d?|olvid[ae]|omite|ignorate|dimentica(?:te)?)\b"
)

_ENGLISH: Final = (
    # Commands to answer; neither "answer:" nor "the answer is".
    (
        rf"(?:{_JOINT}|\b(?:please|kindly|now|then|so|just|simply|and|but|instead) )"
        r"(?:please |now |then |just |simply |only |always |first )?"
        r"(?:answer|output|reply|respond)\b(?!\s?(?::|is\b|was\b|to\b|of\b|time))"
    ),
    (
        rf"(?:{_JOINT}|\b(?:please|now|then|just|simply|only|and|always) )(?:print|return|say"
        r"|write)\s(?:only|just|exactly|back|down|the (?:answer|label|number|letter|word|following)"
        r"|option|[\"'\d]|[a-z]\b)"
    ),
    (
        r"^(?:please |now |just |always |only |simply |then |so |instead |first |finally )?"
        r"(?:choose|select|pick|rank|submit|generate|print|return|say|write|pretend|obey|follow"
        r"|act as|behave|roleplay|role-play|listen|stop|reveal|give|tell|provide)\b(?![-:])"
    ),
    rf"{_JOINT}please\b|\bplease (?:choose|select|pick|rank|give|use|make|do|note)\b",
    r"\b(?:put|use|list|state|mark|take) (?:the )?(?:option|label|number|answer)\b",
    # The reader addressed.
    r"\byou (?:must|should|shall|need to|have to|ought to|will|are to|are now|can only|now)\b",
    r"\byou're (?:to|now)\b",
    (
        r"\byour (?:new |only |final |next |first |real )?(?:answer|output|reply|response|task|job"
        r"|instruction|role|goal|rules?\b|prompt)"
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

_GERMAN: Final = (
    (
        r"^(?:bitte |nun |jetzt )?(?:antwortet?|schreibe?|gib|gebt|wähle?|nenne?|befolge?|sage?"
        r"|nimm|(?:antworten|schreiben|geben|wählen|nennen|befolgen|sagen|nehmen) sie)\b"
    ),
    (
        r"\b(?:und|dann|nur|immer|stattdessen) (?:nur |mit )?(?:antworte|schreibe?|gib|wähle|nenne"
        r"|sage?)\b"
    ),
    r"\bbitte\b|\bantworte(?:n sie)? (?:nur|mit|immer|stattdessen|jetzt)\b",
    r"\bdu (?:musst|sollst|solltest|darfst|wirst|bist (?:jetzt|nun|ab))\b",
    r"\bsie (?:müssen|sollen|sollten) (?:nun |jetzt |nur )?(?:antworten|mit|die antwort|option)\b",
    r"\b(?:ab (?:jetzt|nun|sofort)|von (?:jetzt|nun) an)\b",
    r"\b(?:neue|obige|vorherige|bisherige|folgende)[nr]? (?:anweisung|vorgabe|befehl)",
    r"\bsystem-?(?:prompt|nachricht|anweisung)",
)

_FRENCH: Final = (
    (
        r"^(?:maintenant )?(?:ne )?(?:réponds|répondez|répondre|écris|écrivez|affiche[zr]?|choisis"
        r"|choisissez|sélectionne[zr]?|donnez|dis|dites|suis|suivez|renvoie|renvoyez)\b"
    ),
    (
        r"\b(?:et|puis|alors|seulement) (?:réponds|répondez|écris|écrivez|affichez|choisis"
        r"|choisissez|dites)\b"
    ),
    r"\bs'il (?:te|vous) pla[iî]t\b|\bveuillez\b",
    r"\b(?:tu dois|vous devez|(?:tu es|vous êtes) (?:maintenant|désormais))\b",
    r"\b(?:à partir de maintenant|dès maintenant)\b|^désormais\b",
    r"\b(?:nouvelles?|précédentes?) (?:instruction|consigne)",
    r"\b(?:instructions?|consignes?) (?:ci-dessus|précédente|suivante|système)",
)

_SPANISH: Final = (
    (
        r"^(?:ahora )?(?:no )?(?:respond[ae]|responder|contest[ae]|escrib[ae]|elige|elija"
        r"|selecciona|seleccione|devuelv[ae]|imprime|di|diga)\b"
    ),
    r"\b(?:y|luego|entonces|solo|sólo) (?:respond[ae]|contest[ae]|escrib[ae]|elige|elija|diga)\b",
    r"\bpor favor\b|\b(?:debes|tienes que|ahora eres|eres ahora)\b",
    r"\b(?:a partir de ahora|desde ahora|de ahora en adelante)\b",
    r"\b(?:nuevas?|anteriores|siguientes) (?:instrucci|órden)",
    r"\binstrucciones (?:anteriores|previas|de arriba|del sistema)\b",
)

_ITALIAN: Final = (
    (
        r"^(?:ora |adesso )?(?:non )?(?:rispond(?:i|ete|ere|a)|scriv(?:i|ete|a)|scegli|scegliete"
        r"|scelga|seleziona|selezionate|segui|seguite|restituisci)\b"
    ),
    r"\b(?:e|poi|quindi|solo) (?:rispond(?:i|ete|a)|scriv(?:i|ete|a)|scegli|scegliete)\b",
    r"\bper favore\b|\b(?:devi|dovete|ora sei|adesso sei|sei ora)\b",
    r"\b(?:d'ora in poi|da ora in poi|da adesso|d'ora in avanti)\b",
    r"\bnuove istruzioni\b|\bistruzioni (?:precedenti|sopra|di sistema|seguenti)\b",
)

_CHINESE: Final = (
    r"(?:^|[,:;、。]|你|您)(?:忽略|无视|無視|忘记|忘記|不要理会|不要理會)",
    r"(?:忽略|无视|無視|忘记|忘記)[^。!?]{0,12}(?:以上|上述|之前|前面|所有|指令|指示|规则|規則|问题|問題)",
    r"(?<![申邀])[请請]",
    r"(?:^|[,:;、。]|并|並|你|您)(?:只|直接|必须|必須|应该|應該|现在|現在)(?:能|要)?(?:回答|输出|輸出|选择|選擇|回复|回覆)",
    r"^(?:回答|输出|輸出|选择|選擇|回复|回覆)(?!是|为|為|:)",
    r"[你您](?:必须|必須|应该|應該|现在是|現在是|不要|只能|的任务|的任務|的回答)",
    r"从现在|從現在|系统提示|系統提示|新的?(?:指令|指示)|[上前][述面]的?(?:指令|指示)",
    r"不要(?:回答|解释|解釋|输出|輸出)",
)

_JAPANESE: Final = (
    r"無視(?:して|しろ|せよ|する)|忘れて|忘れろ",
    r"ください|下さい|なさい|せよ|しろ(?:。|$)",
    r"(?:答え|回答し|出力し|選択し|返し)て(?:[。、]|$)|選んで(?:[。、]|$)",
    r"(?:あなた|君)(?:は(?:今|これから|もう)|の(?:回答|役割|任務))|これからは|今後は|今から",
    r"(?:答え|回答し|出力し|選択し)なければ|新しい(?:指示|命令)|(?:上記|以前|前)の(?:指示|命令)",
    r"システムプロンプト",
)

_INSTRUCTION: Final = re.compile(
    "|".join(
        [
            *(_AWAY, _AWAY_AT_ONCE),
            *_ENGLISH,
            *_GERMAN,
            *_FRENCH,
            *_SPANISH,
            *_ITALIAN,
            *_CHINESE,
            *_JAPANESE,
        ]
    )
)
# The joiners are invisible, and a fence lets them through for the scripts that need them.
_AS_TYPED: Final = str.maketrans({"\u2019": "'", "\u200c": None, "\u200d": None})
_OPENING_MARKS: Final = " \"'(\u201c\u2018\u00ab\u2039\u00a1\u00bf\u300c"


def instructs(sentence: str) -> bool:
    """Whether the sentence reads as an instruction."""
    plain = unicodedata.normalize("NFKC", sentence).casefold().translate(_AS_TYPED)
    return bool(_INSTRUCTION.search(plain.lstrip(_OPENING_MARKS)))
