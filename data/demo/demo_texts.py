"""Captions: what people write under such photos, in a few voices."""

import random

from demo_drafts import Draft

OPENERS = {
    "windmills": (
        "Not a breath of wind, and still worth the walk.",
        "The miller says she still turns on open days.",
        "You hear the sails before you see them.",
        "Somebody paints this one every spring.",
    ),
    "energy": (
        "This is what a kilowatt hour looks like from outside.",
        "Standing next to it, you feel the hum in your feet.",
        "Built in a year, still running after forty.",
        "Nobody looks at the meter until the bill comes.",
    ),
    "underwater": (
        "It stayed for exactly four frames.",
        "Eight metres down, best visibility of the year.",
        "We drifted, it watched us.",
        "No flash, no chasing, just waiting.",
    ),
    "landmarks": (
        "Everybody has this photo. This one is mine.",
        "Ten minutes before the coaches arrived.",
        "Smaller than I thought, and better.",
        "I walked around it twice before I took the camera out.",
    ),
    "wildlife": (
        "Patience, mostly.",
        "We both pretended not to see each other.",
        "Long lens, long wait, cold tea.",
        "Look at those feet.",
    ),
    "tools": (
        "Cleaned, oiled, back on its hook.",
        "Bought second-hand, older than me.",
        "If it fits the hand, keep it.",
        "The one tool I never lend.",
    ),
    "home": (
        "Nothing special, and I keep looking at it.",
        "Sunday things.",
        "Found in the attic, washed, kept.",
        "The light came in at the right moment.",
    ),
    "landscapes": (
        "Two hours up, and nobody there.",
        "The weather changed three times in this picture.",
        "Sat down, stayed for an hour.",
        "No filter could make this better.",
    ),
    "garden": (
        "Every year I think it is early. It never is.",
        "Grown from a handful of seeds.",
        "Look closely, there is a pattern in it.",
        "It lasted three days.",
    ),
    "archive": (
        "Somebody stood there with a heavy camera and held their breath.",
        "An old plate, freshly scanned.",
        "I would like to know what happened the day after.",
        "The scratches stay in.",
    ),
}
ENDINGS = {
    "travel": (
        "Where should we go next?",
        "Saved for a grey Monday.",
        "Tip: come early, bring a jumper.",
        "Der Weg dorthin war das Beste.",
        "On y retourne au printemps.",
        "The café across the road does good soup.",
        "Map and times are in my notes.",
        "Walked there, took the bus back.",
        "Who has been here?",
        "It rained a minute later.",
        "Twelve steps to the left and it is a car park.",
        "My father has the same picture from 1974.",
    ),
    "calm": (
        "That is all.",
        "Worth getting up for.",
        "I did not move for a while.",
        "Taken in June, sorted today.",
        "One of three I kept from that day.",
        "Quiet week, good week.",
        "Ein ganz stiller Morgen.",
        "Sin palabras.",
        "Again tomorrow.",
        "The others were blurred.",
        "Which one would you print?",
        "朝の一枚。",
    ),
    "maker": (
        "What do you use?",
        "Measure twice.",
        "Sharpening tips welcome.",
        "Next: the bench itself.",
        "Werkstattsamstag.",
        "It will outlive me.",
        "Ask me what it cost. Don't.",
        "Repair first, buy later.",
        "Parts list on request.",
        "Mistakes made: two. Fingers left: ten.",
        "Wipe it dry and it lasts.",
        "Done by noon, swept by one.",
    ),
    "home": (
        "Good morning.",
        "Prints in winter, maybe.",
        "Kettle is on.",
        "I moved it a finger's width and that was it.",
        "From the slow series.",
        "Un petit moment.",
        "One window, no lamp.",
        "Kept the shadow.",
        "Tea first.",
        "Tell me what you see.",
        "Part of a set of nine.",
        "Somebody asked for more of these.",
    ),
    "teacher": (
        "Question for the class: what would you measure here?",
        "Answer on Friday.",
        "We counted. Did you?",
        "Homework: find one near you.",
        "Sources are on the board.",
        "Guess first, look it up later.",
        "The group of table three found this.",
        "Bring your notebooks.",
        "Wer weiß es?",
        "Best question of the day wins the chalk.",
        "Experiment next week.",
        "Drawn by hand on the next page.",
    ),
}


def write_captions(drafts: list[Draft], captionless: float, rng: random.Random) -> None:
    """A caption for each post, no two alike, with its hashtags inside; some have none."""
    used: set[str] = set()
    for draft in drafts:
        text = _text(draft, rng)
        while text in used:
            text = _text(draft, rng)
        used.add(text)
        draft.caption = _with_tags(text, draft.tags, rng)
    tagged = [d for d in drafts if d.account.tagged]
    silent = [d for d in drafts if not d.account.tagged]
    for draft in rng.sample(tagged, round(captionless * len(drafts))):
        draft.caption = None
    for draft in rng.sample(silent, len(silent) // 3):
        draft.caption = None


def _text(draft: Draft, rng: random.Random) -> str:
    subject = f"{draft.photo.subject}." if draft.photo else ""
    opener, ending = rng.choice(OPENERS[draft.theme]), rng.choice(ENDINGS[draft.account.voice])
    return rng.choice(
        (
            f"{subject} {opener}",
            f"{subject} {ending}",
            f"{opener} {ending}",
            f"{subject} {opener} {ending}",
        )
    )


def _with_tags(text: str, tags: list[str], rng: random.Random) -> str:
    if not tags:
        return text
    marked = [f"#{tag}" for tag in tags]
    style = rng.random()
    if style < 0.6:
        return f"{text}\n\n{' '.join(marked)}"
    if style < 0.85 or len(marked) < 3:
        return f"{text} {' '.join(marked)}"
    return f"{marked[0]} {text}\n{' '.join(marked[1:])}"
