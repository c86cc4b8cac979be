"""Where settings come from, and what is said about wrong ones."""

import msgspec
import pytest

from mainstay.kernel.problems import Invalid
from mainstay.settings import (
    FIELDS,
    expects,
    load,
    masked_url,
    means,
    told,
    traced,
    variable,
)


def test_every_setting_says_what_it_means_and_takes():
    for name in FIELDS:
        assert means(name).endswith("."), name
        assert expects(name), name


def test_later_sources_win(tmp_path):
    file = tmp_path / "mainstay.toml"
    file.write_text('port = 1001\nhost = "192.0.2.1"\nlog_level = "error"\n')
    env = {"MAINSTAY_PORT": "1002", "MAINSTAY_LOG_LEVEL": "debug"}
    settings, sources = traced({"port": 1003}, env, file)
    assert (settings.port, settings.host, settings.log_level) == (1003, "192.0.2.1", "debug")
    assert sources == {
        "port": "command line",
        "host": str(file),
        "log_level": "MAINSTAY_LOG_LEVEL",
    }
    assert settings.base_url == "http://192.0.2.1:1003"


def test_the_file_may_be_named_by_the_environment(tmp_path):
    file = tmp_path / "other.toml"
    file.write_text("trusted_proxies = ['10.0.0.1']\nrun_jobs = false\n")
    settings = load({}, {"MAINSTAY_CONFIG": str(file)})
    assert settings.trusted_proxies == ("10.0.0.1",)
    assert settings.run_jobs is False


def test_own_variable_wins_over_the_common_one():
    common = {"DATABASE_URL": "postgresql://a@b/c"}
    assert load({}, common).database_url == "postgresql://a@b/c"
    both = common | {"MAINSTAY_DATABASE_URL": "mine.db"}
    assert load({}, both).database_url == "mine.db"


def test_a_fresh_clone_has_everything_in_one_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load({}, {})
    assert settings.data_dir == str(tmp_path / "var")
    assert settings.database_url == f"sqlite:///{tmp_path / 'var' / 'mainstay.db'}"
    assert settings.audit_anchor == str(tmp_path / "var.seal.json")
    assert not settings.production
    assert settings.on_sqlite


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"MAINSTAY_PRT": "1"}, ("MAINSTAY_PRT", "did you mean MAINSTAY_PORT")),
        ({"MAINSTAY_PORT": "abc"}, ("MAINSTAY_PORT", "'abc'", "between 0 and 65535")),
        ({"MAINSTAY_PORT": "70000"}, ("MAINSTAY_PORT", "'70000'")),
        ({"MAINSTAY_ENVIRONMENT": "prod"}, ("development, production", "'prod'")),
        ({"MAINSTAY_RUN_JOBS": "maybe"}, ("MAINSTAY_RUN_JOBS", "true or false")),
        ({"MAINSTAY_WORKERS": "2"}, ("MAINSTAY_WORKERS", "PostgreSQL")),
        ({"MAINSTAY_BASE_URL": "work.example"}, ("MAINSTAY_BASE_URL", "https://")),
        ({"MAINSTAY_SMTP_URL": "mail:25"}, ("MAINSTAY_SMTP_URL", "smtp://")),
    ],
)
def test_a_wrong_setting_names_itself_its_value_and_the_remedy(env, words):
    with pytest.raises(Invalid) as caught:
        load({}, env)
    for word in words:
        assert word in caught.value.detail
    assert "short" not in caught.value.detail


def test_every_mistake_is_told_at_once():
    with pytest.raises(Invalid) as caught:
        load({}, {"MAINSTAY_PORT": "x", "MAINSTAY_HOSTT": "y", "MAINSTAY_WORKERS": "z"})
    assert len(caught.value.errors) == 3


def test_unknown_keys_and_broken_files_are_refused(tmp_path):
    file = tmp_path / "mainstay.toml"
    file.write_text("prot = 1\n")
    with pytest.raises(Invalid, match="did you mean port"):
        load({}, {}, file)
    file.write_text("port = = 1\n")
    with pytest.raises(Invalid, match="cannot be read"):
        load({}, {}, file)
    with pytest.raises(Invalid, match="No such file"):
        load({}, {}, tmp_path / "none.toml")


def test_variables_of_tests_and_empty_ones_are_no_settings():
    env = {"MAINSTAY_TEST_OWNER": "1", "MAINSTAY_FUZZ_EXAMPLES": "9", "MAINSTAY_PORT": ""}
    assert load({}, env).port == 8000


def test_several_workers_need_postgresql():
    assert load({"workers": 3}, {"DATABASE_URL": "postgresql://a/b"}).workers == 3


def test_secrets_are_masked():
    url = "postgresql://ann:hunter2@db.example:5432/work?x=1"
    assert masked_url(url) == "postgresql://ann:•••@db.example:5432/work?x=1"
    assert masked_url("smtp://host:25") == "smtp://host:25"
    shown = told(*traced({"database_url": url}, {}))
    text = msgspec.json.encode(shown).decode()
    assert "hunter2" not in text


def test_variables_are_named_after_the_settings():
    assert variable("log_level") == "MAINSTAY_LOG_LEVEL"
