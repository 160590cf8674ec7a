"""The words of the made-up world: names that belong to nobody, and hashtags."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    "nora lena tomas quiet mika ayo ines bruno kaito selma otto priya juno marta elio freya "
    "dario hana milo zofia anton leila pavel rosa timo wren yuki basil cleo edda "
)
THINGS = _words(
    "paints skies film garden walks bakes reef loom harbour moss kites ceramics peaks "
    "lanterns tides maps orchard wool cabin dunes letters "
)
PHRASES = (
    "Morning light over the river",
    "A slow day, and a good one ☕",
    "Third try; keeping this one",
    "Nothing planned, everything found",
    "Wind, salt and a borrowed coat 🌊",
    "What the garden did while we were away",
    "Last frame on the roll",
    "Für später: mehr davon",
    "今日はここまで",
    "Made with what was left in the kitchen",
)
PLACES = ("Lisbon, Portugal", "Bergen, Norway", "Kyoto, Japan", "Oaxaca, Mexico")
# Words that most people post about; after them names are put together.
COMMON = _words(
    "love nature art photography sunset travel food summer beauty fashion style flowers "
    "winter sky beach sea music dog cat coffee garden mountains city street architecture "
    "portrait landscape autumn spring ocean forest dance yoga fitness running cycling surf "
    "skate design interior baking vegan dessert wine tea breakfast family friends wedding "
    "party smile happy sunrise clouds rain snow river lake island desert adventure hiking "
    "camping roadtrip drawing painting watercolor illustration sketchbook ceramics handmade "
    "knitting vintage film blackandwhite macro birds horses butterfly reef windmills bridge "
    "lighthouse harbour boats trains cars motorcycle football tennis swimming climbing books "
    "poetry cinema theatre museum history gaming space science sustainability "
)
SUFFIXES = ("lovers", "daily", "oftheday", "gram", "vibes")


def hashtag_names(count: int) -> list[str]:
    """`count` different hashtags, the commonest first."""
    more = [word + suffix for suffix in SUFFIXES for word in COMMON]
    names = [*COMMON, *more]
    return (names + [f"tag{n}" for n in range(max(0, count - len(names)))])[:count]
