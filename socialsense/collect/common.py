"""Hashtags that a dataset is collected from unless others are named."""

COMMON: tuple[str, ...] = (
    "nature", "family", "friends", "girl", "fashion", "beach", "sea", "sun", "art", "selfie",
    "sky", "snow", "summer", "school", "model", "makeup", "spring", "home", "dog", "green",
    "food", "hair", "flower", "white", "tree", "sunset", "car", "street", "red", "animals",
    "tattoo", "boy", "blue", "building", "landscape", "style", "shoes", "travel", "photography",
    "design", "architecture", "music", "heart", "blackandwhite", "fitness", "eyes", "party",
    "night", "holiday", "weekend", "pink", "cat", "colorful", "pets", "ootd", "work", "color",
    "birthday", "mountains", "city", "streetphotography", "baby", "ocean", "morning", "portrait",
    "puppy", "trip", "artist", "healthy", "drawing", "vacation", "clouds", "coffee", "winter",
    "vintage", "adventure", "water", "wedding", "sunrise", "autumn", "forest", "river", "bird",
    "horse", "garden", "dessert", "breakfast", "vegan", "dance", "yoga", "running", "cycling",
    "surf", "painting", "illustration", "handmade", "interior", "sculpture", "science", "books",
)  # fmt: skip
"""A hundred that many people used on photos one can tell apart (counted in 67,000 lists of
hashtags of 2016 and 2020), without those that suit anything."""
