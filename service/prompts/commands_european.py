"""How commands are worded in the other languages of Europe that shops are asked in."""

from __future__ import annotations

from typing import Final

GERMAN: Final = (
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
    r"\bvertrau(?:e|en sie)? mir\b|^(?:stelle?|stellen sie) sicher\b",
)

FRENCH: Final = (
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
    r"\b(?:fais|faites)-moi confiance\b|^assure(?:-toi|z-vous)\b",
    r"\b(?:instructions?|consignes?) (?:ci-dessus|précédente|suivante|système)",
)

SPANISH: Final = (
    (
        r"^(?:ahora )?(?:no )?(?:respond[ae]|responder|contest[ae]|escrib[ae]|elige|elija"
        r"|selecciona|seleccione|devuelv[ae]|imprime|di|diga)\b"
    ),
    r"\b(?:y|luego|entonces|solo|sólo) (?:respond[ae]|contest[ae]|escrib[ae]|elige|elija|diga)\b",
    r"\bpor favor\b|\b(?:debes|tienes que|ahora eres|eres ahora)\b",
    r"\b(?:a partir de ahora|desde ahora|de ahora en adelante)\b",
    r"\b(?:nuevas?|anteriores|siguientes) (?:instrucci|órden)",
    r"\bconf[ií]a en m[ií]\b|^aseg[uú](?:rate|rese)\b",
    r"\binstrucciones (?:anteriores|previas|de arriba|del sistema)\b",
)

ITALIAN: Final = (
    (
        r"^(?:ora |adesso )?(?:non )?(?:rispond(?:i|ete|ere|a)|scriv(?:i|ete|a)|scegli|scegliete"
        r"|scelga|seleziona|selezionate|segui|seguite|restituisci)\b"
    ),
    r"\b(?:e|poi|quindi|solo) (?:rispond(?:i|ete|a)|scriv(?:i|ete|a)|scegli|scegliete)\b",
    r"\bper favore\b|\b(?:devi|dovete|ora sei|adesso sei|sei ora)\b",
    r"\b(?:d'ora in poi|da ora in poi|da adesso|d'ora in avanti)\b",
    r"\bfidati\b|^assicurati\b",
    r"\bnuove istruzioni\b|\bistruzioni (?:precedenti|sopra|di sistema|seguenti)\b",
)

PORTUGUESE: Final = (
    (
        r"^(?:agora )?(?:não )?(?:respond[ae]|escrev[ae]|selecion[ae]|imprim[ae]|devolva|diga"
        r"|siga|escolh[ae] (?:[aob\d]\b|só|apenas|somente|opção))"
    ),
    (
        r"\b(?:e|então|só|apenas|somente) (?:respond[ae]|escrev[ae]|selecion[ae]|imprim[ae]|diga)"
        r"\b"
    ),
    r"\b(?:você deve|tu deves|tens de|você é agora|agora você é)\b",
    r"\b(?:a partir de agora|de agora em diante)\b",
    r"\b(?:novas|seguintes|anteriores) instruç|\binstruções (?:anteriores|acima|do sistema)\b",
    r"\bconfi[ea] em mim\b|^certifique-se\b",
)

DUTCH: Final = (
    r"^(?:nu |dan )?antwoord\b(?!\s?(?::|is\b|was\b|op\b))",
    r"^(?:nu |dan )?(?:kies|schrijf|geef|zeg|noem|selecteer|volg|zorg ervoor)\b",
    r"\b(?:en|dan|alleen|slechts) (?:kies|schrijf|geef|zeg|noem)\b",
    r"\bantwoord (?:alleen|enkel|slechts|altijd|nu)\b|\b(?:alstublieft|alsjeblieft)\b",
    r"\b(?:je|jij|u) (?:moet|dient|bent nu)\b|\bvanaf nu\b",
    r"\b(?:nieuwe|vorige|bovenstaande|eerdere|volgende) (?:instructie|opdracht)",
    r"\bsysteem-?(?:prompt|bericht|instructie)|\bvertrouw (?:me|mij)\b",
)

RUSSIAN: Final = (
    r"\b(?:ответь|отвечай|выбери|напиши|выведи|скажи|укажи|назови|следуй)(?:те)?\b",
    r"\b(?:ты|вы) (?:долж|обязан)|\b(?:тебе|вам) (?:нужно|надо|следует) (?:отве|выбра)",
    r"\b(?:пожалуйста|этого момента|отныне|поверь мне|поверьте мне)\b",
    r"\b(?:нов|предыдущ|следующ|прежн|системн)\w{1,3} (?:инструкц|указани|команд|промпт)",
    r"\b(?:инструкц|указани)\w{1,3} (?:выше|системы)\b",
)
