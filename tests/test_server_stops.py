"""A server that is stopped while something is collected."""

import os
import subprocess
import sys

from socialsense.settings import ROOT, Settings
from socialsense.store import Store
from tests.slow_site import SITE

SERVER = """
from socialsense import parts
from socialsense.collect import ForHandle
from socialsense.collect.consent import accept_risk
from socialsense.ui import resources
from tests.slow_site import SITE, Site, until

site = Site(seconds=3600)
parts.load = site.loaded
resources.collect_demo = lambda store: None
accept_risk(resources.store(), SITE)
resources.jobs().begin(ForHandle("mill"))
until(lambda: site.asked)
"""


def test_it_does_not_wait_for_the_job_and_leaves_it_to_the_next_server(tmp_path):
    here = {"SOCIALSENSE_DATA_DIR": str(tmp_path), "SOCIALSENSE_INSTAGRAM_URL": f"http://{SITE}"}
    command = [sys.executable, "-c", SERVER]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **here}, check=True, timeout=60)
    settings = Settings(data_dir=tmp_path)
    with Store.open(settings.store_url, settings.images_dir) as store:
        job = store.job("handle:mill")
        assert (job.state, store.owner_of(job.key)) == ("queued", None)
        assert store.counts()["posts"] == 1
