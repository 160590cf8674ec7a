"""Toys to train on, and a training that has looked at them: one for a whole file."""

import pytest
import torch

from socialsense.datasets import TaggedFolder
from socialsense.train import counts
from socialsense.train.descriptions import Descriptions
from socialsense.train.fitting import Fitting
from socialsense.train.processes import Processes
from socialsense.train.tag_vectors import read_hashtag_lists, tag_vectors
from tests.training_examples import untrained_backbone, write_toys

ALONE = Processes()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_toys(tmp_path_factory.mktemp("data") / "toys")


@pytest.fixture(scope="module", autouse=True)
def backbone():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with untrained_backbone() as backbone:
        yield backbone
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("work")


@pytest.fixture
def fitting(data, work, backbone):
    photos = TaggedFolder(data)
    vectors = tag_vectors(read_hashtag_lists(data), dimensions=8)
    with Descriptions("lite0", backbone, work) as descriptions:
        fitting = Fitting(photos, counts.count(photos, ALONE), vectors, descriptions, ALONE, 1)
        fitting.describe(lambda *_: None)
        yield fitting
