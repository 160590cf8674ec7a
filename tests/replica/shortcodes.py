"""A post's number and its shortcode: one is the other in base 64."""

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def to_code(pk: int) -> str:
    """A pk as it stands in an address: base 64, URL alphabet, without leading zeros."""
    code = ""
    while pk:
        pk, digit = divmod(pk, 64)
        code = ALPHABET[digit] + code
    return code


def from_code(code: str) -> int:
    """The pk of a shortcode; 0, which no post has, for anything else."""
    pk = 0
    for letter in code:
        digit = ALPHABET.find(letter)
        if digit < 0:
            return 0
        pk = pk * 64 + digit
    return pk
