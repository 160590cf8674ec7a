"""How instagram.com spells profiles and posts: text goes in, the product's own words come out.

Nothing here asks for anything over a network. What is read is found by the key under which
the site answers, wherever it stands; addresses, query numbers and style classes change weekly.
"""
