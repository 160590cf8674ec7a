"""The plan of the demo, written by hand: who posts what, and which hashtags do what.

All accounts are fictional. Effects are differences of log engagement.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """A fictional account and how many posts of each theme it has."""

    handle: str
    name: str
    followers: int
    voice: str
    posts: dict[str, int]
    private: bool = False
    tagged: bool = True
    likes_shown: bool = True
    pinned: int = 0


ACCOUNTS = (
    Account(
        "demo.landmarks",
        "Great Places",
        900_000,
        "travel",
        {"landmarks": 22, "landscapes": 2, "windmills": 2},
        pinned=3,
    ),
    Account(
        "demo.atlas",
        "Atlas of Small Trips",
        512_000,
        "travel",
        {"landmarks": 14, "windmills": 4, "archive": 3, "landscapes": 2, "underwater": 3},
        pinned=2,
    ),
    Account(
        "demo.reef",
        "Reef & Tide",
        284_000,
        "calm",
        {"underwater": 20, "wildlife": 4, "landscapes": 2},
        pinned=3,
    ),
    Account(
        "demo.horizons",
        "Long Horizons",
        156_000,
        "calm",
        {"landscapes": 8, "landmarks": 5, "windmills": 4, "garden": 3},
        pinned=1,
    ),
    Account(
        "demo.zoo",
        "Wild Hours",
        76_000,
        "calm",
        {"wildlife": 14, "underwater": 6, "garden": 1, "landscapes": 2},
        pinned=2,
    ),
    Account(
        "demo.toolbench",
        "The Tool Bench",
        41_000,
        "maker",
        {"tools": 18, "energy": 3, "home": 4},
        pinned=1,
    ),
    Account(
        "demo.workshop",
        "Saturday Workshop",
        22_000,
        "maker",
        {"tools": 11, "energy": 7, "home": 4},
    ),
    Account(
        "demo.windmills",
        "Windmill Diary",
        12_400,
        "travel",
        {"windmills": 14, "landscapes": 4, "energy": 5, "landmarks": 3},
        pinned=2,
    ),
    Account(
        "demo.teatable",
        "The Tea Table",
        8_600,
        "home",
        {"home": 16, "garden": 2, "tools": 3, "landmarks": 1},
        pinned=1,
    ),
    Account(
        "demo.firstlight",
        "First Light Prints",
        3_900,
        "home",
        {"garden": 5, "landscapes": 4, "wildlife": 4, "archive": 4, "landmarks": 1},
    ),
    Account(
        "demo.riverpower",
        "River Power Club",
        2_900,
        "teacher",
        {"energy": 12, "underwater": 3, "windmills": 3, "landmarks": 2},
    ),
    Account(
        "demo.stilllife",
        "Still on the Table",
        1_700,
        "home",
        {"home": 10, "tools": 5, "garden": 3, "archive": 3},
        pinned=1,
    ),
    Account(
        "demo.energyclass",
        "Energy Class 8b",
        640,
        "teacher",
        {"energy": 12, "windmills": 4, "tools": 3},
    ),
    Account(
        "demo.biologyroom",
        "The Biology Room",
        300,
        "teacher",
        {"underwater": 12, "wildlife": 8, "garden": 2},
        pinned=1,
    ),
    Account(
        "demo.silent",
        "Without Words",
        4_200,
        "calm",
        {"landmarks": 3, "underwater": 3, "wildlife": 3, "home": 3},
        tagged=False,
    ),
    Account(
        "demo.hidden",
        "Likes Kept Private",
        18_500,
        "travel",
        {"landmarks": 5, "underwater": 3, "wildlife": 4, "tools": 2},
        likes_shown=False,
    ),
    Account("demo.private", "By Invitation", 1_250, "calm", {}, private=True),
    Account("demo.newcomer", "Day One", 0, "calm", {}),
)

THEME_TAGS = {
    "windmills": ("windmill", "windmühle", "風車", "moulin"),
    "energy": ("renewableenergy", "energytransition", "energiewende", "sustainability"),
    "underwater": ("underwater", "marinelife", "fishofinstagram", "🐠"),
    "landmarks": ("landmarks", "monument", "worldheritage", "travelgram"),
    "wildlife": ("wildlife", "animals", "zoo", "wildlifephotography"),
    "tools": ("tools", "handtools", "diy", "werkzeug"),
    "home": ("homedecor", "slowliving", "teatime", "athome"),
    "landscapes": ("landscape", "natur", "hiking"),
    "garden": ("botanical", "garden"),
    "archive": ("history",),
}
BROAD_TAGS = {
    "nature": ("landscapes", "garden", "wildlife", "underwater"),
    "travel": ("landmarks", "landscapes", "windmills", "archive"),
    "vintage": ("archive", "home", "windmills", "tools"),
    "design": ("home", "tools", "landmarks", "energy"),
    "science": ("energy", "underwater", "wildlife", "garden"),
    "education": ("energy", "wildlife", "underwater", "tools", "archive"),
    "weekend": ("home", "landmarks", "landscapes", "windmills", "tools", "archive"),
    "प्रकृति": ("landscapes", "garden", "wildlife", "underwater", "energy"),
}
GENERIC_TAGS = ("photography", "instagood", "photooftheday", "beautiful")

EFFECTS = {
    "worldheritage": 0.55,
    "handtools": 0.5,
    "windmühle": 0.5,
    "🐠": 0.55,
    "energytransition": 0.5,
    "wildlifephotography": 0.5,
    "teatime": 0.45,
    "natur": 0.45,
    "instagood": -0.5,
    "travelgram": -0.55,
    "zoo": -0.5,
    "fishofinstagram": -0.5,
    "diy": -0.45,
    "homedecor": -0.45,
    "sustainability": -0.5,
}
"""Every other hashtag that is not conditional has a slight effect, within SLIGHT of 0."""
SLIGHT = 0.08

ON_THEME, OFF_THEME = 0.45, -0.3
CONDITIONAL = {
    "bluehour": ("landscapes", "landmarks"),
    "macro": ("garden", "underwater"),
    "stilllife": ("home", "tools"),
    "architecture": ("windmills", "landmarks"),
}
"""These help on pictures of their themes and harm on all others."""
