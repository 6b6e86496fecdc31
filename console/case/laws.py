"""Articles of the law, cited as the reader's language does.

Policies and reference tables name them in one form, such as "People's Mediation Law art. 33; Civil Code art. 188".
"""

from console.words import N_, Words

#: as they are named in policies and reference tables
LAWS = (
    N_("Arbitration Law (2025)"),
    N_("Civil Code"),
    N_("Civil Procedure Law"),
    N_("Legal Aid Law"),
    N_("People's Mediation Law"),
)


def cited(articles: str, words: Words) -> str:
    """The same articles in the reader's language; a citation of another form, or of another law, stays as it is."""
    return "; ".join(_one(part, words) for part in articles.split("; "))


def _one(article: str, words: Words) -> str:
    law, _, numbers = article.partition(" art. ")
    if law not in LAWS or not numbers:
        return article
    numbers = numbers.replace(", ", words.gettext(", ")).replace("-", "–")
    return words.gettext("%(law)s art. %(articles)s") % {"law": words.gettext(law), "articles": numbers}
