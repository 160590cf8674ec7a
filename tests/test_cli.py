"""The command line as a person runs it: a process, its output, its exit code."""

import json
import os
import subprocess
import sys

import pytest

from socialsense import parts
from socialsense.images import sha256_of
from socialsense.settings import DEFAULT_POPULARITY, ROOT, Settings
from socialsense.store import Store
from tests.examples import a_profile

SAMPLES = sorted(str(path) for path in (ROOT / "data" / "demo" / "samples").glob("*.jpg"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cli")


@pytest.fixture
def run(folder):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "socialsense", *arguments],
            cwd=ROOT,
            env={**os.environ, "SOCIALSENSE_DATA_DIR": str(folder), "COLUMNS": "120"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_rank_prints_the_whole_answer(run):
    done = run("rank", "@demo.windmills", *SAMPLES[:3])
    assert done.returncode == 0, done.stderr
    for expected in ("demo data, simulated engagement", "Photos by expected popularity",
                     "Best set: #", "Expected: about", "Usual:", "Hashtags: ×", "Photo: ×",
                     "no clear effect"):  # fmt: skip
        assert expected in done.stdout
    assert "points" not in done.stdout


def test_rank_as_json_is_the_same_every_time(run):
    first, second = (run("rank", "demo.reef", *SAMPLES[:3], "--json") for _ in range(2))
    assert first.returncode == 0, first.stderr
    answer = json.loads(first.stdout)
    assert answer == json.loads(second.stdout)
    assert [photo["rank"] for photo in answer["photos"]] == [1, 2, 3]
    assert answer["source"] == "demo"
    assert answer["notice"] == "demo data, simulated engagement"
    assert 1 <= len(answer["set"]) <= 5
    assert (answer["mode"], answer["prediction"]["mode"]) == ("calibrated", "calibrated")
    for hashtag in answer["hashtags"]:
        assert "draws" not in hashtag  # a thousand numbers that say nothing to a reader
        assert hashtag["score"] == pytest.approx(
            hashtag["trust"] * (hashtag["raw"] - hashtag["correction"])
        )
    prediction = answer["prediction"]
    assert prediction["low"] < prediction["median"] < prediction["high"]
    assert prediction["gain_low"] < prediction["gain"] < prediction["gain_high"]
    assert prediction["set_score"] == pytest.approx(mean_score(answer))
    drops = [change["drop"] for change in answer["changes"] if change["add"] is None]
    assert drops == answer["set"]


def mean_score(answer):
    scores = {h["tag"]: h["score"] for h in answer["hashtags"]}
    return sum(scores[tag] for tag in answer["set"]) / len(answer["set"])


def test_rank_by_the_formula_of_2020(run):
    done = run("rank", "demo.reef", *SAMPLES[:3], "--mode", "faithful", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    prediction = answer["prediction"]
    assert (answer["mode"], prediction["mode"]) == ("faithful", "faithful")
    assert len(answer["set"]) == 5
    assert prediction["rate"] == pytest.approx(prediction["usual_rate"] + mean_score(answer))
    assert prediction["median"] == pytest.approx(prediction["rate"] * prediction["followers"])
    for hashtag in answer["hashtags"]:
        weight = sum(post["similarity"] for post in hashtag["evidence"])
        top = sum(post["similarity"] * post["lift"] for post in hashtag["evidence"])
        assert hashtag["score"] == pytest.approx(top / weight)


def test_the_settings_can_choose_the_formula_of_2020_which_speaks_in_points(run, monkeypatch):
    monkeypatch.setenv("SOCIALSENSE_MODE", "faithful")
    done = run("rank", "demo.reef", SAMPLES[0])
    assert done.returncode == 0, done.stderr
    assert "points" in done.stdout
    assert "Photo: ×" not in done.stdout


def test_bad_photos_are_named_and_the_others_ranked(run, tmp_path):
    bad = tmp_path / "broken.jpg"
    bad.write_bytes(b"no picture")
    done = run("rank", "demo.reef", str(bad), str(tmp_path / "missing.jpg"), SAMPLES[0])
    assert done.returncode == 0
    assert "broken.jpg" in done.stderr
    assert "missing.jpg" in done.stderr
    assert "Best set" in done.stdout


def test_only_bad_photos_is_an_error(run, tmp_path):
    bad = tmp_path / "broken.jpg"
    bad.write_bytes(b"no picture")
    done = run("rank", "demo.reef", str(bad))
    assert done.returncode == 1
    assert "None of the photos could be read" in done.stderr


@pytest.mark.parametrize(
    ("handle", "expected"),
    [
        ("nobody.at.all", "Nothing is stored about @nobody.at.all"),
        ("demo.private", "private account"),
        ("a b", "cannot be an Instagram handle"),
    ],
)
def test_a_handle_of_no_use_says_why(run, handle, expected):
    done = run("rank", handle, SAMPLES[0])
    assert done.returncode == 1
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_no_followers_still_ranks_photos_and_hashtags(run):
    done = run("rank", "demo.newcomer", *SAMPLES[:2])
    assert done.returncode == 0
    assert "Best set: #" in done.stdout
    assert "no followers" in done.stderr


def test_status_and_demo(run):
    filled = run("demo")
    assert filled.returncode == 0, filled.stderr
    assert "simulated engagement" in filled.stdout
    done = run("status", "--json")
    status = json.loads(done.stdout)
    assert status["stored"]["posts"] > 200
    assert {"handle", "followers", "source"} <= status["profiles"][0].keys()
    assert "@demo.reef" in run("status").stdout
    again = run("demo")
    assert again.stdout == filled.stdout  # filling twice duplicates nothing


def test_status_names_no_account_that_nobody_asked_for(run, folder):
    settings = Settings(data_dir=folder)
    with Store.open(settings.store_url, settings.images_dir) as store:
        store.put_profile(a_profile("some.one", source="browser"))
    said = [run("status").stdout, run("status", "--json").stdout]
    assert "And 1 account behind top posts" in said[0]
    assert "some.one" not in "".join(said)


def test_an_unreachable_store_is_explained_without_its_password(run, monkeypatch):
    monkeypatch.setenv(
        "SOCIALSENSE_DATABASE_URL", "postgresql+psycopg://me:s3cret@127.0.0.1:9/none"
    )
    done = run("status")
    assert done.returncode == 1
    assert "s3cret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_settings_are_explained(run, monkeypatch):
    monkeypatch.setenv("SOCIALSENSE_TOP_POSTS", "many")
    done = run("status")
    assert done.returncode == 1
    assert "SOCIALSENSE_TOP_POSTS" in done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_model_names_the_choices(run, monkeypatch):
    monkeypatch.setenv("SOCIALSENSE_EMBEDDER", "psychic")
    done = run("rank", "demo.reef", SAMPLES[0])
    assert done.returncode == 1
    assert "siamese" in done.stderr


def test_training_and_measuring_ask_for_one_kind_of_photos(run, tmp_path):
    for arguments in (
        ("train", "similarity"),
        ("evaluate", "similarity", "--store", "--data", str(tmp_path)),
        ("evaluate", "hashtags"),
    ):
        done = run(*arguments)
        assert done.returncode == 1
        assert "either --data DIR or --store" in done.stderr


def test_hashtags_are_judged_on_a_folder_of_accounts(run, tmp_path):
    post = {"likes": 100, "comments": None, "followers": 5000}
    rows = [
        post | {"account": f"a{n}", "date": f"2017-01-{day:02}T12:00Z", "hashtags": [f"t{n % 30}"]}
        for n in range(60)
        for day in range(1, 9)
    ]
    (tmp_path / "posts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    done = run("evaluate", "hashtags", "--data", str(tmp_path))
    assert done.returncode == 0, done.stderr
    (own,) = (line for line in done.stdout.splitlines() if "own history" in line)
    assert "1.000 (1.000 to 1.000)" in own
    assert "without pictures the nearest photos are left out" in " ".join(done.stdout.split())
    report = json.loads(run("evaluate", "hashtags", "--data", str(tmp_path), "--json").stdout)
    assert report["ways"]["socialsense"]["recall"]["value"] == 1


def test_too_few_collected_posts_to_measure_on_are_explained(run):
    assert run("demo").returncode == 0
    done = run("evaluate", "similarity", "--store")
    assert done.returncode == 1
    assert "Too few photos to measure on" in done.stderr


def test_a_popularity_model_without_weights_is_replaced_and_that_is_said(
    run, monkeypatch, tmp_path
):
    usual = run("rank", "demo.reef", *SAMPLES[:2], "--json")
    monkeypatch.setenv("SOCIALSENSE_POPULARITY", "intrinsic")
    monkeypatch.setenv("SOCIALSENSE_INTRINSIC_WEIGHTS", str(tmp_path / "none.pth"))
    done = run("rank", "demo.reef", *SAMPLES[:2], "--json")
    assert done.returncode == 0
    assert done.stdout == usual.stdout
    assert "weights of popularity/intrinsic are missing" in done.stderr
    assert f"default model, {DEFAULT_POPULARITY}, ranks" in done.stderr


def test_models_says_what_is_there_and_what_is_not(run, monkeypatch, tmp_path):
    path = tmp_path / "mine.pth"
    monkeypatch.setenv("SOCIALSENSE_INTRINSIC_WEIGHTS", str(path))
    found = {(m["kind"], m["name"]): m for m in json.loads(run("models", "--json").stdout)}
    engagement = ("engagement", "calibrated")
    listed = {(k, n) for k in ("embedders", "popularity") for n in parts.names(k)}
    assert set(found) == {*listed, engagement}
    used = {key for key, model in found.items() if model["in_use"]}
    assert used == {("embedders", "hashtag"), ("popularity", DEFAULT_POPULARITY), engagement}
    for (kind, name), model in found.items():
        card = ROOT / "models" / kind / name / "card.json"
        if card.exists():
            assert model["sha256"] == json.loads(card.read_text())["weights_sha256"]
            assert model["licence"] == json.loads(card.read_text())["licence"]
    assert found["embedders", "color"]["weights"] is None
    missing = found["popularity", "intrinsic"]
    assert (missing["weights"], missing["present"], missing["sha256"]) == (str(path), False, None)
    assert "model/model-resnet50.pth" in missing["published"]
    path.write_bytes(b"anything")
    said = run("models").stdout
    assert sha256_of(b"anything")[:12] in said
    assert str(path) in said
    assert missing["published"] in said


def test_in_faithful_mode_the_calibrated_engagement_model_is_not_in_use(run, monkeypatch):
    monkeypatch.setenv("SOCIALSENSE_MODE", "faithful")
    found = {m["kind"]: m for m in json.loads(run("models", "--json").stdout)}
    assert found["engagement"]["present"]
    assert not found["engagement"]["in_use"]
