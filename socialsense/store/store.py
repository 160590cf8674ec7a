"""The store as the rest of the program sees it: all topics over one database."""

from sqlalchemy import func, select

from socialsense.store.crawls import Crawls
from socialsense.store.forgetting import Forgetting
from socialsense.store.hashtags import Hashtags
from socialsense.store.jobs import Jobs
from socialsense.store.ledger import Ledger
from socialsense.store.outcomes import Outcomes
from socialsense.store.payloads import Payloads
from socialsense.store.profiles import Profiles
from socialsense.store.tables import (
    embeddings,
    images,
    outcomes,
    post_hashtags,
    posts,
    predictions,
    profiles,
)


class Store(Profiles, Hashtags, Forgetting, Outcomes, Jobs, Crawls, Payloads, Ledger):
    """Everything that is kept, from profiles and posts to jobs and what they collect.

    A re-read never duplicates, what is unknown never overwrites what is known, and
    what is older never what is newer. Every write is a transaction of its own unless
    it stands inside `transaction()`. One Store may serve several threads.

        with Store.open("sqlite:///data/socialsense.db", Path("data/images")) as store:
            store.put_posts(posts)
    """

    def counts(self) -> dict[str, int]:
        """How much of each kind is stored."""
        tables = (profiles, posts, images, embeddings, predictions, outcomes)
        numbers = {
            table.name: select(func.count()).select_from(table).scalar_subquery()
            for table in tables
        }
        tags = select(func.count(post_hashtags.c.tag.distinct())).scalar_subquery()
        numbers["hashtags"] = tags
        with self._reading() as connection:
            columns = [number.label(name) for name, number in numbers.items()]
            return dict(connection.execute(select(*columns)).mappings().one())
