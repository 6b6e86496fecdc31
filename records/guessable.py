"""Passwords that are guessed early: common words, keyboard walks and rows of signs, one's own name, a year behind it.

What a guesser tries is struck out of the password; what is left must be enough to be worth guessing. The words are a
choice of our own out of what lists of leaked passwords are led by, in English and in Pinyin.
"""

import re
from collections.abc import Iterable

#: signs that must be left, such as one word of four letters that nobody would have tried
ENOUGH = 4
_WORDS = ["password", "passwort", "passwd", "passcode", "pass", "admin", "administrator", "root", "user", "guest", "test", "demo", "temp", "login", "signin", "system", "server", "welcome", "hello", "letmein", "changeme", "change", "secret", "default", "access", "master", "super", "manager", "office", "company", "redress", "complaint", "customer", "service", "kefu", "tousu", "guanli", "yonghu", "mima", "woaini", "wangba", "iloveyou", "love", "lovely", "angel", "baby", "monkey", "dragon", "tiger", "eagle", "panda", "football", "baseball", "basketball", "soccer", "hockey", "princess", "sunshine", "shadow", "superman", "batman", "starwars", "pokemon", "michael", "jordan", "charlie", "thomas", "daniel", "jessica", "ashley", "summer", "winter", "spring", "autumn", "january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "china", "zhongguo", "beijing", "shanghai", "shenzhen", "guangzhou", "wang", "zhang", "chen", "yang", "zhao", "huang", "zhou", "nihao", "taobao", "weixin", "wechat", "alipay", "qwerty", "qwertz", "azerty", "google", "computer", "internet", "windows", "freedom", "whatever", "trustno", "ninja", "flower", "cookie", "pepper"]  # fmt: skip
_ROWS = (
    "1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "abcdefghijklmnopqrstuvwxyz", "!@#$%^&*()",
    "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/", "01",
)  # fmt: skip
_NEXT = {row[at : at + 2] for line in _ROWS for row in (line, line[::-1]) for at in range(len(line) - 1)}
#: signs in a row that make a walk
_WALK = 3
_SIGNS = "0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ "
_WRITTEN_FOR = str.maketrans("@01345$7!", "aoieasst" + "i")


def is_guessable(plain: str, own: Iterable[str] = ()) -> bool:
    """Whether too little is left of a password (NFKC) once what a guesser tries is struck out.

    own: the person's id and name, whose parts of three signs and more count as tried; of names without letters of an
    alphabet parts of two.
    """
    low = plain.casefold()
    words = [*_WORDS, *(part for one in own for part in _parts(one.casefold()))]
    spelled = low.strip(_SIGNS).translate(_WRITTEN_FOR)
    return min(_left(low, words), _left(spelled, words)) < ENOUGH


def _parts(name: str) -> list[str]:
    found = [name, *re.split(r"[\W_]+", name)]
    return [part for part in found if len(part) >= (3 if part.isascii() else 2)]


def _left(text: str, words: Iterable[str]) -> int:
    """How many signs nobody would have tried; digits and marks around what is struck out count as tried too."""
    struck = [False] * len(text)
    for word in words:
        at = text.find(word)
        while at >= 0:
            struck[at : at + len(word)] = [True] * len(word)
            at = text.find(word, at + 1)
    begin = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or (text[at - 1 : at + 1] not in _NEXT and text[at - 1] != text[at]):
            if at - begin >= _WALK:
                struck[begin:at] = [True] * (at - begin)
            begin = at
    kept = "".join("\n" if gone else sign for sign, gone in zip(text, struck, strict=True))
    return sum(len(piece.strip(_SIGNS)) for piece in kept.split("\n"))
